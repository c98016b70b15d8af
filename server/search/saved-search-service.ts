import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import { invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { type MailRhythm } from './saved-search-schema.ts';
import { keptAddress, LONGEST_ADDRESS } from './search-address.ts';
import type { SearchParams } from './search-schema.ts';

/** So many a person keeps. */
const MOST_SAVED = 100;

interface SaveDeps {
  pool: Pool;
  clock: { now: () => Date };
}

/**
 * Keeps a search under a name; the same search again changes its name and rhythm. Mails tell of what is new from now on.
 * @returns its id
 * @throws 422 without a name, when it is longer than can be kept, or when a person has a hundred of them
 */
export async function saveSearch(
  { pool, clock }: SaveDeps,
  personId: string,
  search: { params: SearchParams; name: string; mail: MailRhythm },
): Promise<string> {
  const address = keptAddress(search.params);
  if (search.name === '') throw invalid({ field: 'name', key: 'saved.fault.name' });
  if (address.length > LONGEST_ADDRESS) throw invalid({ field: 'search', key: 'saved.fault.long' });
  return withTransaction(pool, async (client) => {
    await client.query('SELECT 1 FROM person WHERE id = $1 FOR UPDATE', [personId]);
    const { rows: kept } = await client.query<{ others: number }>(
      'SELECT count(*)::int AS others FROM saved_search WHERE person_id = $1 AND address <> $2',
      [personId, address],
    );
    if ((kept[0]?.others ?? 0) >= MOST_SAVED)
      throw invalid({ field: 'name', key: 'saved.fault.many', params: { count: MOST_SAVED } });
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO saved_search AS s (person_id, name, address, mail, told_until) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (person_id, address) DO UPDATE SET name = excluded.name, mail = excluded.mail,
         told_until = CASE WHEN s.mail = 'never' THEN excluded.told_until ELSE s.told_until END
       RETURNING id`,
      [personId, search.name, address, search.mail, clock.now()],
    );
    return rows[0]?.id ?? '';
  });
}

/**
 * Changes the name or the rhythm of one's own saved search.
 * @throws 404 when it isn't there or is somebody else's, 422 without a name
 */
export async function changeSavedSearch(
  { pool, clock }: SaveDeps,
  personId: string,
  change: { id: string; name: string; mail: MailRhythm },
): Promise<void> {
  if (change.name === '') throw invalid({ field: 'name', key: 'saved.fault.name' });
  const { rowCount } = await pool.query(
    `UPDATE saved_search SET name = $3, told_until = CASE WHEN mail = 'never' THEN $5 ELSE told_until END, mail = $4
     WHERE id = $1 AND person_id = $2`,
    [change.id, personId, change.name, change.mail, clock.now()],
  );
  if (rowCount === 0) throw notFound();
}

/**
 * Removes one's own saved search.
 * @returns what it was, so that it can be kept again
 * @throws 404 when it isn't there or is somebody else's
 */
export async function removeSavedSearch(
  { pool }: Pick<SaveDeps, 'pool'>,
  personId: string,
  id: string,
): Promise<{ name: string; address: string; mail: MailRhythm }> {
  const { rows } = await pool.query<{ name: string; address: string; mail: MailRhythm }>(
    'DELETE FROM saved_search WHERE id = $1 AND person_id = $2 RETURNING name, address, mail',
    [id, personId],
  );
  if (!rows[0]) throw notFound();
  return rows[0];
}

/** Ends all mails about saved searches for a person; the searches stay. */
export async function endSearchMails(
  { pool }: Pick<SaveDeps, 'pool'>,
  personId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE saved_search SET mail = 'never' WHERE person_id = $1 AND mail <> 'never'`,
      [personId],
    );
    if (rowCount)
      await audit(client, {
        actorId: personId,
        action: 'person.search_mails_ended',
        objectType: 'person',
        objectId: personId,
        ...origin,
      });
  });
}

/** Tells curators what a person looked for in vain; asking for the same again changes the note. */
export async function askForIt(
  { pool }: Pick<SaveDeps, 'pool'>,
  personId: string,
  ask: { params: SearchParams; note: string },
): Promise<void> {
  const address = keptAddress(ask.params);
  if (address.length > LONGEST_ADDRESS) throw invalid({ field: 'search', key: 'saved.fault.long' });
  await pool.query(
    `INSERT INTO search_ask (person_id, address, words, note) VALUES ($1, $2, $3, $4)
     ON CONFLICT (person_id, address) WHERE closed_at IS NULL DO UPDATE SET note = excluded.note`,
    [personId, address, ask.params.q, ask.note],
  );
}
