import type { SearchRequest } from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';
import { AT, type Entries } from './postgres-entries.ts';
import type { Branches, NumberedFilters } from './postgres-filters.ts';
import type { SharedList } from './postgres-visible.ts';

/** Entries that were loaded, and which conditions each of them meets. Only good until the next await. */
export interface Candidates {
  numbers: Int32Array;
  places: Int32Array;
  /** Null: there are no conditions. */
  met: Int32Array | null;
  /** The numbers of those that meet all that a hit must meet. */
  hits: Int32Array;
}

/** Which of some entries are hits. */
export function judge(entries: Entries, numbers: Int32Array, branches: Branches): Candidates {
  const places = entries.placesOf(numbers);
  if (branches.conditions.length === 0) return { numbers, places, met: null, hits: numbers };
  const { values } = entries;
  const bits = conditionBits(branches, entries.highest);
  const met = new Int32Array(numbers.length);
  const hits = new Int32Array(numbers.length);
  const byPairs = branches.conditions.some(({ column }) => column === 'pairs');
  let total = 0;
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index]!;
    const end = place + AT.values + values[place + AT.facets]! + (byPairs ? values[place + AT.pairs]! : 0);
    let its = 0;
    for (let at = place + AT.values; at < end; at += 1) its |= bits[values[at]!]!;
    met[index] = its;
    if ((its & branches.hit) === branches.hit) hits[total++] = numbers[index]!;
  }
  return { numbers, places, met, hits: hits.subarray(0, total) };
}

/** For each value the conditions that an entry meets by having it. */
function conditionBits({ conditions }: Branches, highest: number): Int32Array {
  const bits = new Int32Array(highest + 1);
  for (const [place, { numbers }] of conditions.entries())
    // A value behind the highest is of no entry here.
    for (const number of numbers) if (number <= highest) bits[number]! |= 1 << place;
  return bits;
}

/** How often each value occurs, by its number. */
export interface Counts {
  /** Among hits. */
  hits: Int32Array;
  /** For facets in use: among the entries that meet all other filters. */
  facets: Map<FacetName, Int32Array>;
  /** Standards with their levels among hits, by number; null unless asked for. */
  pairs: Int32Array | null;
  /** Entries at each of the levels of `filters.levelPairs`; null unless levels are counted with standards chosen. */
  levels: number[] | null;
}

/**
 * Counts the values of all that may count; what doesn't is left out here. Under chosen levels, standards are counted by
 * `sets`: a resource has one for each.
 */
export function countValues(
  entries: Entries,
  candidates: Candidates,
  {
    request,
    filters,
    branches,
    shared,
  }: {
    request: SearchRequest;
    filters: NumberedFilters;
    branches: Branches;
    /** Where the first candidates are a list that others share: what was counted of it stays for the next. */
    shared?: SharedList;
  },
): Counts {
  const { values, highest } = entries;
  const bySets = request.facets.includes('standard') && filters.groups.has('level');
  const tally = (bits: number, part: Part = 'facets'): Int32Array => {
    const wanted = { bits, part, highest };
    if (bits !== 0 || part !== 'facets' || !shared) return countBranch(values, candidates, wanted);
    const { length } = shared.numbers;
    const from = (begin: number, end?: number) => ({
      places: candidates.places.subarray(begin, end),
      met: candidates.met?.subarray(begin, end) ?? null,
    });
    shared.counts ??= countBranch(values, from(0, length), wanted);
    if (candidates.places.length === length) return shared.counts;
    return countBranch(values, from(length), wanted, shared.counts);
  };
  const facets = new Map<FacetName, Int32Array>();
  for (const [facet, bits] of branches.facets)
    if (facet !== 'standard' || !bySets) facets.set(facet, tally(bits));
  if (bySets) facets.set('standard', tally(branches.facets.get('standard') ?? branches.hit, 'sets'));
  const byPairs = request.facets.includes('level') && filters.groups.has('standard');
  const levelBits = branches.facets.get('level') ?? branches.hit;
  return {
    hits: tally(branches.hit),
    facets,
    pairs: request.pairs ? tally(branches.hit, 'pairs') : null,
    levels: byPairs ? countLevels(values, candidates, levelBits, filters) : null,
  };
}

/** Which of an entry's values are counted. */
type Part = 'facets' | 'pairs' | 'sets';

/** How often each value occurs among candidates that meet `bits`, added to what was counted `before`. */
function countBranch(
  values: Int32Array,
  { places, met }: Pick<Candidates, 'places' | 'met'>,
  { bits, part, highest }: { bits: number; part: Part; highest: number },
  before?: Int32Array,
): Int32Array {
  const counts = new Int32Array(highest + 1);
  if (before) counts.set(before);
  for (let index = 0; index < places.length; index += 1) {
    if (met !== null && (met[index]! & bits) !== bits) continue;
    const place = places[index]!;
    const first = place + AT.values;
    const behindFacets = first + values[place + AT.facets]!;
    const behindPairs = behindFacets + values[place + AT.pairs]!;
    const from = part === 'facets' ? first : part === 'pairs' ? behindFacets : behindPairs;
    const end =
      part === 'facets' ? behindFacets : part === 'pairs' ? behindPairs : from + values[place + AT.sets]!;
    for (let at = from; at < end; at += 1) counts[values[at]!]! += 1;
  }
  return counts;
}

/** Counts entries at levels, each once however many of its pairs say so. */
function countLevels(
  values: Int32Array,
  { places, met }: Candidates,
  bits: number,
  { levelPairs }: NumberedFilters,
): number[] {
  const levelOf = new Map(levelPairs.flatMap(({ pairs }, level) => pairs.map((pair) => [pair, level])));
  const counts = levelPairs.map(() => 0);
  const last = levelPairs.map(() => -1);
  for (let index = 0; index < places.length; index += 1) {
    if (met !== null && (met[index]! & bits) !== bits) continue;
    const place = places[index]!;
    const from = place + AT.values + values[place + AT.facets]!;
    const end = from + values[place + AT.pairs]!;
    for (let at = from; at < end; at += 1) {
      const level = levelOf.get(values[at]!);
      if (level === undefined || last[level] === index) continue;
      last[level] = index;
      counts[level]! += 1;
    }
  }
  return counts;
}
