import type { FieldFault } from '../errors.ts';
import { audiencesOf, hasRole, isEducator, type Viewer } from '../lib/viewer.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { pager } from '../web/pager.ts';
import { facetsView, type FacetWords } from './facet-view.ts';
import { findInside, type FoundPlace } from './found-inside.ts';
import { collectionMembers, type SearchedCollection } from './collection-members.ts';
import { nothingFound } from './nothing-found.ts';
import { savedAs } from './saved-search-queries.ts';
import { withPresentDistricts } from './former-districts.ts';
import { changed, keptAddress, searchFields, searchUrl } from './search-address.ts';
import { FACETS, lastPage, searchFilters, type SearchFilters, type SearchRequest } from './search-port.ts';
import { whyHere } from './ranking/explain.ts';
import { widened, type RunSearch } from './search-widening.ts';
import { SORTS, type SearchParams } from './search-schema.ts';
import { wishesOf, wordsOf } from './search-wishes.ts';
import { searchResources, type RankWishes, type SearchAnswer, type SearchDeps } from './search-service.ts';
import { filterChips, readings } from './search-readings.ts';
import { understand, withoutReadings, type UnderstoodSearch } from './search-understanding.ts';
import type { ActiveFilter, FoundInside, SearchHit, SearchPage } from './search-view.ts';

const PER_PAGE = 20;

/** A search and everything that was found out about it, for a page or for the API. */
export interface AnsweredSearch {
  params: SearchParams;
  understood: UnderstoodSearch;
  request: SearchRequest;
  answer: SearchAnswer;
  /** Some hits lack words, and so many have all of them; null: all have, or none. */
  full: number | null;
  /** The last page. */
  pages: number;
  faults: FieldFault[];
  /** Within which was searched; null: within all, or there is no such collection. */
  collection: SearchedCollection | null;
}

/**
 * Understands a search and runs it for a viewer. A page behind the last one becomes the last one, with a fault that
 * says so. A collection that the viewer may not see is empty.
 * @throws 503 when no engine answers
 */
export async function answerSearch(
  deps: SearchDeps,
  viewer: Viewer,
  asked: { params: SearchParams; faults: FieldFault[]; perPage?: number; within?: string[] },
): Promise<AnsweredSearch> {
  const params = await withPresentDistricts(deps.pool, asked.params);
  const perPage = asked.perPage ?? PER_PAGE;
  const [understood, collection] = await Promise.all([
    understand(deps.pool, params, { audience: audiencesOf(viewer), educator: isEducator(viewer) }),
    params.collection === null ? null : collectionMembers(deps, viewer, params.collection),
  ]);
  const within = params.collection === null ? (asked.within ?? null) : (collection?.ids ?? []);
  const request: SearchRequest = {
    ...wordsOf(understood),
    filters: understood.filters,
    within,
    sort: params.sort,
    page: params.page,
    perPage,
    facets: FACETS,
    audience: audiencesOf(viewer),
    educator: isEducator(viewer),
  };
  const wishes = wishesOf(params, understood, request);
  const first: RunSearch = {
    understood,
    request,
    answer: await searchResources(deps, request, wishes),
    full: null,
  };
  const asWords = await askedAsWords(deps, params, first, wishes);
  const narrow = { first, run: asWords ?? first };
  const {
    understood: meant,
    request: used,
    answer,
    full,
  } = within === null ? await widened(deps, params, narrow, wishes) : narrow.run;
  const pages = lastPage(answer.total, perPage);
  const { faults } = asked;
  const done = { params, understood: meant, request: used, answer, full, pages, faults, collection };
  if (params.page <= pages) return done;
  const fault: FieldFault = { field: 'page', key: 'search.fault.page', params: { page: params.page } };
  const last = { ...used, page: pages };
  return {
    ...done,
    params: { ...params, page: pages },
    request: last,
    answer: await searchResources(deps, last, wishes),
    faults: [...asked.faults, fault],
  };
}

/**
 * When words that were read as filters leave nothing, or only hits with some of the other words, they are asked for as
 * words once. Null: that is no better.
 */
async function askedAsWords(
  deps: SearchDeps,
  params: SearchParams,
  { understood, request, answer }: RunSearch,
  wishes: RankWishes,
): Promise<RunSearch | null> {
  if (understood.readings.length === 0 || (answer.total > 0 && !answer.relaxed)) return null;
  const plain = withoutReadings(params, understood);
  const again = { ...request, ...wordsOf(plain), filters: plain.filters };
  const found = await searchResources(deps, again, wishes);
  const isBetter = found.total > 0 && (answer.total === 0 || !found.relaxed);
  return isBetter ? { understood: plain, request: again, answer: found, full: null } : null;
}

