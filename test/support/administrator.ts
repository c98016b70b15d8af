import type { Pool } from 'pg';
import { catalogId } from './catalog.ts';

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

/** Makes Hugo, a teacher of the catalog's district north, its administrator too; gives his address. */
export async function makeHugoAdministrator(pool: Pool): Promise<string> {
  await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin')`, [
    catalogId('person', 'hugo'),
    catalogId('organization', 'north'),
  ]);
  return 'hugo@test.example';
}
