import type { Pool } from 'pg';
import { inScopeSql } from '../people-policy.ts';

/** How a district takes people who make their account themselves. */
export type RegistrationRow = {
  districtId: string;
  district: string;
  open: boolean;
  domains: string[];
  /** Accounts in the district with an address of these domains. */
  people: number;
  updatedAt: Date | null;
  by: string | null;
};

/** The districts of a scope (null: all), those that are open first. */
export async function registrations(pool: Pool, scope: string[] | null): Promise<RegistrationRow[]> {
  const { rows } = await pool.query<RegistrationRow>(
    `SELECT o.id AS "districtId", o.name AS district, coalesce(r.open, false) AS open, coalesce(d.domains, '{}') AS domains,
       r.updated_at AS "updatedAt", p.name AS by,
       (SELECT count(*)::int FROM person q JOIN organization place ON place.id = q.organization_id
        WHERE place.district_id = o.id AND q.disabled_at IS NULL AND split_part(q.email, '@', 2) = ANY (d.domains)) AS people
     FROM organization o LEFT JOIN registration r ON r.district_id = o.id LEFT JOIN person p ON p.id = r.updated_by
       LEFT JOIN (SELECT district_id, array_agg(domain ORDER BY domain) AS domains FROM registration_domain GROUP BY 1) d ON d.district_id = o.id
     WHERE o.kind = 'district' AND o.closed_at IS NULL AND ${inScopeSql('o', '$1')}
     ORDER BY coalesce(r.open, false) DESC, plain(o.name), o.id`,
    [scope],
  );
  return rows;
}

/** The districts that take people, with the domains of their addresses: for everybody to see. */
export async function openRegistrations(pool: Pool): Promise<{ district: string; domains: string[] }[]> {
  const { rows } = await pool.query<{ district: string; domains: string[] }>(
    `SELECT o.name AS district, array_agg(d.domain ORDER BY d.domain) AS domains
     FROM registration r JOIN organization o ON o.id = r.district_id AND o.closed_at IS NULL JOIN registration_domain d ON d.district_id = r.district_id
     WHERE r.open GROUP BY o.id ORDER BY plain(o.name), o.id`,
  );
  return rows;
}

/** Whether some district takes people who make their account themselves. */
export async function takesRegistrations(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ some: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM registration r JOIN organization o ON o.id = r.district_id AND o.closed_at IS NULL
       JOIN registration_domain d ON d.district_id = r.district_id WHERE r.open) AS some`,
  );
  return rows[0]?.some ?? false;
}

/** The district that takes people with addresses of a domain today, and where they may work. */
export type Welcome = {
  district: string;
  places: { id: string; name: string; kind: 'district' | 'school' }[];
};

/** The district that an address of this domain (in lower case) is welcome in; undefined where none is open to it. */
export async function districtByDomain(
  client: Pick<Pool, 'query'>,
  domain: string,
): Promise<Welcome | undefined> {
  const { rows } = await client.query<Welcome>(
    `SELECT o.name AS district,
       (SELECT json_agg(json_build_object('id', s.id, 'name', s.name, 'kind', s.kind) ORDER BY s.kind = 'district', plain(s.name), s.id)
        FROM organization s WHERE s.district_id = o.id AND s.closed_at IS NULL) AS places
     FROM registration_domain d JOIN registration r USING (district_id) JOIN organization o ON o.id = d.district_id
     WHERE d.domain = $1 AND r.open AND o.closed_at IS NULL`,
    [domain],
  );
  return rows[0];
}
