import type { Pool } from 'pg';
import type { Membership } from '../accounts/account-view.ts';

export type PersonRow = {
  id: string;
  name: string;
  email: string;
  active: boolean;
  lastSeen: Date | null;
  memberships: Membership[];
};

/**
 * People by name, those whose name or address holds the text; all for an empty one.
 * @param scope the districts whose people are meant; null: everybody
 */
export async function peopleList(
  pool: Pool,
  scope: string[] | null,
  { q, page, size }: { q: string; page: number; size: number },
): Promise<{ total: number; people: PersonRow[] }> {
  const pattern = `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const found = `(plain(p.name) LIKE plain($1) OR p.email LIKE lower($1))
    AND ($2::uuid[] IS NULL OR p.organization_id IN (SELECT o.id FROM organization o WHERE o.district_id = ANY ($2)))`;
  const [{ rows: counted }, { rows: people }] = await Promise.all([
    pool.query<{ total: number }>(`SELECT count(*)::int AS total FROM person p WHERE ${found}`, [
      pattern,
      scope,
    ]),
    pool.query<PersonRow>(
      `SELECT p.id, p.name, p.email, p.disabled_at IS NULL AS active,
         (SELECT max(a.at) FROM audit_event a WHERE a.actor_id = p.id AND a.action = 'person.signed_in' AND a.outcome = 'done') AS "lastSeen",
         coalesce((SELECT json_agg(json_build_object('role', g.role, 'organization', o.name, 'kind', o.kind) ORDER BY o.name, g.role)
           FROM role_grant g JOIN organization o ON o.id = g.organization_id WHERE g.person_id = p.id), '[]') AS memberships
       FROM person p WHERE ${found} ORDER BY plain(p.name), p.id LIMIT $3 OFFSET $4`,
      [pattern, scope, size, (page - 1) * size],
    ),
  ]);
  return { total: counted[0]?.total ?? 0, people };
}
