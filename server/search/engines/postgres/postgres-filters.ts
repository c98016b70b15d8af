import { FACETS } from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';

/** Filters as numbers of search_value. A value that no resource has is left out; a list may be empty, then nothing fits. */
export interface NumberedFilters {
  /** Facets in use, each with its numbers. */
  groups: Map<FacetName, number[]>;
  /** `standard|level` for every chosen standard and level; null unless both are in use. */
  both: number[] | null;
  /** For each level of the state, the numbers of `standard|level` for the chosen standards; empty without standards. */
  levelPairs: { level: string; pairs: number[] }[];
}

/** One of these values must be in a column of the entry. */
export interface Condition {
  column: 'facets' | 'pairs';
  numbers: number[];
}

/**
 * Which conditions an entry must meet to be a hit, and to count for a facet: a bit each, by place in `conditions`. Counts
 * of a facet ignore its own filter. With standard and level both in use, those are one filter: one alignment has both.
 */
export interface Branches {
  conditions: Condition[];
  hit: number;
  /** For the facets that are in use; all others count hits. */
  facets: Map<FacetName, number>;
}

export function branchesOf(asked: readonly FacetName[], { groups, both }: NumberedFilters): Branches {
  const used = FACETS.filter((facet) => groups.has(facet));
  const conditions: Condition[] = used.map((facet) => ({
    column: 'facets',
    numbers: groups.get(facet) ?? [],
  }));
  if (both) conditions.push({ column: 'pairs', numbers: both });
  const isJoined = (facet: FacetName): boolean =>
    both !== null && (facet === 'standard' || facet === 'level');
  const bits = (without: FacetName | null): number => {
    const joined = both !== null && !(without !== null && isJoined(without));
    const single = used.reduce(
      (sum, facet, place) => (facet === without || (joined && isJoined(facet)) ? sum : sum | (1 << place)),
      0,
    );
    return joined ? single | (1 << used.length) : single;
  };
  return {
    conditions,
    hit: bits(null),
    facets: new Map(used.filter((facet) => asked.includes(facet)).map((facet) => [facet, bits(facet)])),
  };
}
