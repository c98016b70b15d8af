import type { PoolClient } from 'pg';
import type { FacetCount, SearchRequest } from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';
import type { Counts } from './postgres-counts.ts';
import type { NumberedFilters } from './postgres-filters.ts';
import type { ValueNumbers } from './postgres-write.ts';

type Facets = Partial<Record<FacetName, FacetCount[]>>;

/** Standards with their levels by `pairKey`. */
export async function namePairs(
  client: PoolClient,
  numbers: ValueNumbers,
  tally: Int32Array,
): Promise<FacetCount[]> {
  const ids = counted(tally);
  const nameOf = await numbers.names(client, ids);
  return mostFirst(
    new Map(
      ids.flatMap((id): [string, number][] => {
        const name = nameOf(id);
        return name ? [[name.value, tally[id] ?? 0]] : [];
      }),
    ),
  );
}

/** Puts counted numbers into values, those with most hits first. */
export async function nameCounts(
  client: PoolClient,
  numbers: ValueNumbers,
  counts: Counts,
  { request, filters }: { request: SearchRequest; filters: NumberedFilters },
): Promise<Facets> {
  const tallies = [counts.hits, ...counts.facets.values()];
  const nameOf = await numbers.names(client, [...new Set(tallies.flatMap(counted))]);
  const sums = new Map<FacetName, Map<string, number>>(request.facets.map((facet) => [facet, new Map()]));
  const add = (facet: FacetName, value: string, count: number): void => {
    const of = sums.get(facet);
    of?.set(value, (of.get(value) ?? 0) + count);
  };
  const isOwn = (facet: string): facet is FacetName =>
    sums.has(facet as FacetName) && !counts.facets.has(facet as FacetName);
  for (const id of counted(counts.hits)) {
    const name = nameOf(id);
    if (name && isOwn(name.facet)) add(name.facet, name.value, counts.hits[id] ?? 0);
  }
  for (const [facet, tally] of counts.facets)
    for (const id of counted(tally)) {
      const name = nameOf(id);
      if (name?.facet === facet) add(facet, name.value, tally[id] ?? 0);
      else if (name?.facet === 'set' && facet === 'standard') {
        const standard = standardAt(name.value, request.filters.level);
        if (standard !== null) add(facet, standard, tally[id] ?? 0);
      }
    }
  if (counts.levels) {
    sums.set('level', new Map());
    for (const [place, { level }] of filters.levelPairs.entries())
      add('level', level, counts.levels[place] ?? 0);
  }
  return Object.fromEntries([...sums].map(([facet, of]) => [facet, mostFirst(of)]));
}

function counted(tally: Int32Array): number[] {
  const ids: number[] = [];
  for (let id = 0; id < tally.length; id += 1) if (tally[id] !== 0) ids.push(id);
  return ids;
}

/** The standard of a `standard|level+level`, when one of the levels is among the chosen ones. */
function standardAt(set: string, levels: readonly string[]): string | null {
  const at = set.indexOf('|');
  return set
    .slice(at + 1)
    .split('+')
    .some((level) => levels.includes(level))
    ? set.slice(0, at)
    : null;
}

const mostFirst = (counts: ReadonlyMap<string, number>): FacetCount[] =>
  [...counts]
    .filter(([, count]) => count > 0)
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
