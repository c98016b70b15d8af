import type { Pool } from 'pg';

/** A place where a person is signed in. */
export type SessionRow = {
  /** Names it in addresses: a hash, as the id itself is the key to it. */
  key: string;
  agent: string;
  ip: string | null;
  beganAt: Date;
  /** When it ends if nothing is asked for any more. */
  idleEndsAt: Date;
};

/** The hash of a session's id by which it is named. */
export const sessionKeySql = `encode(sha256(convert_to(sid, 'UTF8')), 'hex')`;
/** Whose sessions: the expression that the index has. */
export const sessionPersonSql = `(sess #>> '{passport,user,id}')`;

/** The sessions of a person that still work, the one used last first. */
export async function ownSessions(pool: Pool, personId: string): Promise<SessionRow[]> {
  const { rows } = await pool.query<SessionRow>(
    `SELECT ${sessionKeySql} AS key, coalesce(sess ->> 'agent', '') AS agent, sess ->> 'ip' AS ip,
       to_timestamp((sess ->> 'signedInAt')::float8 / 1000) AS "beganAt", expire::timestamptz AS "idleEndsAt"
     FROM session JOIN person p ON p.id = $1 AND p.session_epoch::text = sess #>> '{passport,user,epoch}'
     WHERE ${sessionPersonSql} = $1::text AND expire::timestamptz > now() AND sess ->> 'signedInAt' IS NOT NULL
     ORDER BY expire DESC, sid`,
    [personId],
  );
  return rows;
}