/** `explain`: staff see why hits stand where they do. Gives the props of `search/index`, the page's title, and the milliseconds that the engine needed. */
export async function searchPage(
  deps: SearchDeps,
  viewer: Viewer,
  locale: { t: Translate; fmt: Format },
  asked: { params: SearchParams; faults: FieldFault[]; explain?: boolean },
): Promise<{ props: SearchPage; title: string; tookMs: number }> {
  const answered = await answerSearch(deps, viewer, asked);
  const { params, understood, request, answer, pages } = answered;
  const { t } = locale;
  // What points are given for is of use to staff, and an invitation to others.
  const explain = asked.explain === true && hasRole(viewer, 'curator', 'lead', 'admin');
  const shownFilters: SearchFilters = {
    ...params.filters,
    standard: understood.standards.flatMap((one) => one.standards.map(({ guid }) => guid)),
  };
  const [cards, places, kept] = await Promise.all([
    resourceCards(deps.pool, viewer, answer.ids),
    findInside(deps.pool, { ...request, ids: answer.ids }),
    viewer.id === null ? null : savedAs(deps.pool, viewer.id, keptAddress(params)),
  ]);
  const words: FacetWords = { ...locale, vocabularies: understood.vocabularies, names: understood.names };
  const hits = answer.ids.flatMap((id): SearchHit[] => {
    const card = cards.get(id);
    const ranked = explain ? answer.ranked.find((one) => one.id === id) : undefined;
    return card
      ? [
          {
            ...card,
            found: foundInside(places.get(id), card.url),
            why: ranked ? whyHere(ranked, locale) : null,
          },
        ]
      : [];
  });
  const first = (params.page - 1) * request.perPage;
  const fields = searchFields({ ...params, page: 1 });
  const text = params.q === '' ? t('search.all') : params.q;
  const filters = filterChips(params, understood, words);
  const props: SearchPage = {
    query: params.q,
    total: answer.total,
    from: hits.length > 0 ? first + 1 : 0,
    to: hits.length > 0 ? first + answer.ids.length : 0,
    hits,
    understood: readings(params, understood, words),
    noCode:
      understood.unknown.find(({ text, value }) => value === null && text === params.q.trim())?.text ?? null,
    relaxed: answer.relaxed ? { full: answered.full ?? 0 } : null,
    didYouMean: didYouMean(answered),
    filters,
    collection: answered.collection && {
      title: answered.collection.title,
      url: answered.collection.url,
      removeUrl: searchUrl(changed(params, { collection: null })),
    },
    clearUrl: searchUrl(changed(params, { filters: searchFilters(), collection: null })),
    facets: facetsView(answer.facets, shownFilters, words),
    filterHidden: hidden(fields.filter(([name]) => !(FACETS as readonly string[]).includes(name))),
    sortHidden: hidden(fields.filter(([name]) => name !== 'sort')),
    sort: params.sort,
    sorts: [...SORTS],
    pager: pager(params.page, pages, (page) => searchUrl({ ...params, page })),
    nothing:
      answer.total === 0 ? await nothingFound(deps, { params, understood, request, viewer, words }) : null,
    errors: fieldErrors(t, answered.faults),
    engineNotice: answer.engineNotice && hasRole(viewer, 'curator', 'lead', 'admin'),
    unexplained: explain && hits.length > 0 && answer.ranked.length === 0,
    apiUrl: searchUrl(params, '/api/v1/resources'),
    feedUrl: searchUrl(changed(params, { sort: 'best', collection: null }), '/search.atom'),
    keep:
      viewer.id === null
        ? null
        : {
            search: keptAddress(params).replace(/^[^?]*\??/, ''),
            name: kept?.name ?? nameOf(params.q, filters),
            mail: kept?.mail ?? 'weekly',
            kept: kept !== null,
          },
  };
  const title =
    params.page > 1
      ? t('search.titlePage', { query: text, page: params.page, pages })
      : t('search.title', { query: text });
  return { props, title, tookMs: answer.tookMs };
}

const hidden = (fields: [string, string][]) => fields.map(([name, value]) => ({ name, value }));

function foundInside(place: FoundPlace | undefined, resourceUrl: string): FoundInside | null {
  if (!place) return null;
  const { file, page, language, snippet } = place;
  return {
    fileName: file?.name ?? null,
    page,
    url: file ? `/files/${file.id}/pages${page === null ? '' : `#page-${page}`}` : resourceUrl,
    language,
    snippet,
  };
}

/** The query with its misspelled words mended; the hits are those of the mended words already. */
function didYouMean({ params, understood, answer }: AnsweredSearch): SearchPage['didYouMean'] {
  const used = new Map(answer.total === 0 ? [] : answer.corrected.map((one) => [one.typed, one.used]));
  const ofEngine: { typed: string; literal: string }[] = [];
  const text = understood.text.replaceAll(
    /[\p{L}\p{N}\p{M}]+/gu,
    (word: string, at: number, whole: string) => {
      const meant = used.get(withoutAccents(word));
      if (meant === undefined) return word;
      ofEngine.push({
        typed: word,
        literal: `${whole.slice(0, at)}"${word}"${whole.slice(at + word.length)}`,
      });
      return meant;
    },
  );
  if (text === params.q) return null;
  return {
    text,
    url: searchUrl(changed(params, { q: text })),
    count: null,
    asTyped: [...understood.mended, ...ofEngine].map(({ typed, literal }) => ({
      label: typed,
      url: searchUrl(changed(params, { q: literal })),
    })),
  };
}

const withoutAccents = (word: string): string =>
  word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** What a search is called as long as nobody names it: its words and filters, so that two with the same words can be told apart. */
const nameOf = (q: string, filters: readonly ActiveFilter[]): string =>
  [q, ...filters.map(({ label }) => label)]
    .filter((part) => part !== '')
    .join(', ')
    .slice(0, 120);
