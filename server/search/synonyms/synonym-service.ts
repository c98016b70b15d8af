import type { Pool, PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import { conflict, forbidden, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import { isStateStaff, type Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { foldedWords } from '../reading/query-tokens.ts';
import type { SynonymInput } from './synonym-schema.ts';

/** Whether the viewer looks after the synonyms of the state: its curators, leads and administrators. */
export const mayEditSynonyms = (viewer: Viewer): boolean => isStateStaff(viewer, 'curator', 'lead', 'admin');

interface Deps {
  pool: Pool;
}

/**
 * Adds a group; searches are widened by it at once.
 * @returns its id
 * @throws 403; 409 when there is the same group already
 */
export function addSynonyms(
  { pool }: Deps,
  viewer: Viewer,
  input: SynonymInput,
  origin: Origin,
): Promise<string> {
  return edit(pool, viewer, origin, 'synonyms.added', async (client) => {
    await refuseTwice(client, input, null);
    const { rows } = await client.query<{ id: string }>(
      'INSERT INTO synonym_group (language, term, words, updated_by) VALUES ($1, $2, $3, $4) RETURNING id',
      [input.language, input.term, input.words, viewer.id],
    );
    return { id: rows[0]?.id ?? '', detail: { after: input } };
  });
}

/**
 * Changes a group; the log keeps what it was.
 * @throws 403, 404; 409 when there is the same group already
 */
export async function changeSynonyms(
  { pool }: Deps,
  viewer: Viewer,
  groupId: string,
  input: SynonymInput,
  origin: Origin,
): Promise<void> {
  await edit(pool, viewer, origin, 'synonyms.changed', async (client) => {
    const before = await lock(client, groupId);
    await refuseTwice(client, input, groupId);
    await client.query(
      `UPDATE synonym_group SET language = $2, term = $3, words = $4, updated_by = $5, updated_at = now() WHERE id = $1`,
      [groupId, input.language, input.term, input.words, viewer.id],
    );
    return { id: groupId, detail: { before, after: input } };
  });
}

/**
 * Removes a group; the log keeps what it was.
 * @throws 403, 404
 */
export async function removeSynonyms(
  { pool }: Deps,
  viewer: Viewer,
  groupId: string,
  origin: Origin,
): Promise<void> {
  await edit(pool, viewer, origin, 'synonyms.removed', async (client) => {
    const before = await lock(client, groupId);
    await client.query('DELETE FROM synonym_group WHERE id = $1', [groupId]);
    return { id: groupId, detail: { before } };
  });
}

/** One transaction: may they, the change, the log. */
async function edit(
  pool: Pool,
  viewer: Viewer,
  origin: Origin,
  action: string,
  change: (client: PoolClient) => Promise<{ id: string; detail: Record<string, unknown> }>,
): Promise<string> {
  if (!mayEditSynonyms(viewer)) throw forbidden();
  return withTransaction(pool, async (client) => {
    const { id, detail } = await change(client);
    await audit(client, {
      actorId: viewer.id,
      action,
      objectType: 'synonym_group',
      objectId: id,
      detail,
      ...origin,
    });
    return id;
  });
}

async function lock(client: PoolClient, groupId: string): Promise<SynonymInput> {
  const { rows } = await client.query<SynonymInput>(
    'SELECT language, term, words FROM synonym_group WHERE id = $1 FOR UPDATE',
    [groupId],
  );
  const [group] = rows;
  if (!group) throw notFound();
  return group;
}

/** The same term and words, in any order, but for case and accents, are the same group. */
async function refuseTwice(client: PoolClient, input: SynonymInput, except: string | null): Promise<void> {
  const { rows } = await client.query<SynonymInput & { id: string }>(
    'SELECT id, term, words FROM synonym_group WHERE id IS DISTINCT FROM $1',
    [except],
  );
  const key = keyOf(input);
  if (rows.some((row) => keyOf(row) === key)) throw conflict('synonyms.fault.known');
}

const keyOf = ({ term, words }: Pick<SynonymInput, 'term' | 'words'>): string => {
  const folded = (text: string): string => foldedWords(text).join(' ');
  return JSON.stringify([term === null ? null : folded(term), words.map(folded).sort()]);
};
