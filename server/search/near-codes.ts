import type { Pool } from 'pg';
import { normCode } from '../lib/standard-code.ts';
import { standardRowSql, standardTab, type StandardRow } from '../standards/standard-row.ts';
import type { StandardTab } from '../standards/standard-view.ts';

/**
 * Standards whose code begins like this one, for a code that nobody knows: at most five, those that share the most
 * first. Empty for a text without letters and digits.
 */
export async function nearCodes(pool: Pool, code: string): Promise<StandardTab[]> {
  const norm = normCode(code).slice(0, 60);
  const beginnings = [0, 1, 2]
    .map((cut) => norm.slice(0, norm.length - cut))
    .filter((text) => text.length >= 2);
  if (beginnings.length === 0) return [];
  const { rows } = await pool.query<{ standard: StandardRow }>(nearQuery, [beginnings]);
  return rows.map(({ standard }) => standardTab(standard));
}

const nearQuery = `
  SELECT standard FROM (
    SELECT DISTINCT ON (s.guid) s.guid, b.n, f.is_state_own AS own, s.position, ${standardRowSql('s', 'f')}::jsonb AS standard
    FROM (SELECT * FROM unnest($1::text[]) WITH ORDINALITY u (text, n)) b
      JOIN LATERAL (
        SELECT c.standard_guid FROM standard_code c
        WHERE c.code_norm ~>=~ b.text AND c.code_norm ~<~ (b.text || '~') ORDER BY length(c.code_norm) LIMIT 20) c ON true
      JOIN standard s ON s.guid = c.standard_guid AND s.retired_at IS NULL
      JOIN framework f ON f.guid = s.framework_guid AND f.visible
    ORDER BY s.guid, b.n
  ) near ORDER BY n, own DESC, position LIMIT 5`;
