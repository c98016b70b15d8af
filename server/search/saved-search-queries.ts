import type { Pool } from 'pg';
import type { MailRhythm } from './saved-search-schema.ts';

export interface SavedSearchRow {
  id: string;
  name: string;
  address: string;
  mail: MailRhythm;
  createdAt: Date;
}

/** A person's saved searches, the newest first. */
export async function savedSearches(pool: Pool, personId: string): Promise<SavedSearchRow[]> {
  const { rows } = await pool.query<SavedSearchRow>(
    `SELECT id, name, address, mail, created_at AS "createdAt" FROM saved_search WHERE person_id = $1 ORDER BY id DESC`,
    [personId],
  );
  return rows;
}

/** The saved search of a person that has this address, if there is one. */
export async function savedAs(pool: Pool, personId: string, address: string): Promise<SavedSearchRow | null> {
  const { rows } = await pool.query<SavedSearchRow>(
    `SELECT id, name, address, mail, created_at AS "createdAt" FROM saved_search WHERE person_id = $1 AND address = $2`,
    [personId, address],
  );
  return rows[0] ?? null;
}
