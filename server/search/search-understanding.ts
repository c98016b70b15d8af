import type { Pool } from 'pg';
import { findCodesInText, pickCodes, type CodeCandidate } from '../lib/code-finder.ts';
import { normCode } from '../lib/standard-code.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import { findByCode, nearCodes, type CodeMatch } from './code-queries.ts';
import { MAX_WITHIN, type SearchFilters } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';

/** What a search means: its words, its filters with codes resolved, and how that was read. */
export interface UnderstoodSearch {
  /** The words that are left. */
  q: string;
  /** As in the address, `standard` by GUID; with the standards that were read from the words. */
  filters: SearchFilters;
  /** Codes that were found among the words. `rest`: the query without that code. */
  codes: { text: string; rest: string; standards: StandardTab[] }[];
  /** Filters by standard: the value in the address, and what it means (several, when a code is in several frameworks). */
  standards: { value: string; standards: StandardTab[] }[];
  /** Codes that nobody knows, among the words (`value` null) or in the filter, with near ones. */
  unknown: { text: string; value: string | null; near: StandardTab[] }[];
}

/** Reads codes of standards, in any spelling, from the words and from the `standard` parameter. */
export async function understand(pool: Pool, params: SearchParams): Promise<UnderstoodSearch> {
  const candidates = params.literal ? [] : findCodesInText(params.q);
  const given = params.filters.standard.map((value) => ({
    value,
    norm: GUID.test(value) ? value.toLowerCase() : normCode(value),
  }));
  const norms = [
    ...candidates.filter(({ kind }) => kind === 'code'),
    ...given.filter(({ value }) => !GUID.test(value)),
  ];
  const guids = [
    ...candidates.filter(({ kind }) => kind === 'guid'),
    ...given.filter(({ value }) => GUID.test(value)),
  ];
  const known = await findByCode(pool, {
    norms: [...new Set(norms.map(({ norm }) => norm))],
    guids: [...new Set(guids.map(({ norm }) => norm))],
  });
  const picked = pickCodes(candidates, known);
  const standards = given.map(({ value, norm }) => ({ value, standards: preferred(known.get(norm) ?? []) }));
  const codes = picked.codes.map(({ candidate, found }) => ({
    text: candidate.text,
    rest: cut(params.q, [candidate]),
    standards: preferred(found),
  }));
  const unknown = await Promise.all(
    [
      ...picked.unknown.slice(0, 3).map(({ text, norm }) => ({ text, norm, value: null })),
      ...given
        .filter(({ norm }) => !known.has(norm))
        .map(({ value, norm }) => ({ text: value, norm, value })),
    ].map(async ({ text, norm, value }) => ({ text, value, near: await nearCodes(pool, norm) })),
  );
  return {
    q: cut(
      params.q,
      picked.codes.map(({ candidate }) => candidate),
    ),
    filters: {
      ...params.filters,
      standard: [
        ...new Set([
          // A code that nobody knows stays, and nothing is found: better than everything.
          ...standards.flatMap(({ value, standards: found }) =>
            found.length > 0 ? found.map(({ guid }) => guid) : [value],
          ),
          ...codes.flatMap(({ standards: found }) => found.map(({ guid }) => guid)),
        ]),
      ],
    },
    codes,
    standards,
    unknown,
  };
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A code that is in several frameworks: the state's own where it has one, else all of them. */
function preferred(found: readonly CodeMatch[]): StandardTab[] {
  const own = found.filter(({ stateOwn, retired }) => stateOwn && !retired);
  const distinct = new Map((own.length > 0 ? own : found).map((match) => [match.guid, match]));
  return [...distinct.values()]
    .slice(0, 8)
    .map(({ guid, code, url, statement, retired }) => ({ guid, code, url, statement, retired }));
}

/** The text without some stretches. */
function cut(text: string, stretches: readonly CodeCandidate[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of stretches) {
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  // What stood around the code and means nothing by itself goes too.
  return (rest + text.slice(from))
    .replaceAll(/"\s*"/g, ' ')
    .replaceAll(/(?<!\S)[^\p{L}\p{N}"]+(?!\S)/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The resources of a collection, when the viewer may see it: today that is one's own. Null: no such collection. */
export async function collectionMembers(
  pool: Pool,
  collection: string,
  viewerId: string | null,
): Promise<string[] | null> {
  const { rows } = await pool.query<{ ids: string[] }>(
    `SELECT ARRAY(SELECT i.resource_id FROM collection_item i WHERE i.collection_id = c.id ORDER BY i.position LIMIT ${MAX_WITHIN}) AS ids
     FROM collection c WHERE c.id = $1 AND c.owner_id = $2`,
    [collection, viewerId],
  );
  return rows[0]?.ids ?? null;
}
