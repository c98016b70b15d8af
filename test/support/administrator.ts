import type { Pool } from 'pg';

/** Makes the catalog's state curator, Carla, an administrator of the state too; gives her address. */
export async function makeCarlaAdministrator(pool: Pool): Promise<string> {
  const email = 'carla@test.example';
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role)
     SELECT p.id, o.id, 'admin' FROM person p, organization o WHERE p.email = $1 AND o.kind = 'state'`,
    [email],
  );
  return email;
}
