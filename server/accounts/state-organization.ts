import type { PoolClient } from 'pg';
import { slug } from '../lib/slug.ts';

/** The id of the state's own organization, which is made with that name where there is none yet. */
export async function ensureState(client: PoolClient, name: string): Promise<string> {
  await client.query(
    `INSERT INTO organization (kind, name, slug) VALUES ('state', $1, $2) ON CONFLICT (kind) WHERE kind = 'state' DO NOTHING`,
    [name, slug(name) || 'state'],
  );
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM organization WHERE kind = 'state'`);
  return rows[0]?.id ?? '';
}
