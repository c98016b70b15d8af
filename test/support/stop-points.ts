import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

/** First half of the advisory locks at which the portal is made to wait. */
const LOCKS = 1_195_724_869;

/** Moments at which a portal is killed, each as what it was about to write. */
export const stopPoints = {
  'content is on the disk and has no row yet': 'BEFORE INSERT ON blob FOR EACH ROW',
  'content has a row and no resource has it yet': 'BEFORE INSERT ON file FOR EACH ROW',
  'a draft is becoming a version':
    'BEFORE UPDATE ON version FOR EACH ROW WHEN (OLD.number IS NULL AND NEW.number IS NOT NULL)',
  'a publication is about to be written down':
    "BEFORE INSERT ON audit_event FOR EACH ROW WHEN (NEW.action = 'resource.published')",
  'a publication is done and not answered yet':
    "BEFORE UPDATE ON session FOR EACH ROW WHEN (NEW.sess::text LIKE '%flash%')",
  'the text of a document was read': 'BEFORE INSERT ON blob_page FOR EACH STATEMENT',
  'the picture of a page was drawn': 'BEFORE INSERT ON blob_preview FOR EACH ROW',
  'the search index is being written': 'BEFORE INSERT OR UPDATE ON search_document FOR EACH STATEMENT',
  'the search index is written and its work still marked': 'BEFORE DELETE ON search_dirty FOR EACH STATEMENT',
} as const;
export type StopPoint = keyof typeof stopPoints;

/**
 * Makes a running portal wait at a named point, so that it can be killed exactly there: a trigger that takes a shared
 * lock, and a test that holds the lock. Nothing of the portal itself is changed.
 */
export async function installStopPoints(pool: Pool): Promise<void> {
  await pool.query(`CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(${LOCKS}, TG_ARGV[0]::int);
      RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END $$`);
  for (const [index, when] of Object.values(stopPoints).entries())
    await pool.query(`CREATE TRIGGER stop_here_${index} ${when} EXECUTE FUNCTION stop_here('${index}')`);
}

/** Holds whoever comes to the point from now on. */
export async function holdAt(
  pool: Pool,
  point: StopPoint,
): Promise<{ reached: (timeoutMs: number) => Promise<boolean>; letGo: () => Promise<void> }> {
  const index = Object.keys(stopPoints).indexOf(point);
  const client: PoolClient = await pool.connect();
  await client.query('SELECT pg_advisory_lock($1, $2)', [LOCKS, index]);
  return {
    async reached(timeoutMs) {
      for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(5)) {
        const { rowCount } = await client.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND NOT granted`,
          [LOCKS, index],
        );
        if (rowCount) return true;
      }
      return false;
    },
    async letGo() {
      await client.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS, index]);
      client.release();
    },
  };
}
