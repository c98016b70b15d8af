import type { Deps } from '../deps.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { parseMapping } from './mapping.ts';
import { sourceOf } from './run-service.ts';

type Key = { districtId: string; source: string; name: string };

/**
 * Keeps a mapping for a source under a name: the same text again is the same version, a changed one the next.
 * @returns the version's id, for `createRun`
 * @throws MappingError
 */
export async function saveMapping(
  { pool }: Pick<Deps, 'pool'>,
  { districtId, source, name, text, personId }: Key & { text: string; personId: string | null },
): Promise<{ id: string; version: number }> {
  parseMapping(text);
  return withTransaction(pool, async (client) => {
    const sourceId = await sourceOf(client, districtId, source);
    await client.query('SELECT id FROM import_source WHERE id = $1 FOR UPDATE', [sourceId]);
    const { rows } = await client.query<{ id: string; version: number; text: string }>(
      'SELECT id, version, text FROM import_mapping WHERE source_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1',
      [sourceId, name],
    );
    const [last] = rows;
    if (last?.text === text) return { id: last.id, version: last.version };
    const version = (last?.version ?? 0) + 1;
    const made = await client.query<{ id: string }>(
      'INSERT INTO import_mapping (source_id, name, version, text, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING id',
      [sourceId, name, version, text, personId],
    );
    return { id: made.rows[0]!.id, version };
  });
}

/** The newest version of a source's mapping, or undefined where it has none. */
export async function latestMapping(
  { pool }: Pick<Deps, 'pool'>,
  { districtId, source, name }: Key,
): Promise<{ id: string; version: number; text: string } | undefined> {
  const { rows } = await pool.query<{ id: string; version: number; text: string }>(
    `SELECT m.id, m.version, m.text FROM import_mapping m JOIN import_source s ON s.id = m.source_id
     WHERE s.district_id = $1 AND s.name = $2 AND m.name = $3 ORDER BY m.version DESC LIMIT 1`,
    [districtId, source, name],
  );
  return rows[0];
}
