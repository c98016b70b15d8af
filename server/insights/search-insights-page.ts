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
    words: typed,
    filters: filtersOf(address, words),
    url: address,
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
    synonymsUrl: synonyms ? '/curate/search/synonyms' : null,
    total: facts.total,
    weeks: facts.weeks.map(({ week, ...row }) => ({ ...row, monday: new Date(`${week}T12:00:00Z`) })),
    top: facts.top.map(counted),
    empty: facts.empty.map(counted),
    unopened: facts.unopened.map(counted),
    asks: facts.asks.map(({ address, words: typed, created_at, ...ask }) => ({
      ...ask,
      words: typed,
      filters: filtersOf(address, words),
      url: address,
      on: new Date(created_at),
      closeUrl: `/curate/search/asks/${ask.id}/close`,
      callUrl: `/curate/calls/new?ask=${ask.id}`,
    })),
  };
}

/** "Grade 4", "Developing": the filters in an address, as they are called. */
function filtersOf(address: string, words: FacetWords): string[] {
  const { filters } = paramsOfAddress(address);
  return FACETS.flatMap((facet) => filters[facet].map((value) => valueLabel(facet, value, words)));
}
