import type { Pool } from 'pg';
import { invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { collectionPath } from '../lib/slug.ts';
import { notify } from '../notices/notice-service.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { note, type Educator } from './collection-log.ts';
import { loadCollection } from './collection-queries.ts';
import { MOST_EDITORS } from './collection-schema.ts';

interface Deps {
  pool: Pool;
}

/**
 * Makes a colleague a co-editor, by their mail address. Asking twice for the same changes nothing.
 * @returns the colleague's name
 * @throws 404 for whoever may not; 422 when nobody has that address, their account is closed, or it is the owner
 */
export async function addEditor(
  { pool }: Deps,
  viewer: Educator,
  { id, email }: { id: string; email: string },
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const collection = await loadCollection(client, viewer, id, 'invite', { lock: true });
    const { rows } = await client.query<{ id: string; name: string; disabled: boolean }>(
      'SELECT id, name, disabled_at IS NOT NULL AS disabled FROM person WHERE email = lower($1)',
      [email],
    );
    const [person] = rows;
    if (!person) throw invalid({ field: 'email', key: 'collection.fault.nobody' });
    if (person.disabled) throw invalid({ field: 'email', key: 'collection.fault.closed' });
    if (person.id === collection.ownerId) throw invalid({ field: 'email', key: 'collection.fault.owner' });
    if (collection.editorIds.includes(person.id)) return person.name;
    if (collection.editorIds.length >= MOST_EDITORS)
      throw invalid({ field: 'email', key: 'collection.fault.editors', params: { count: MOST_EDITORS } });
    await client.query('INSERT INTO collection_editor (collection_id, person_id) VALUES ($1, $2)', [
      id,
      person.id,
    ]);
    await notify(client, {
      to: person.id,
      kind: 'collection.editor',
      by: viewer.id,
      detail: { id, collection: collection.title, url: collectionPath(id, collection.title) },
    });
    await note(client, viewer, origin, 'collection.editor_added', {
      id,
      organizationId: collection.organization.id,
      detail: { person: person.id },
    });
    return person.name;
  });
}

/**
 * Ends a colleague's being a co-editor, or one's own.
 * @throws 404 for whoever may not
 */
export async function removeEditor(
  { pool }: Deps,
  viewer: Educator,
  { id, personId }: { id: string; personId: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const action = personId === viewer.id ? 'leave' : 'invite';
    const collection = await loadCollection(client, viewer, id, action, { lock: true });
    await client.query('DELETE FROM collection_editor WHERE collection_id = $1 AND person_id = $2', [
      id,
      personId,
    ]);
    await note(client, viewer, origin, 'collection.editor_removed', {
      id,
      organizationId: collection.organization.id,
      detail: { person: personId },
    });
  });
}
