import type { Deps } from '../deps.ts';
import { fileSign } from '../files/file-label.ts';
import { renderMarkdown } from '../lib/markdown.ts';
import { resourcePath } from '../lib/slug.ts';
import { checkSign } from '../resources/check-sign.ts';
import { noticesOf } from '../notices/notice-queries.ts';
import { noticeItems } from '../notices/notice-view.ts';
import { pageImage, resourceCards } from '../resources/resource-card-queries.ts';
import { smallestGroup } from '../resources/small-groups.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { savedSearches } from '../search/saved-search-queries.ts';
import { contextOf, page } from '../web/page.ts';
import { educatorOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { shelfFacts, type MyRow } from './shelf-queries.ts';
import type { MyResource, Reuse, ShelfPage } from './shelf-view.ts';

/** So many notices are shown; the rest have a page of their own. */
const NOTICES = 8;

/** `/shelf`: my drafts, what I published and withdrew, what I saved, and what colleagues did with mine. */
export function shelfRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();
  routes.get('/shelf', signedIn, async (_req, res) => {
    const viewer = educatorOf(res);
    const { t } = contextOf(res);
    const [facts, searches, unseen] = await Promise.all([
      shelfFacts(pool, viewer),
      savedSearches(pool, viewer.id),
      noticesOf(pool, viewer, { which: 'unseen', limit: 100 }),
    ]);
    const cards = await resourceCards(pool, viewer, facts.saved);
    const published = facts.mine.filter((row) => row.state === 'published');
    const props: ShelfPage = {
      notices: { items: noticeItems(t, unseen.slice(0, NOTICES)), unseen: unseen.length },
      drafts: facts.mine
        .filter(
          (row) =>
            row.state === 'draft' ||
            row.state === 'submitted' ||
            (row.state === 'published' && row.draft_at !== null),
        )
        .map((row) => ({ ...myResource(row), on: new Date(row.draft_at ?? Date.now()), reuse: null })),
      published: published.map(myResource),
      withdrawn: facts.mine.filter((row) => row.state === 'withdrawn').map(myResource),
      saved: facts.saved.flatMap((id) => {
        const card = cards.get(id);
        return card ? [{ ...shelfItem(card), saveUrl: `/resources/${id}/save` }] : [];
      }),
      searches: searches.slice(0, 10).map(({ name, address, mail }) => ({ name, url: address, mail })),
      reuse: facts.mine.some((row) => row.number !== null) ? sumOf(facts.mine) : null,
      byDistrict: facts.by_district.map(({ slug, ...counts }) => ({
        ...counts,
        url: `/districts/${slug ?? ''}`,
      })),
      notes: facts.notes.map(({ id, ...note }) => ({
        ...note,
        on: new Date(note.on),
        url: resourcePath(id, note.title),
      })),
      adaptations: facts.adaptations.map(({ id, ...row }) => ({
        ...row,
        url: resourcePath(id, row.title),
        on: row.on === null ? null : new Date(row.on),
        note: row.note || null,
      })),
    };
    page(res, 'shelf/index', props, { title: t('shelf.title'), robots: 'none' });
  });
  return routes.router;
}

function myResource(row: MyRow): MyResource {
  const base = `/resources/${row.id}`;
  const editable = row.state !== 'purged' && !row.takedown;
  return {
    id: row.id,
    title: row.title,
    language: row.language,
    url:
      row.state === 'published' || row.state === 'withdrawn'
        ? resourcePath(row.id, row.title)
        : `${base}/edit`,
    thumb: row.thumb && pageImage(row.thumb),
    kind: row.main_kind ? fileSign(row.main_kind) : row.url ? 'link' : 'document',
    type: row.type,
    visibility: row.visibility,
    check: checkSign(row),
    version: row.number ?? 1,
    on: new Date(row.withdrawn_at ?? row.published_at ?? row.draft_at ?? Date.now()),
    draftUrl: editable && row.draft_at !== null ? `${base}/edit` : null,
    editUrl: editable ? `${base}/edit` : null,
    withdrawUrl: row.state === 'published' ? `${base}/withdraw` : null,
    restoreUrl: row.state === 'withdrawn' && !row.takedown ? `${base}/restore` : null,
    discardUrl: editable && row.draft_at !== null ? `${base}/discard` : null,
    reuse: row.number === null ? null : reuseOf(row),
    checksUrl: row.talked || row.number !== null ? `${base}/checks` : null,
    mend: row.check_state === 'returned' ? renderMarkdown(row.check_note ?? '') : null,
  };
}

/** Fewer than five people are not counted in public; one's own total says "fewer than five" by saying nothing. */
const reuseOf = ({
  opened,
  taken,
  used,
  adapted,
}: Pick<MyRow, 'opened' | 'taken' | 'used' | 'adapted'>): Reuse => ({
  opened,
  taken,
  used: used >= smallestGroup || used === 0 ? used : null,
  adapted,
});

const sumOf = (rows: MyRow[]): Reuse =>
  reuseOf(
    rows.reduce(
      (sum, row) => ({
        opened: sum.opened + row.opened,
        taken: sum.taken + row.taken,
        used: sum.used + row.used,
        adapted: sum.adapted + row.adapted,
      }),
      { opened: 0, taken: 0, used: 0, adapted: 0 },
    ),
  );
