import type { Pool } from 'pg';
import type { Grant, Viewer } from '../lib/viewer.ts';
import type { TokenScope } from '../web/request-context.ts';
import type { NoticeRhythm } from './account-schema.ts';

/** An account as sign-in needs it. */
export type Account = {
  viewer: Viewer & { id: string };
  passwordHash: string | null;
  sessionEpoch: number;
  /** How often notices come by mail. */
  noticeMail: NoticeRhythm;
  /** Notices that the person has not seen yet, counted up to a hundred; also those about what they may no longer see. */
  unseen: number;
};

type Row = {
  id: string;
  name: string;
  email: string;
  password_hash: string | null;
  session_epoch: number;
  organization_id: string;
  organization_name: string;
  district_id: string | null;
  grants: Grant[];
  notice_mail: NoticeRhythm;
  unseen: number;
};

const accountColumns = `p.id, p.name, p.email, p.password_hash, p.session_epoch, p.organization_id, p.notice_mail,
         (SELECT count(*)::int FROM (SELECT 1 FROM notice n WHERE n.person_id = p.id AND n.seen_at IS NULL LIMIT 100) new) AS unseen,
         o.name AS organization_name, o.district_id,
         coalesce((
           SELECT json_agg(json_build_object('role', g.role, 'organizationId', g.organization_id, 'kind', go.kind, 'districtId', go.district_id)
                           ORDER BY g.role, g.organization_id)
           FROM role_grant g JOIN organization go ON go.id = g.organization_id
           WHERE g.person_id = p.id AND go.closed_at IS NULL
         ), '[]') AS grants`;

const accountSql = `
  SELECT ${accountColumns}
  FROM person p JOIN organization o ON o.id = p.organization_id
  WHERE p.disabled_at IS NULL AND `;

/** The account behind a session, or undefined when it is gone or disabled. */
export async function accountById(pool: Pool, personId: string): Promise<Account | undefined> {
  const { rows } = await pool.query<Row>(`${accountSql} p.id = $1`, [personId]);
  return rows[0] && toAccount(rows[0]);
}

/** The account with that address (any case), or undefined when there is none or it is disabled. */
export async function accountByEmail(pool: Pool, email: string): Promise<Account | undefined> {
  const { rows } = await pool.query<Row>(`${accountSql} p.email = lower($1)`, [email]);
  return rows[0] && toAccount(rows[0]);
}

/** The account and the token behind the hash of a secret, while both may be used: one round trip for each API request. */
export async function accountByToken(
  pool: Pool,
  secretHash: string,
  now: Date,
): Promise<{ account: Account; token: UsedToken } | undefined> {
  const { rows } = await pool.query<Row & { token: UsedToken }>(
    `SELECT ${accountColumns},
       json_build_object('id', k.id, 'scopes', k.scopes, 'lastUsedOn', to_char(k.last_used_on, 'YYYY-MM-DD')) AS token
     FROM api_token k JOIN person p ON p.id = k.person_id JOIN organization o ON o.id = p.organization_id
     WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND k.expires_at > $2 AND p.disabled_at IS NULL`,
    [secretHash, now],
  );
  const [row] = rows;
  return row && { account: toAccount(row), token: row.token };
}

/** `lastUsedOn`: `2026-11-25`, in UTC. */
export type UsedToken = { id: string; scopes: TokenScope[]; lastUsedOn: string | null };

function toAccount(row: Row): Account {
  return {
    viewer: {
      id: row.id,
      name: row.name,
      email: row.email,
      organizationId: row.organization_id,
      organizationName: row.organization_name,
      districtId: row.district_id,
      grants: row.grants,
    },
    passwordHash: row.password_hash,
    sessionEpoch: row.session_epoch,
    noticeMail: row.notice_mail,
    unseen: row.unseen,
  };
}

/** Names of the organizations at which a person holds roles, for the account page. */
export async function membershipsOf(
  pool: Pool,
  personId: string,
): Promise<{ role: Grant['role']; organization: string; kind: Grant['kind'] }[]> {
  const { rows } = await pool.query<{ role: Grant['role']; organization: string; kind: Grant['kind'] }>(
    `SELECT g.role, o.name AS organization, o.kind
     FROM role_grant g JOIN organization o ON o.id = g.organization_id
     WHERE g.person_id = $1 ORDER BY o.kind DESC, o.name, g.role`,
    [personId],
  );
  return rows;
}
