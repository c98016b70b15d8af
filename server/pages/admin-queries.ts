import type { Pool } from 'pg';
import type { AdminPage } from '../accounts/account-view.ts';
import { isStandardSql } from '../standards/standard-kind.ts';

/** What the database says of itself, of the work in the background, and of files. */
export type AdminFacts = {
  counts: AdminPage['counts'];
  version: string;
  databaseBytes: number;
  jobs: {
    waiting: number;
    /** Seconds that the oldest of them has been due. */
    oldestSeconds: number;
    /** Given up after all their attempts. */
    failed: number;
    /** Failed before and will be tried again. */
    retrying: number;
  };
  /** Files that wait for the virus check, or that it could not look into. */
  heldBack: number;
};

/** Everything on the administrators' overview that is in the database; one round trip. */
export async function adminFacts(pool: Pool): Promise<AdminFacts> {
  const { rows } = await pool.query<AdminFacts>(
    `SELECT json_build_object(
         'frameworks', (SELECT count(*) FROM framework WHERE visible),
         'standards', (SELECT count(*) FROM standard s JOIN framework f ON f.guid = s.framework_guid AND f.visible
                       WHERE s.retired_at IS NULL AND ${isStandardSql('s')}),
         'districts', (SELECT count(*) FROM organization WHERE kind = 'district' AND closed_at IS NULL),
         'schools', (SELECT count(*) FROM organization WHERE kind = 'school' AND closed_at IS NULL),
         'people', (SELECT count(*) FROM person WHERE disabled_at IS NULL),
         'resources', (SELECT count(*) FROM resource WHERE state = 'published')) AS counts,
       current_setting('server_version') AS version,
       pg_database_size(current_database())::float8 AS "databaseBytes",
       (SELECT json_build_object(
          'waiting', count(*) FILTER (WHERE due AND attempts < max_attempts AND locked_at IS NULL),
          'oldestSeconds', coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE due AND attempts < max_attempts AND locked_at IS NULL)), 0),
          'failed', count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL),
          'retrying', count(*) FILTER (WHERE attempts BETWEEN 1 AND max_attempts - 1 AND last_error IS NOT NULL))
        FROM (SELECT *, run_at <= now() AS due FROM graphile_worker.jobs) j) AS jobs,
       (SELECT count(*)::int FROM blob WHERE scan_state IN ('quarantined', 'unscannable')) AS "heldBack"`,
  );
  return rows[0]!;
}
