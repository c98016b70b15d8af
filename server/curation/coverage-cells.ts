import { searchParams, searchUrl } from '../search/search-address.ts';
import { searchFilters } from '../search/search-port.ts';
import { kindOf } from '../standards/standard-kind.ts';
import { standardTab, type StandardRow } from '../standards/standard-row.ts';
import { scopeFilters, type CoverageCounts } from './coverage-counts.ts';
import { demandKey, type Demand } from './coverage-demand.ts';
import type { CoverageChoice } from './coverage-schema.ts';
import type { CoverageCell, CoverageColumn, CoverageRow } from './coverage-view.ts';

/** A column and the value that it stands for. */
export type Column = CoverageColumn & { value: string };

/** All that the table is made of. */
export interface CoverageFacts {
  /** In reading order, groups among them. */
  items: readonly StandardRow[];
  columns: readonly Column[];
  counts: CoverageCounts;
  /** Of checked ones alone; null where nothing else counts anyway. */
  checked: CoverageCounts | null;
  /** Of the whole state, where one district's resources count. */
  state: CoverageCounts | null;
  /** By `demandKey`. */
  demand: ReadonlyMap<string, Demand>;
  /** Addresses of calls that are out, by `demandKey`; null: the viewer makes none. */
  calls: ReadonlyMap<string, string> | null;
}

/** The search behind a cell: the same filters as what was counted. `column` undefined: the whole row. */
function cellSearch(choice: CoverageChoice, guid: string, column?: Column): string {
  const scope = { checked: choice.checked, district: choice.district === '' ? null : choice.district };
  const value = column ? { [choice.across]: [column.value] } : {};
  return searchUrl(
    searchParams({ filters: searchFilters({ ...scopeFilters(scope), standard: [guid], ...value }) }),
  );
}

/** One row of the table. */
export function coverageRow(facts: CoverageFacts, choice: CoverageChoice, item: StandardRow): CoverageRow {
  const { guid } = item;
  const kind = kindOf(item);
  const cell = (place: number | null): CoverageCell => {
    const column = place === null ? undefined : facts.columns[place];
    const of = (counts: CoverageCounts | null): number =>
      (place === null ? counts?.all : counts?.columns[place])?.get(guid) ?? 0;
    const count = of(facts.counts);
    const level = choice.across === 'level' ? (column?.value ?? null) : null;
    const key = demandKey(guid, level);
    const wanted = choice.across === 'level' || place === null ? facts.demand.get(key) : undefined;
    const inState = of(facts.state);
    const fill = fillOf(count, choice.enough);
    return {
      column: column?.label ?? '',
      count,
      checked: facts.checked ? of(facts.checked) : null,
      fill,
      shade: shadeOf(count, choice.enough),
      url: cellSearch(choice, guid, column),
      wanted: wanted ? wanted.searches + wanted.asks : 0,
      elsewhere:
        facts.state && fill !== 'enough' && inState > count
          ? { count: inState, url: cellSearch({ ...choice, district: '' }, guid, column) }
          : null,
      call:
        column && level !== null && kind === 'standard' && fill !== 'enough'
          ? callOf(facts, guid, level)
          : null,
    };
  };
  return {
    tab: standardTab(item),
    kind,
    depth: item.depth,
    language: item.language ?? 'en',
    cells: facts.columns.map((_, place) => cell(place)),
    all: cell(null),
  };
}

/** The call that is out for a rung, or where one is made; null for those who make none. */
export function callOf(
  { calls }: Pick<CoverageFacts, 'calls'>,
  guid: string,
  level: string | null,
): CoverageCell['call'] {
  if (calls === null) return null;
  const url = calls.get(demandKey(guid, level));
  if (url !== undefined) return { open: true, url };
  const query = new URLSearchParams({ standard: guid, ...(level === null ? {} : { level }) });
  return { open: false, url: `/curate/calls/new?${query.toString()}` };
}

const fillOf = (count: number, enough: number): CoverageCell['fill'] =>
  count === 0 ? 'gap' : count < enough ? 'thin' : 'enough';

/** Where the shades begin, in multiples of what is enough. */
const SHADES = [1, 2, 4] as const;

function shadeOf(count: number, enough: number): number {
  if (count === 0) return 0;
  return 1 + SHADES.filter((times) => count >= times * enough).length;
}
