import type { PoolClient } from 'pg';
import { logMoves, markDirty, moveResources, type Destination } from './move-resources.ts';
import { RESOURCES_AT_ONCE } from './transfer-limits.ts';

type HandOver = Destination & {
  kind: 'school' | 'person';
  /** The transfer that this one takes back. */
  backOf: string | null;
};

/**
 * Hands over the next of what was listed. What belongs to somebody else by now, or is gone, is left as it is.
 * @returns how many of each went; null: nothing is left to do
 */
export async function handOverNext(
  client: PoolClient,
  over: HandOver,
): Promise<{ resources: number; collections: number } | null> {
  const { rows: items } = await client.query<{ kind: 'resource' | 'collection'; object_id: string }>(
    `SELECT kind, object_id FROM transfer_item WHERE transfer_id = $1 AND outcome IS NULL ORDER BY kind, object_id LIMIT ${RESOURCES_AT_ONCE}`,
    [over.transferId],
  );
  if (items.length === 0) return null;
  const ids = (kind: string) => items.flatMap((item) => (item.kind === kind ? item.object_id : []));
  const resources =
    over.kind === 'school'
      ? await moveResources(client, 'ofOrganization', over, ids('resource'))
      : await giveResources(client, over, ids('resource'));
  const collections = await giveCollections(client, over, ids('collection'));
  const done = [...resources, ...collections];
  await client.query(
    `UPDATE transfer_item SET outcome = CASE WHEN object_id = ANY ($2::uuid[]) THEN 'done' ELSE 'left' END
     WHERE transfer_id = $1 AND (kind, object_id) IN (SELECT * FROM unnest($3::text[], $4::uuid[]))`,
    [over.transferId, done, items.map(({ kind }) => kind), items.map((item) => item.object_id)],
  );
  return { resources: resources.length, collections: collections.length };
}

async function giveResources(client: PoolClient, over: HandOver, ids: readonly string[]): Promise<string[]> {
  const { rows: mine } = await client.query<{ id: string }>(
    `SELECT id FROM resource WHERE id = ANY ($1::uuid[]) AND owner_id = $2 AND state <> 'purged' ORDER BY id FOR UPDATE`,
    [ids, over.from],
  );
  const giving = mine.map(({ id }) => id);
  if (giving.length === 0) return [];
  await endHelp(client, over, 'resource', giving);
  const { rows } = await client.query<{ id: string; state: string }>(
    'UPDATE resource SET owner_id = $2, updated_at = $3 WHERE id = ANY ($1::uuid[]) RETURNING id, state',
    [giving, over.to, over.at],
  );
  await helpAgain(client, over, 'resource', giving);
  await logMoves(client, 'resource.handed_over', over, giving);
  await markDirty(
    client,
    rows.flatMap(({ id, state }) => (state === 'published' ? id : [])),
    over.many,
  );
  return giving;
}

/** What somebody only saved for themselves isn't handed over: it is nobody's work. */
async function giveCollections(
  client: PoolClient,
  over: HandOver,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const column = over.kind === 'school' ? 'organization_id' : 'owner_id';
  const { rows } = await client.query<{ id: string }>(
    `UPDATE collection SET ${column} = $2, updated_at = $4, revision = revision + 1
     WHERE id = ANY ($1::uuid[]) AND ${column} = $3 AND kind <> 'saved' AND deleted_at IS NULL RETURNING id`,
    [ids, over.to, over.from, over.at],
  );
  const given = rows.map(({ id }) => id);
  if (over.kind === 'person') {
    await endHelp(client, over, 'collection', given);
    await helpAgain(client, over, 'collection', given);
  }
  await client.query(
    `INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, detail)
     SELECT $2, 'collection.handed_over', 'collection', c.id::text, c.organization_id, jsonb_build_object('transfer', $3::uuid, 'from', $4::uuid, 'to', $5::uuid)
     FROM collection c WHERE c.id = ANY ($1::uuid[]) ORDER BY c.id`,
    [given, over.actorId, over.transferId, over.from, over.to],
  );
  return given;
}

type Kind = 'resource' | 'collection';

/** Where it is kept who helps with what: co-authors and editors. */
const HELPERS = {
  resource: { table: 'co_author', object: 'resource_id' },
  collection: { table: 'collection_editor', object: 'collection_id' },
} as const;

/** Whoever owns something isn't its co-author or editor too; that the receiver was until now is written down. */
async function endHelp(
  client: PoolClient,
  { transferId, to }: HandOver,
  kind: Kind,
  ids: readonly string[],
): Promise<void> {
  const { table, object } = HELPERS[kind];
  await client.query(
    `WITH helped AS (DELETE FROM ${table} WHERE ${object} = ANY ($4::uuid[]) AND person_id = $3 RETURNING ${object} AS id)
     UPDATE transfer_item SET receiver_helped = true WHERE transfer_id = $1 AND kind = $2 AND object_id IN (SELECT id FROM helped)`,
    [transferId, kind, to, ids],
  );
}

/** Whoever gives something back is again the co-author or editor that they were before they got it. */
async function helpAgain(
  client: PoolClient,
  { backOf, from }: HandOver,
  kind: Kind,
  ids: readonly string[],
): Promise<void> {
  if (backOf === null) return;
  const { table, object } = HELPERS[kind];
  await client.query(
    `INSERT INTO ${table} (${object}, person_id)
     SELECT object_id, $3 FROM transfer_item WHERE transfer_id = $1 AND kind = $2 AND receiver_helped AND object_id = ANY ($4::uuid[])
     ON CONFLICT DO NOTHING`,
    [backOf, kind, from, ids],
  );
}
