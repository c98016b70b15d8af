import { createHash } from 'node:crypto';
import type { Settings } from 'meilisearch';
import { ATTRIBUTES } from '../../ranking/ranking-rules.ts';
import { FACETS, MAX_HITS } from '../../search-port.ts';

/** What is searched for everybody, most important first, and what only for educators. */
export const OPEN_ATTRIBUTES = ATTRIBUTES.flatMap(({ name }) => (name === 'text' ? ['forms', name] : [name]));
const STAFF_ATTRIBUTES = ['staff_text'] as const;

const exactly = (attributePatterns: string[]) => ({
  attributePatterns,
  features: { facetSearch: false, filter: { equality: true, comparison: false } },
});

/** Settings of the index: the only place where they are written. An index with other settings is built anew. */
export const meiliSettings: Settings = {
  searchableAttributes: [...OPEN_ATTRIBUTES, ...STAFF_ATTRIBUTES],
  displayedAttributes: ['id', 'sum'],
  filterableAttributes: [exactly([...FACETS, 'pair', 'set', 'audience', 'id'])],
  sortableAttributes: ['published', 'used', 'minutes_sort', 'title_sort', 'checked_rank'],
  // A sort that was asked for decides alone; where none was, that rule says nothing. Then words, then quality.
  rankingRules: [
    'sort',
    'words',
    'typo',
    'proximity',
    'attributeRank',
    'wordPosition',
    'exactness',
    'quality:desc',
    'published:desc',
  ],
  typoTolerance: {
    enabled: true,
    disableOnNumbers: true,
    disableOnAttributes: ['codes'],
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
  },
  faceting: { maxValuesPerFacet: 20_000, sortFacetValuesBy: { '*': 'count' } },
  pagination: { maxTotalHits: MAX_HITS },
  // "a" and "k" are parts of codes and a grade, and the stop words of one language are words of another.
  stopWords: [],
  searchCutoffMs: 1500,
};

/** Changes with every change of the settings, or of the documents (raise the number). */
export const meiliSettingsVersion = `meilisearch-4-${createHash('sha256').update(JSON.stringify(meiliSettings)).digest('hex').slice(0, 12)}`;
