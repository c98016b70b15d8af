import { valueLabel, type FacetWords } from '../search/facet-view.ts';
import { paramsOfAddress } from '../search/search-address.ts';
import { FACETS } from '../search/search-port.ts';
import type { SearchInsights, StatisticRow } from './search-insights-queries.ts';
import type { CountedSearch, SearchInsightsPage } from './search-insights-view.ts';

/** The props of `curate/search`: filters of searches in words, lists to choose from. */
export function searchInsightsPage(
  facts: SearchInsights,
  {
    words,
    weeks,
    districts,
    district,
    synonyms,
  }: {
    words: FacetWords;
    weeks: { offered: readonly number[]; chosen: number };
    districts: readonly { slug: string; name: string }[];
    district: string | null;
    synonyms: boolean;
  },
): SearchInsightsPage {
  const { t } = words;
  const counted = ({ address, words: typed, ...row }: StatisticRow): CountedSearch => ({
    ...row,
    ...namedSearch(address, typed, words),
    url: address,
    callUrl: callUrlOf(address),
  });
  return {
    periods: weeks.offered.map((count) => ({
      value: String(count),
      label: t('insights.weeks', { count }),
      chosen: count === weeks.chosen,
    })),
    districts:
      districts.length > 0
        ? [
            { value: '', label: t('insights.everywhere'), chosen: district === null },
            ...districts.map(({ slug, name }) => ({ value: slug, label: name, chosen: slug === district })),
          ]
        : [],
    csvUrl: `/curate/search.csv?${new URLSearchParams({ weeks: String(weeks.chosen), ...(district === null ? {} : { district }) }).toString()}`,
    synonymsUrl: synonyms ? '/curate/search/synonyms' : null,
    total: facts.total,
    weeks: facts.weeks.map(({ week, ...row }) => ({ ...row, monday: new Date(`${week}T12:00:00Z`) })),
    top: facts.top.map(counted),
    empty: facts.empty.map(counted),
    unopened: facts.unopened.map(counted),
    asks: facts.asks.map(({ address, words: typed, created_at, ...ask }) => ({
      ...ask,
      ...namedSearch(address, typed, words),
      url: address,
      on: new Date(created_at),
      closeUrl: `/curate/search/asks/${ask.id}/close`,
      callUrl: `/curate/calls/new?ask=${ask.id}`,
    })),
  };
}

/** All searches as rows of a file, headings first. */
export function searchesTable(rows: readonly StatisticRow[], words: FacetWords): string[][] {
  const { t } = words;
  return [
    [
      t('insights.search'),
      t('insights.filters'),
      t('insights.searches'),
      t('insights.empty'),
      t('insights.opened'),
      t('insights.found'),
    ],
    ...rows.map(({ address, words: typed, ...row }) => [
      typed,
      filtersOf(address, words).join(', '),
      ...[row.searches, row.empty, row.opened, row.found].map(String),
    ]),
  ];
}

/** What a search is called in a list: its words with the filters beside them, or the filters alone. */
function namedSearch(
  address: string,
  typed: string,
  words: FacetWords,
): Pick<CountedSearch, 'words' | 'filters'> {
  const filters = filtersOf(address, words);
  return typed === '' ? { words: filters.join(', '), filters: [] } : { words: typed, filters };
}

function callUrlOf(address: string): string | null {
  const { standard, level } = paramsOfAddress(address).filters;
  if (standard.length !== 1 || level.length > 1) return null;
  const asked = new URLSearchParams({ standard: standard[0]! });
  for (const one of level) asked.set('level', one);
  return `/curate/calls/new?${asked.toString()}`;
}

/** "Grade 4", "Developing": the filters in an address, as they are called. */
function filtersOf(address: string, words: FacetWords): string[] {
  const { filters } = paramsOfAddress(address);
  return FACETS.flatMap((facet) => filters[facet].map((value) => valueLabel(facet, value, words)));
}
