import { publicViewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import { changed, searchUrl } from './search-address.ts';
import { answerSearch } from './search-page.ts';
import type { SearchParams } from './search-schema.ts';
import type { SearchDeps } from './search-service.ts';

const ENTRIES = 50;

/**
 * A search as an Atom feed (RFC 4287), the newest first. Readers of feeds don't sign in, so it holds what everyone may
 * see, whoever asks.
 * @throws 503 when no engine answers
 */
export async function searchFeed(
  deps: SearchDeps & { config: { baseUrl: string } },
  { t, stateName }: { t: Translate; stateName: string },
  params: SearchParams,
): Promise<string> {
  const asked = changed(params, { sort: 'newest', collection: null });
  const { answer } = await answerSearch(deps, publicViewer, { params: asked, faults: [], perPage: ENTRIES });
  const cards = await resourceCards(deps.pool, publicViewer, answer.ids);
  const { rows } = await deps.pool.query<{ id: string; published_at: Date }>(
    'SELECT id, published_at FROM resource WHERE id = ANY ($1::uuid[])',
    [answer.ids],
  );
  const dates = new Map(rows.map((row) => [row.id, row.published_at]));
  const shown = answer.ids.flatMap((id) => {
    const card = cards.get(id);
    const published = dates.get(id);
    return card && published ? [{ card, published }] : [];
  });
  const { baseUrl } = deps.config;
  const self = baseUrl + searchUrl(asked, '/search.atom');
  const title = params.q === '' ? t('search.all') : params.q;
  const updated = shown.reduce((latest, { published }) => Math.max(latest, published.getTime()), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${xml(self)}</id>`,
    `<title>${xml(`${title} – ${stateName} ${t('site.name')}`)}</title>`,
    `<updated>${new Date(updated).toISOString()}</updated>`,
    `<link rel="self" type="application/atom+xml" href="${xml(self)}"/>`,
    `<link rel="alternate" type="text/html" href="${xml(baseUrl + searchUrl(asked))}"/>`,
    ...shown.map(({ card, published }) => entry(card, published, baseUrl)),
    '</feed>\n',
  ].join('\n');
}

const entry = (card: ResourceCard, published: Date, baseUrl: string): string =>
  [
    `<entry xml:lang="${xml(card.language)}">`,
    `<id>urn:uuid:${card.id}</id>`,
    `<title>${xml(card.title)}</title>`,
    `<updated>${published.toISOString()}</updated>`,
    `<link rel="alternate" type="text/html" href="${xml(baseUrl + card.url)}"/>`,
    `<author><name>${xml(card.authors || card.organization.label)}</name></author>`,
    ...(card.summary ? [`<summary>${xml(card.summary)}</summary>`] : []),
    '</entry>',
  ].join('\n');

/** Text in XML 1.0: what has a meaning there is escaped, what can't stand there is left out. */
const xml = (text: string): string =>
  text
    .toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
