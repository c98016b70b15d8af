import type { Pool } from 'pg';
import { insertRows } from './insert-rows.ts';
import { catalogId } from './catalog.ts';

/** People of the catalog's organizations who administer: where they work, and at which they are administrators. */
const administrators = {
  stella: { at: 'state', of: 'state' },
  dora: { at: 'north', of: 'north' },
  sven: { at: 'south', of: 'south' },
  /** Of a school: has the log of it, and nothing else. */
  olga: { at: 'north-high', of: 'north-high' },
} as const;

export type AdministratorName = keyof typeof administrators;

/** Adds them to the catalog. Their addresses are `<name>@test.example`. */
export async function insertAdministrators(pool: Pool): Promise<void> {
  const entries = Object.entries(administrators);
  await insertRows(
    pool,
    'person',
    entries.map(([name, { at }]) => ({
      id: catalogId('person', name),
      email: `${name}@test.example`,
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)} Admin`,
      organization_id: catalogId('organization', at),
      session_epoch: 0,
      notice_mail: 'daily',
      created_at: '2024-01-01T00:00:00Z',
      updated_at: '2024-01-01T00:00:00Z',
    })),
  );
  await insertRows(
    pool,
    'role_grant',
    entries.map(([name, { of }]) => ({
      person_id: catalogId('person', name),
      organization_id: catalogId('organization', of),
      role: 'admin',
      created_at: '2024-01-01T00:00:00Z',
    })),
  );
}
