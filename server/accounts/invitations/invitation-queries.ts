import type { Pool } from 'pg';
import type { Role } from '../../lib/viewer.ts';
import { inScopeSql } from '../people-policy.ts';

/** An invitation that waits. */
export type InvitationRow = {
  id: string;
  email: string;
  name: string;
  roles: Role[];
  organization: string;
  /** The place is closed: nobody is invited there any more. */
  closed: boolean;
  /** Who invited; null when their account is gone, or a command did. */
  by: string | null;
  createdAt: Date;
  /** Null: the mail has not gone out yet. */
  sentAt: Date | null;
  /** By a mail server, or into the folder of the server; null: not yet, or nobody knows any more. */
  sentBy: 'mail' | 'folder' | null;
  expiresAt: Date;
};

/** Invitations that wait, the latest first; `scope` is the districts whose people are meant, null for all. */
export async function invitationList(
  pool: Pool,
  scope: string[] | null,
  { q, page, size }: { q: string; page: number; size: number },
): Promise<{ total: number; invitations: InvitationRow[] }> {
  const pattern = `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const { rows } = await pool.query<InvitationRow & { total: number }>(
    `SELECT i.id, i.email, i.name, i.roles, o.name AS organization, o.closed_at IS NOT NULL AS closed, p.name AS by, i.created_at AS "createdAt",
       i.sent_at AS "sentAt", i.sent_by AS "sentBy", i.expires_at AS "expiresAt", count(*) OVER ()::int AS total
     FROM invitation i JOIN organization o ON o.id = i.organization_id LEFT JOIN person p ON p.id = i.invited_by
     WHERE ${inScopeSql('o', '$1')} AND (i.email LIKE lower($2) OR plain(i.name) LIKE plain($2))
     ORDER BY i.created_at DESC, i.id DESC LIMIT $3 OFFSET $4`,
    [scope, pattern, size, (page - 1) * size],
  );
  return { total: rows[0]?.total ?? 0, invitations: rows };
}

/** How many invitations wait. */
export async function countInvitations(pool: Pool, scope: string[] | null): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM invitation i JOIN organization o ON o.id = i.organization_id
     WHERE ${inScopeSql('o', '$1')}`,
    [scope],
  );
  return rows[0]?.count ?? 0;
}

/** What a link invites to. */
export type OpenInvitation = {
  email: string;
  name: string;
  roles: Role[];
  organization: string;
  /** What the mail called it, where that one was merged into it since. */
  mergedFrom: string | null;
  /** It closed: nobody can come in by this. */
  closed: boolean;
  by: string | null;
  /** The account that has this address already. */
  account: { id: string; closed: boolean } | null;
};

/** The invitation behind the hash of what its mail holds, while it is there. */
export async function openInvitation(
  pool: Pick<Pool, 'query'>,
  tokenHash: string,
  now: Date,
): Promise<OpenInvitation | undefined> {
  const { rows } = await pool.query<OpenInvitation>(
    `SELECT i.email, i.name, i.roles, o.name AS organization, i.merged_from AS "mergedFrom", o.closed_at IS NOT NULL AS closed, by.name AS by,
       CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'closed', p.disabled_at IS NOT NULL) END AS account
     FROM invitation i JOIN organization o ON o.id = i.organization_id
       LEFT JOIN person by ON by.id = i.invited_by LEFT JOIN person p ON p.email = i.email
     WHERE i.token_hash = $1 AND i.expires_at > $2`,
    [tokenHash, now],
  );
  return rows[0];
}
