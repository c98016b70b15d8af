import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import lists from './starter-lists.json' with { type: 'json' };
import { lockVocabularies, type Client } from './vocabulary-change.ts';
import { mayChange } from './vocabulary-service.ts';

/** Nobody should choose it for new work. */
const NOT_OFFERED = new Set(['unknown']);

/**
 * Fills the lists that are empty with usual ones: subjects, kinds, settings, licenses with their plain words, and a scale
 * of four levels. Lists that have anything stay as they are.
 */
export async function writeStarterLists(client: Client, scaleName = lists.scale.name): Promise<void> {
  for (const [table, list] of [
    ['subject', lists.subjects],
    ['resource_type', lists.types],
    ['setting', lists.settings],
  ] as const)
    await client.query(
      `INSERT INTO ${table} (slug, name, position)
       SELECT x->>'code', x->>'name', n FROM json_array_elements($1::json) WITH ORDINALITY AS u (x, n) WHERE NOT EXISTS (SELECT 1 FROM ${table})`,
      [JSON.stringify(list)],
    );
  const licenses = lists.licenses.map((license, place) => ({
    ...license,
    ...license.plain,
    open: license.code.startsWith('CC'),
    offered: !NOT_OFFERED.has(license.code),
    place,
  }));
  await client.query(
    `INSERT INTO license (code, name, url, may, must, may_not, adaptable, share_alike, noncommercial, credit, open, offered, position)
     SELECT code, name, url, may, must, "mayNot", adaptable, share_alike, noncommercial, credit, open, offered, place
     FROM json_to_recordset($1::json) AS x (code text, name text, url text, may text[], must text[], "mayNot" text[], adaptable boolean,
       share_alike boolean, noncommercial boolean, credit boolean, open boolean, offered boolean, place integer)
     WHERE NOT EXISTS (SELECT 1 FROM license)`,
    [JSON.stringify(licenses)],
  );
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO competency_scale (name, is_default) SELECT $1, true WHERE NOT EXISTS (SELECT 1 FROM competency_scale WHERE is_default) RETURNING id`,
    [scaleName],
  );
  if (rows[0])
    await client.query(
      `INSERT INTO competency_level (scale_id, slug, name, description, position)
       SELECT $1, x->>'code', x->>'name', x->>'description', n FROM json_array_elements($2::json) WITH ORDINALITY AS u (x, n)
       ON CONFLICT (slug) DO NOTHING`,
      [rows[0].id, JSON.stringify(lists.scale.levels)],
    );
}

/** Whether any of the lists that sharing needs is empty. */
export async function needsStarterLists(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ empty: boolean }>(
    `SELECT NOT (EXISTS (SELECT 1 FROM subject) AND EXISTS (SELECT 1 FROM resource_type) AND EXISTS (SELECT 1 FROM setting)
       AND EXISTS (SELECT 1 FROM license) AND EXISTS (SELECT 1 FROM competency_scale WHERE is_default)) AS empty`,
  );
  return rows[0]?.empty ?? false;
}

/** Fills empty lists for an administrator. @throws 403 */
export async function useStarterLists(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    await writeStarterLists(client);
    await audit(client, {
      actorId: viewer.id,
      action: 'vocabularies.started',
      objectType: 'vocabulary',
      ...origin,
    });
  });
}
