import { commonCoreNorm } from '../lib/standard-code.ts';
import { resolveCode } from '../standards/code-queries.ts';
import { standardFacts } from '../standards/standard-queries.ts';
import { standardTab, type StandardRow } from '../standards/standard-row.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import { levelOf, type FacetWords } from './facet-view.ts';
import { searchParams, searchUrl } from './search-address.ts';
import { searchFilters, type SearchRequest } from './search-port.ts';
import { searchResources, type SearchDeps } from './search-service.ts';
import type { NearRung } from './search-view.ts';

/** How many standards beside it, and in other frameworks, are looked at and shown. */
const MOST = 6;
const LOOKED_AT = 40;

/**
 * Where something stands near a rung that is empty, with counts of what the viewer may see: the same standard at other
 * levels, then what it is a part of, what stands beside it (nearest first), and what other frameworks say is like it.
 */
export async function nearRungs(
  deps: SearchDeps,
  { request, words }: { request: SearchRequest; words: FacetWords },
  { tab, level }: { tab: StandardTab; level: LevelSign | null },
): Promise<NearRung[]> {
  const facts = await standardFacts(deps.pool, tab.guid);
  if (!facts) return [];
  const { standard, parent, siblings, neighbors } = facts;
  const beside = siblings
    .filter(({ guid }) => guid !== tab.guid)
    .sort((a, b) => Math.abs(a.position - standard.position) - Math.abs(b.position - standard.position))
    .slice(0, LOOKED_AT);
  // What a framework says is like it, and what has Common Core's numbers in another one.
  const alike = commonCoreNorm(standard.code ?? '');
  const numbered = alike === undefined ? [] : await resolveCode(deps.pool, alike);
  const linked = [...neighbors.map((one) => one.standard), ...numbered].filter(
    ({ guid, retired }, index, all) =>
      !retired && guid !== tab.guid && all.findIndex((other) => other.guid === guid) === index,
  );
  const count = async (standards: string[], facet: 'level' | 'standard') => {
    const filters = searchFilters({ standard: standards });
    const bare = { ...request, q: '', synonyms: [], filters, within: null, page: 1, perPage: 0 };
    const { facets } = await searchResources(deps, { ...bare, facets: [facet] });
    return facets[facet] ?? [];
  };
  const around = [...(parent ? [parent] : []), ...beside, ...linked.slice(0, LOOKED_AT)];
  const [atLevels, atStandards] = await Promise.all([
    level === null ? [] : count([tab.guid], 'level'),
    around.length === 0
      ? []
      : count(
          around.map(({ guid }) => guid),
          'standard',
        ),
  ]);
  const counts = new Map(atStandards.map(({ value, count: found }) => [value, found]));
  const having = (as: NearRung['as'], rows: StandardRow[]): NearRung[] =>
    rows.flatMap((row) => {
      const found = counts.get(row.guid) ?? 0;
      return found === 0 ? [] : [rung(as, standardTab(row), null, found)];
    });
  return [
    ...atLevels
      .flatMap(({ value, count: found }) => {
        const sign = levelOf(value, words);
        return sign && found > 0 ? [{ sign, found }] : [];
      })
      .sort((one, other) => one.sign.position - other.sign.position)
      .map(({ sign, found }) => rung('level', tab, sign, found)),
    ...having('above', parent ? [parent] : []),
    ...having('beside', beside).slice(0, MOST),
    ...having('linked', linked).slice(0, MOST),
  ];
}

const rung = (as: NearRung['as'], tab: StandardTab, level: LevelSign | null, count: number): NearRung => ({
  as,
  tab,
  level,
  count,
  url: searchUrl(
    searchParams({ filters: searchFilters({ standard: [tab.guid], level: level ? [level.slug] : [] }) }),
  ),
});
