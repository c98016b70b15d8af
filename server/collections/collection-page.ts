import type { Pool } from 'pg';
import { renderMarkdown } from '../lib/markdown.ts';
import { collectionPath } from '../lib/slug.ts';
import { isEducator, type Viewer } from '../lib/viewer.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import { lastPage } from '../search/search-port.ts';
import { filterChips } from '../search/search-readings.ts';
import type { SearchDeps } from '../search/search-service.ts';
import { strictSearch, type StrictSearch } from '../search/strict-search.ts';
import { pager } from '../web/pager.ts';
import { may, mayClose, mayFeature } from './collection-policy.ts';
import { loadCollection, type LoadedCollection } from './collection-queries.ts';
import type { CollectionEntry, CollectionPage, CollectionPart, RuleWords } from './collection-view.ts';
import { collectionContents, type CollectionContents, type ItemRow } from './item-queries.ts';

/** Items on a page that is read on a screen. */
const PER_PAGE = 20;
/** So many hits of a rule are printed and taken; what is put together by hand is taken whole. */
const MOST_HITS_TAKEN = 100;

export interface PageDeps extends SearchDeps {
  config: { baseUrl: string };
}
export interface Locale {
  t: Translate;
  fmt: Format;
}

/** What stands on one page of a collection for a viewer, or on all of them. */
export interface ReadCollection {
  collection: LoadedCollection;
  contents: CollectionContents;
  /** Everything that they may see in it. */
  total: number;
  /** By hand, in order. */
  items: ItemRow[];
  /** Found by the rule, behind them. */
  hits: string[];
  cards: Map<string, ResourceCard>;
  page: number;
  pages: number;
  search: StrictSearch | null;
}

/**
 * Reads a page of a collection for whoever may see it; `page` null: all that is printed and taken. A rule is one search.
 * A page behind the last one is the last one.
 * @throws 503 when no engine answers for a rule
 */
export async function readCollection(
  deps: SearchDeps,
  viewer: Viewer,
  collection: LoadedCollection,
  page: number | null,
): Promise<ReadCollection> {
  const contents = await collectionContents(deps.pool, viewer, collection.id);
  const read = collection.rule === null ? null : await runRule(deps, viewer, collection.rule, contents, page);
  const found = read?.answer.total ?? 0;
  const byHand = contents.items;
  const pages = read ? lastPage(found, PER_PAGE) : Math.max(1, Math.ceil(byHand.length / PER_PAGE));
  const shown = Math.min(page ?? 1, pages);
  const items =
    page === null
      ? byHand
      : read
        ? shown === 1
          ? byHand
          : []
        : byHand.slice((shown - 1) * PER_PAGE, shown * PER_PAGE);
  const hits = read?.answer.ids ?? [];
  const cards = await resourceCards(deps.pool, viewer, [...items.map((item) => item.resourceId), ...hits]);
  return {
    collection,
    contents,
    total: byHand.length + found,
    items,
    hits,
    cards,
    page: shown,
    pages,
    search: read,
  };
}

async function runRule(
  deps: SearchDeps,
  viewer: Viewer,
  rule: string,
  { items, outIds }: CollectionContents,
  page: number | null,
): Promise<StrictSearch> {
  const without = [...items.map((item) => item.resourceId), ...outIds];
  const perPage = page === null ? MOST_HITS_TAKEN : PER_PAGE;
  return strictSearch(deps, viewer, rule, { page: page ?? 1, perPage, without });
}

/** The items that are shown, under their headings; what a rule finds comes last. */
function partsOf({ contents, items, hits, cards }: ReadCollection): CollectionPart[] {
  const entry = (resourceId: string, note: string): CollectionEntry[] => {
    const card = cards.get(resourceId);
    return card ? [{ ...card, found: null, why: null, note: renderMarkdown(note) }] : [];
  };
  const inSection = (sectionId: string | null) =>
    items.filter((item) => item.sectionId === sectionId).flatMap((item) => entry(item.resourceId, item.note));
  return [
    { id: null, title: null, items: inSection(null) },
    ...contents.sections.map(({ id, title }) => ({ id, title, items: inSection(id) })),
    { id: 'rule', title: null, items: hits.flatMap((id) => entry(id, '')) },
  ].filter((part) => part.items.length > 0);
}

