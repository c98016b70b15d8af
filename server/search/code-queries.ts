import type { Pool } from 'pg';
import type { StandardTab } from '../standards/standard-view.ts';

/** A standard or a whole framework that a code or a GUID means. */
export interface CodeMatch extends StandardTab {
  /** The state's own frameworks come first where a code is in several. */
  stateOwn: boolean;
}

/**
 * What is known under norms of codes (`normCode`) and GUIDs, in one round trip; by norm or GUID. Frameworks are known
 * by GUID only.
 */
export async function findByCode(
  pool: Pool,
  asked: { norms: readonly string[]; guids: readonly string[] },
): Promise<Map<string, CodeMatch[]>> {
  const found = new Map<string, CodeMatch[]>();
  if (asked.norms.length + asked.guids.length === 0) return found;
  const { rows } = await pool.query<MatchRow>(matchQuery, [asked.norms, asked.guids]);
  for (const row of rows) {
    const list = found.get(row.key) ?? [];
    list.push(matchOf(row));
    found.set(row.key, list);
  }
  return found;
}

/** Standards whose code begins like this one, for a code that nobody knows: at most five, shorter beginnings last. */
export async function nearCodes(pool: Pool, norm: string): Promise<StandardTab[]> {
  if (norm.length < 2) return [];
  const beginnings = [0, 1, 2]
    .map((cut) => norm.slice(0, norm.length - cut))
    .filter((text) => text.length >= 2);
  const { rows } = await pool.query<MatchRow>(nearQuery, [beginnings]);
  return rows.map(matchOf);
}

interface MatchRow {
  key: string;
  guid: string;
  code: string | null;
  statement: string;
  retired: boolean;
  state_own: boolean;
}

const matchOf = (row: MatchRow): CodeMatch => ({
  guid: row.guid,
  code: row.code ?? row.statement.slice(0, 40),
  url: `/standards/${row.guid}`,
  statement: row.statement,
  retired: row.retired,
  stateOwn: row.state_own,
});

const matchQuery = `
  SELECT * FROM (
    SELECT c.code_norm AS key, s.guid, s.code, coalesce(s.short_statement, s.statement) AS statement,
      s.retired_at IS NOT NULL AS retired, f.is_state_own AS state_own, c.kind, f.position AS framework, s.position
    FROM standard_code c JOIN standard s ON s.guid = c.standard_guid JOIN framework f ON f.guid = s.framework_guid
    WHERE c.code_norm = ANY ($1::text[]) AND f.visible
    UNION ALL
    SELECT s.guid::text, s.guid, s.code, coalesce(s.short_statement, s.statement), s.retired_at IS NOT NULL, f.is_state_own, 'full', f.position, s.position
    FROM standard s JOIN framework f ON f.guid = s.framework_guid WHERE s.guid = ANY ($2::uuid[])
    UNION ALL
    SELECT f.guid::text, f.guid, NULL, f.title, false, f.is_state_own, 'full', f.position, 0 FROM framework f WHERE f.guid = ANY ($2::uuid[])
  ) m
  ORDER BY key, retired, state_own DESC, kind = 'full' DESC, framework, position`;

const nearQuery = `
  SELECT DISTINCT ON (b.n, s.position, s.guid) c.code_norm AS key, s.guid, s.code, coalesce(s.short_statement, s.statement) AS statement,
    s.retired_at IS NOT NULL AS retired, f.is_state_own AS state_own
  FROM (SELECT * FROM unnest($1::text[]) WITH ORDINALITY u (text, n)) b
    JOIN LATERAL (SELECT * FROM standard_code c WHERE c.code_norm ~>=~ b.text AND c.code_norm ~<~ (b.text || '~') ORDER BY length(c.code_norm) LIMIT 20) c ON true
    JOIN standard s ON s.guid = c.standard_guid JOIN framework f ON f.guid = s.framework_guid AND f.visible
  WHERE s.retired_at IS NULL
  ORDER BY b.n, s.position, s.guid LIMIT 5`;
