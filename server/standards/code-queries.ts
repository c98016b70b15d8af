import type { Pool, PoolClient } from 'pg';
import { asUuid } from '../lib/uuid5.ts';
import { findCodesInText, pickCodes } from '../lib/code-finder.ts';
import type { CodeCandidate } from '../lib/code-finder.ts';
import { codeFits, commonCoreNorm, normCode } from '../lib/standard-code.ts';
import { standardRowSql } from './standard-row.ts';
import type { StandardRow } from './standard-row.ts';

type Client = Pick<Pool | PoolClient, 'query'>;

/** A standard that a spelling means. */
export interface CodeMatch extends StandardRow {
  /** `full`: its whole code; `alias`: a usual short spelling; `previous`: what it was called before; `guid`. */
  by: 'full' | 'alias' | 'previous' | 'guid';
  /** For a retired standard: what stands in its place now, at the end of any chain; may be empty. */
  replacedBy: string[];
}

/** What a text was read as: stretches that are codes, and stretches that can only be codes but that nobody knows. */
export interface CodesInText {
  codes: { text: string; start: number; end: number; found: CodeMatch[] }[];
  unknown: { text: string; start: number; end: number }[];
}

/**
 * Finds codes of standards, in any spelling, and GUIDs inside a text such as a search query. One round trip.
 * Matches of one stretch are ordered as `resolveCodes` orders them; positions are UTF-16 units, `end` exclusive.
 * Nothing is read that touches a `closed` stretch.
 */
export async function findStandardsInText(
  client: Client,
  text: string,
  closed: readonly { start: number; end: number }[] = [],
): Promise<CodesInText> {
  const candidates = findCodesInText(text).filter(
    (one) => !closed.some(({ start, end }) => start < one.end && one.start < end),
  );
  const known = await lookUp(client, candidates);
  const { codes, unknown } = pickCodes(candidates, known);
  const place = ({ text: typed, start, end }: CodeCandidate) => ({ text: typed, start, end });
  return {
    codes: codes.map(({ candidate, found }) => ({ ...place(candidate), found: bestFirst(found) })),
    unknown: unknown.map(place),
  };
}

/**
 * What each of many codes (or GUIDs), in any spelling, means: for imports and forms. One round trip.
 * @param codes each as written; text around a code isn't looked through (`findStandardsInText` does that)
 * @returns by code as written: the state's own frameworks first, whole codes before short spellings before old ones,
 *   standing before retired; empty for a code that nobody knows
 */
export async function resolveCodes(
  client: Client,
  codes: readonly string[],
): Promise<Map<string, CodeMatch[]>> {
  const candidates = codes.map((code) => {
    const guid = asUuid(code);
    return { text: code, norm: guid ?? normCode(code), kind: guid ? ('guid' as const) : ('code' as const) };
  });
  const known = await lookUp(client, candidates);
  return new Map(
    candidates.map(({ text, norm, kind }) => {
      const found = (known.get(norm) ?? []).filter(
        (match) => kind === 'guid' || match.by === 'previous' || codeFits(text, match.code ?? ''),
      );
      return [text, bestFirst(found)];
    }),
  );
}

/** What one code or GUID, in any spelling, means; as `resolveCodes`. */
export async function resolveCode(client: Client, code: string): Promise<CodeMatch[]> {
  return (await resolveCodes(client, [code])).get(code) ?? [];
}

const RANK = { guid: 0, full: 0, alias: 1, previous: 2 } as const;

/** Within one framework the best kind of match shuts out the lesser ones: `3.NF.1` is not an old name of another. */
function bestFirst(matches: readonly CodeMatch[]): CodeMatch[] {
  const best = new Map<string, number>();
  for (const { framework, by } of matches)
    best.set(framework.guid, Math.min(best.get(framework.guid) ?? 9, RANK[by]));
  return matches
    .filter(({ framework, by }) => RANK[by] === best.get(framework.guid))
    .sort(
      (a, b) =>
        Number(b.framework.own) - Number(a.framework.own) ||
        RANK[a.by] - RANK[b.by] ||
        Number(a.retired) - Number(b.retired) ||
        a.framework.title.localeCompare(b.framework.title) ||
        a.position - b.position,
    );
}

/**
 * By norm or GUID. A GUID that some framework only says to be the same as one of its standards' finds that one. A spelling
 * of Common Core that nobody knows finds what has its numbers in another framework (`3.NF.A.1` a state's own `3.NF.1`).
 */
async function lookUp(
  client: Client,
  candidates: readonly { text: string; norm: string; kind: 'code' | 'guid' }[],
): Promise<Map<string, CodeMatch[]>> {
  if (candidates.length === 0) return new Map();
  const norms = (kind: 'code' | 'guid') =>
    candidates.filter((one) => one.kind === kind && one.norm !== '').map(({ norm }) => norm);
  const others = new Map(
    candidates.flatMap(({ text, norm, kind }) => {
      const other = kind === 'code' ? commonCoreNorm(text) : undefined;
      return other === undefined || other === norm ? [] : [[norm, other] as const];
    }),
  );
  const { rows } = await client.query<{ key: string; match: CodeMatch }>(
    `WITH hits AS (
       SELECT c.code_norm AS key, c.standard_guid AS guid, c.kind AS by FROM standard_code c WHERE c.code_norm = ANY ($1::text[])
       UNION ALL
       SELECT s.guid::text, s.guid, 'guid' FROM standard s WHERE s.guid = ANY ($2::uuid[])
       UNION ALL
       SELECT a.destination_guid::text, a.origin_guid, 'guid' FROM standard_association a
       WHERE a.destination_guid = ANY ($2::uuid[]) AND a.type = 'exactMatchOf'
         AND NOT EXISTS (SELECT 1 FROM standard s WHERE s.guid = a.destination_guid)
     )
     SELECT hits.key, (${standardRowSql('s', 'f')}::jsonb || jsonb_build_object('by', hits.by, 'replacedBy',
       CASE WHEN s.retired_at IS NULL THEN '[]'::jsonb ELSE to_jsonb(${replacementsSql('s.guid')}) END)) AS match
     FROM hits JOIN standard s ON s.guid = hits.guid JOIN framework f ON f.guid = s.framework_guid
     WHERE f.visible`,
    [[...new Set([...norms('code'), ...others.values()])], [...new Set(norms('guid'))]],
  );
  const known = new Map<string, CodeMatch[]>();
  for (const { key, match } of rows) {
    const list = known.get(key);
    if (list) list.push(match);
    else known.set(key, [match]);
  }
  for (const [norm, other] of others) {
    const found = known.get(other);
    if (found && !known.has(norm)) known.set(norm, found);
  }
  return known;
}

/** An SQL array: what replaces the standard, followed to the end of the chain; at most ten steps. */
export const replacementsSql = (guid: string): string => `ARRAY(
  WITH RECURSIVE chain AS (
    SELECT r.destination_guid AS guid, 1 AS step FROM standard_association r WHERE r.origin_guid = ${guid} AND r.type = 'replacedBy'
    UNION SELECT r.destination_guid, chain.step + 1 FROM chain JOIN standard_association r ON r.origin_guid = chain.guid AND r.type = 'replacedBy'
    WHERE chain.step < 10)
  SELECT DISTINCT n.guid FROM chain JOIN standard n ON n.guid = chain.guid WHERE n.retired_at IS NULL)`;
