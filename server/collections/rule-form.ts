import { z } from 'zod';
import { PortalError } from '../errors.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { facetsView, type FacetWords } from '../search/facet-view.ts';
import { FACETS, searchFilters } from '../search/search-port.ts';
import { paramsOfAddress } from '../search/search-address.ts';
import { filterChips } from '../search/search-readings.ts';
import { readSearch, SORTS, type SearchParams } from '../search/search-schema.ts';
import { searchResources, type SearchDeps } from '../search/search-service.ts';
import { understand, type UnderstoodSearch } from '../search/search-understanding.ts';
import { frozenSearch, strictSearch } from '../search/strict-search.ts';
import type { Locale } from './collection-page.ts';
import type { RuleForm, RulePreview } from './collection-view.ts';

/** So many of what a rule finds are shown before it is saved. */
const SHOWN = 8;

const typed = z.object({
  q: z.string().max(1000).catch(''),
  'kept-words': z.string().max(1000).catch(''),
  standards: z.string().max(4000).catch(''),
});

/** A rule as it was chosen in its form: the same parameters as a search has, and codes in one field. */
export function ruleOfForm(body: unknown): SearchParams {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { q, 'kept-words': kept, standards } = typed.parse(given);
  const standard = standards
    .split(/[,;\n]+/)
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const { params } = readSearch({ ...given, q, standard, page: undefined, collection: undefined });
  // What was read from them once isn't read again.
  return params.q !== '' && params.q === kept.trim() ? { ...params, literal: true } : params;
}

/** What was read of a rule, with what it is kept as. */
export interface ReadRule {
  address: string;
  params: SearchParams;
  understood: UnderstoodSearch;
}

/**
 * Reads a rule: codes and words that mean filters become filters.
 * @throws 422 when it is longer than can be kept
 */
export async function readRule(
  { pool }: Pick<SearchDeps, 'pool'>,
  viewer: Viewer,
  params: SearchParams,
): Promise<ReadRule> {
  const understood = await understand(pool, params, {
    audience: audiencesOf(viewer),
    educator: isEducator(viewer),
  });
  const address = frozenSearch(params, understood);
  if (address === null)
    throw new PortalError(422, 'invalid', 'error.invalid', {
      faults: [{ field: 'words', key: 'collection.fault.longRule' }],
    });
  return { address, params: paramsOfAddress(address), understood };
}

/** The form of a rule with what it finds now: one search for that, and one for all that there is. */
export async function ruleForm(
  deps: SearchDeps,
  viewer: Viewer,
  rule: ReadRule,
  { t, fmt }: Locale,
  { withPreview }: { withPreview: boolean },
): Promise<{ form: RuleForm; coverId: string | null }> {
  const { params, understood } = rule;
  const everything = await searchResources(deps, {
    q: '',
    filters: searchFilters(),
    within: null,
    sort: 'newest',
    page: 1,
    perPage: 0,
    facets: FACETS.filter((facet) => facet !== 'standard'),
    audience: audiencesOf(viewer),
    educator: isEducator(viewer),
  });
  const words: FacetWords = { t, fmt, vocabularies: understood.vocabularies, names: understood.names };
  const found = withPreview
    ? await preview(deps, viewer, rule, { words, all: everything.total })
    : { preview: null, coverId: null };
  return {
    coverId: found.coverId,
    form: {
      words: params.q,
      keptWords: params.q,
      standards: codesOf(params, understood).join(', '),
      sorts: SORTS.map((value) => ({ value, label: t(`sort.${value}`), chosen: value === params.sort })),
      facets: facetsView(everything.facets, params.filters, words).filter(
        ({ name, options }) => name !== 'standard' && options.length > 0,
      ),
      preview: found.preview,
    },
  };
}

async function preview(
  deps: SearchDeps,
  viewer: Viewer,
  { address, params }: ReadRule,
  { words, all }: { words: FacetWords; all: number },
): Promise<{ preview: RulePreview; coverId: string | null }> {
  const { answer, understood } = await strictSearch(deps, viewer, address, {
    page: 1,
    perPage: SHOWN,
    without: [],
  });
  const cards = await resourceCards(deps.pool, viewer, answer.ids);
  const first = answer.ids.flatMap((id) => cards.get(id) ?? []);
  const total = answer.total;
  return {
    coverId: first.find(({ thumb }) => thumb !== null)?.id ?? null,
    preview: {
      total,
      all,
      warning:
        total === 0
          ? answer.relaxed
            ? 'relaxed'
            : 'nothing'
          : isEverything(params) || total >= all
            ? 'everything'
            : null,
      chips: filterChips(params, understood, { ...words, names: understood.names }),
      words: params.q,
      first: first.map(({ title, url, language }) => ({ label: title, url, language })),
      unknown: understood.unknown.map(({ text }) => text),
      address,
    },
  };
}

const isEverything = ({ q, filters }: SearchParams): boolean =>
  q === '' && FACETS.every((facet) => filters[facet].length === 0);

/** The standards of a rule as people write them; what nobody knows stays as it was typed. */
function codesOf({ filters }: SearchParams, understood: UnderstoodSearch): string[] {
  const tabs = [...understood.standards, ...understood.codes].flatMap(({ standards }) => standards);
  return filters.standard.map((guid) => tabs.find((tab) => tab.guid === guid)?.code ?? guid);
}