/** What a rule asks for, in words. */
export function ruleWords({ params, understood }: StrictSearch, rule: string, { t, fmt }: Locale): RuleWords {
  const words = { t, fmt, vocabularies: understood.vocabularies, names: understood.names };
  return { words: params.q, chips: filterChips(params, understood, words), searchUrl: rule };
}

/** The props of a collection's page and of the one to print. */
export async function collectionPage(
  deps: PageDeps,
  viewer: Viewer,
  read: ReadCollection,
  { locale, key }: { locale: Locale; key: string | undefined },
): Promise<CollectionPage> {
  const { collection, search } = read;
  const { id } = collection;
  const { t } = locale;
  const title = titleOf(collection, t);
  const byKey = collection.relation === 'link' ? (key ?? null) : null;
  const withKey = (path: string): string =>
    byKey === null ? path : `${path}${path.includes('?') ? '&' : '?'}key=${encodeURIComponent(byKey)}`;
  const url = collectionPath(id, collection.title);
  const taken = Math.min(read.total, read.contents.items.length + (search ? MOST_HITS_TAKEN : 0));
  const signedIn = isEducator(viewer);
  const mayEdit = may('arrange', collection.relation, collection);
  return {
    id,
    title,
    language: collection.language,
    kind: collection.kind,
    visibility: collection.visibility,
    featured: collection.featured,
    description: renderMarkdown(collection.description),
    owner: collection.ownerName,
    organization: { label: collection.organizationName, url: collection.organizationUrl },
    copiedFrom: collection.copied && {
      title: collection.copied.title,
      owner: collection.copied.owner,
      url: await originalUrl(deps.pool, viewer, collection.copied.id),
    },
    updatedAt: collection.updatedAt,
    total: read.total,
    parts: partsOf(read),
    rule: search && {
      ...ruleWords(search, collection.rule ?? '', locale),
      shown: search.answer.total,
      engineNotice: search.answer.engineNotice,
    },
    pager: pager(read.page, read.pages, (page) => withKey(page === 1 ? url : `${url}?page=${page}`)),
    taken,
    actions: {
      zipUrl: read.total > 0 ? withKey(`/collections/${id}/files.zip`) : null,
      printUrl: read.total > 0 ? withKey(`/collections/${id}/print`) : null,
      searchUrl: read.total > 5 && byKey === null ? `/search?collection=${id}` : null,
      editUrl: mayEdit ? `/collections/${id}/edit` : null,
      copyUrl: signedIn && may('copy', collection.relation, collection) ? `/collections/${id}/copy` : null,
      key: byKey,
      signInUrl: signedIn ? null : `/sign-in?next=${encodeURIComponent(withKey(url))}`,
      featureUrl: mayFeature(viewer, collection) ? `/collections/${id}/feature` : null,
      closeUrl: mayClose(viewer, collection) ? `/collections/${id}/close` : null,
      leaveUrl:
        signedIn && collection.relation === 'editor'
          ? `/collections/${id}/editors/${viewer.id}/remove`
          : null,
    },
    permalink: deps.config.baseUrl + withKey(`/collections/${id}`),
  };
}

/** What people call it; what was saved has no title of its own. */
export const titleOf = ({ kind, title }: Pick<LoadedCollection, 'kind' | 'title'>, t: Translate): string =>
  kind === 'saved' ? t('collections.saved') : title;

async function originalUrl(pool: Pool, viewer: Viewer, id: string | null): Promise<string | null> {
  if (id === null) return null;
  const original = await loadCollection(pool, viewer, id, 'see').catch(() => null);
  return original && collectionPath(id, original.title);
}
