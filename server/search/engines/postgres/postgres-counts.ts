import type { SearchRequest } from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';
import type { Entries } from './postgres-entries.ts';
import type { Branches, NumberedFilters } from './postgres-filters.ts';

/** How often each value occurs, by its number. */
export interface Counts {
  total: number;
  /** Among hits. */
  hits: Int32Array;
  /** For facets in use: among the entries that meet all other filters. */
  facets: Map<FacetName, Int32Array>;
  /** Entries at each of the levels of `filters.levelPairs`; null unless levels are counted with standards chosen. */
  levels: number[] | null;
}

/**
 * Counts the values of entries that were loaded. `numbers`: all entries that could be hits or count for some facet; those
 * that don't are left out here. Under chosen levels, standards are counted by `sets`: a resource has one for each.
 */
export function countValues(
  entries: Entries,
  numbers: Int32Array,
  { request, filters, branches }: { request: SearchRequest; filters: NumberedFilters; branches: Branches },
): Counts {
  const { values } = entries;
  const met = conditionBits(branches, entries.highest);
  const bySets = request.facets.includes('standard') && filters.groups.has('level');
  const tallies = talliesOf(request, branches, bySets, entries.highest);
  const levels = levelCounter(request, filters);
  const levelBits = branches.facets.get('level') ?? branches.hit;
  let total = 0;
  for (const number of numbers) {
    const place = entries.placeOf(number);
    const facetsEnd = place + 3 + (values[place] ?? 0);
    const pairsEnd = facetsEnd + (values[place + 1] ?? 0);
    let bits = 0;
    if (branches.conditions.length > 0)
      for (let at = place + 3; at < pairsEnd; at += 1) bits |= met[values[at] ?? 0] ?? 0;
    if ((bits & branches.hit) === branches.hit) total += 1;
    for (const { wanted, sets, counts } of tallies) {
      if ((bits & wanted) !== wanted) continue;
      const from = sets ? pairsEnd : place + 3;
      const end = sets ? pairsEnd + (values[place + 2] ?? 0) : facetsEnd;
      for (let at = from; at < end; at += 1) counts[values[at] ?? 0]! += 1;
    }
    if (levels && (bits & levelBits) === levelBits)
      for (let at = facetsEnd; at < pairsEnd; at += 1) levels.see(number, values[at] ?? 0);
  }
  return {
    total,
    hits: tallies[0]?.counts ?? new Int32Array(0),
    facets: new Map(tallies.flatMap(({ facet, counts }) => (facet === null ? [] : [[facet, counts]]))),
    levels: levels?.counts ?? null,
  };
}

/** For each value the conditions that an entry meets by having it. */
function conditionBits({ conditions }: Branches, highest: number): Int32Array {
  const bits = new Int32Array(highest + 1);
  for (const [place, { numbers }] of conditions.entries())
    // A value behind the highest is of no entry here.
    for (const number of numbers) if (number <= highest) bits[number]! |= 1 << place;
  return bits;
}

interface Tally {
  /** Null: hits. */
  facet: FacetName | null;
  wanted: number;
  sets: boolean;
  counts: Int32Array;
}

function talliesOf(request: SearchRequest, branches: Branches, bySets: boolean, highest: number): Tally[] {
  const tally = (facet: FacetName | null, wanted: number, sets: boolean): Tally => ({
    facet,
    wanted,
    sets,
    counts: new Int32Array(highest + 1),
  });
  const own = [...branches.facets].filter(([facet]) => facet !== 'standard' || !bySets);
  return [
    ...(request.facets.length > 0 ? [tally(null, branches.hit, false)] : []),
    ...own.map(([facet, wanted]) => tally(facet, wanted, false)),
    ...(bySets ? [tally('standard', branches.facets.get('standard') ?? branches.hit, true)] : []),
  ];
}

/** Counts entries at levels, each once however many of its pairs say so. */
function levelCounter(request: SearchRequest, { groups, levelPairs }: NumberedFilters) {
  if (!request.facets.includes('level') || !groups.has('standard')) return null;
  const levelOf = new Map(levelPairs.flatMap(({ pairs }, level) => pairs.map((pair) => [pair, level])));
  const counts = levelPairs.map(() => 0);
  const last = levelPairs.map(() => -1);
  return {
    counts,
    see(entry: number, pair: number): void {
      const level = levelOf.get(pair);
      if (level === undefined || last[level] === entry) return;
      last[level] = entry;
      counts[level]! += 1;
    },
  };
}
