import { searchFilters, type SearchFilters, type SearchRequest } from '../search/search-port.ts';
import { searchResources, type SearchDeps } from '../search/search-service.ts';
import type { FacetName } from '../search/search-view.ts';
import type { Axis } from './coverage-schema.ts';

/** More columns than this nobody compares. */
const MOST_COLUMNS = 8;

/** Whose resources count, and which. */
export interface CoverageScope {
  /** The viewer's keys. */
  audience: string[];
  checked: boolean;
  /** Slug; null: of the whole state. */
  district: string | null;
}

/** Distinct resources by GUID of a standard, with all that stands below it. */
export type Counts = ReadonlyMap<string, number>;

/** For all resources and for each value of a column, in order. */
export interface CoverageCounts {
  all: Counts;
  columns: Counts[];
}

/** The filters of a search that shows what is counted; `checked` as in a scope. */
export const scopeFilters = ({
  checked,
  district,
}: Omit<CoverageScope, 'audience'>): Partial<SearchFilters> => ({
  ...(checked ? { checked: ['state', 'district'] } : {}),
  ...(district === null ? {} : { district: [district] }),
});

/**
 * How many resources stand at each standard, in all and for each value: counted by the search itself, so that a count is
 * what the search behind it shows to the same person.
 */
export async function coverageCounts(
  deps: SearchDeps,
  scope: CoverageScope,
  axis: Axis,
  values: readonly string[],
): Promise<CoverageCounts> {
  if (axis === 'level') return levelCounts(deps, scope, values);
  const counted = async (chosen: Partial<SearchFilters>): Promise<Counts> => {
    const filters = searchFilters({ ...scopeFilters(scope), ...chosen });
    const { facets } = await searchResources(deps, request(scope, filters, ['standard']));
    return new Map((facets.standard ?? []).map(({ value, count }) => [value, count]));
  };
  const [all, ...columns] = await Promise.all([
    counted({}),
    ...values.map((value) =>
      // One district's column of the districts is empty for every other one.
      axis === 'district' && scope.district !== null && scope.district !== value
        ? new Map<string, number>()
        : counted({ [axis]: [value] }),
    ),
  ]);
  return { all: all ?? new Map(), columns };
}

/** Every standard at every level at once. */
async function levelCounts(
  deps: SearchDeps,
  scope: CoverageScope,
  levels: readonly string[],
): Promise<CoverageCounts> {
  const asked = request(scope, searchFilters(scopeFilters(scope)), ['standard']);
  const { facets, pairs = [] } = await searchResources(deps, { ...asked, pairs: true });
  const at = new Map(levels.map((level) => [level, new Map<string, number>()]));
  for (const { value, count } of pairs) {
    const [standard = '', level = ''] = value.split('|');
    at.get(level)?.set(standard, count);
  }
  return {
    all: new Map((facets.standard ?? []).map(({ value, count }) => [value, count])),
    columns: levels.map((level) => at.get(level) ?? new Map()),
  };
}

/** The values of an axis that most resources for a framework have, most first: what its columns are, but for levels. */
export async function commonValues(
  deps: SearchDeps,
  scope: CoverageScope,
  axis: Exclude<Axis, 'level'>,
  framework: string,
): Promise<string[]> {
  const filters = searchFilters({ ...scopeFilters(scope), standard: [framework] });
  const { facets } = await searchResources(deps, request(scope, filters, [axis]));
  return (facets[axis] ?? []).slice(0, MOST_COLUMNS).map(({ value }) => value);
}

/** Of some frameworks the one that most resources are aligned to; the first of them where none is. */
export async function fullestFramework<Framework extends { guid: string; own: boolean }>(
  deps: SearchDeps,
  audience: string[],
  frameworks: readonly Framework[],
): Promise<Framework | undefined> {
  const scope = { audience, checked: false, district: null };
  const { facets } = await searchResources(deps, request(scope, searchFilters(), ['standard']));
  const counts = new Map((facets.standard ?? []).map(({ value, count }) => [value, count]));
  const of = ({ guid }: Framework): number => counts.get(guid) ?? 0;
  return frameworks.toSorted((a, b) => Number(b.own) - Number(a.own) || of(b) - of(a))[0];
}

/** How many resources holders of these keys find with some filters. */
export async function countResources(
  deps: SearchDeps,
  audience: string[],
  filters: SearchFilters,
): Promise<number> {
  const scope = { audience, checked: false, district: null };
  return (await searchResources(deps, request(scope, filters, []))).total;
}

const request = (
  { audience }: CoverageScope,
  filters: SearchFilters,
  facets: readonly FacetName[],
): SearchRequest => ({
  q: '',
  filters,
  within: null,
  sort: 'title',
  page: 1,
  perPage: 0,
  facets,
  audience,
  educator: true,
});
