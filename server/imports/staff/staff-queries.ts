import type { Pool } from 'pg';
import { inScopeSql } from '../../accounts/people-policy.ts';
import type { StaffPlan } from './staff-plan.ts';
import type { StaffRow } from './staff-row.ts';
import type { StaffCounts } from './staff-service.ts';

/** A list of staff without its rows. */
export type StaffFileRow = {
  id: string;
  fileName: string;
  organization: string;
  by: string | null;
  state: 'tried' | 'done';
  counts: StaffCounts;
  createdAt: Date;
  appliedAt: Date | null;
};

const columns = `f.id, f.file_name AS "fileName", o.name AS organization, p.name AS by, f.state, f.counts,
  f.created_at AS "createdAt", f.applied_at AS "appliedAt"`;
const tables = `staff_file f JOIN organization o ON o.id = f.organization_id LEFT JOIN person p ON p.id = f.person_id`;

/** The latest lists within a scope. */
export async function staffFiles(pool: Pool, scope: string[] | null): Promise<StaffFileRow[]> {
  const { rows } = await pool.query<StaffFileRow>(
    `SELECT ${columns} FROM ${tables} WHERE ${inScopeSql('o', '$1')} ORDER BY f.id DESC LIMIT 20`,
    [scope],
  );
  return rows;
}

/** Whose lists can be brought within a scope: districts' by name, then those of the state's own office. */
export async function staffOrganizations(
  pool: Pool,
  scope: string[] | null,
): Promise<{ id: string; name: string }[]> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM organization o WHERE kind <> 'school' AND closed_at IS NULL AND ${inScopeSql('o', '$1')}
     ORDER BY kind = 'state', plain(name), id`,
    [scope],
  );
  return rows;
}

/** A list with what it does. */
export type StaffFile = StaffFileRow & {
  organizationId: string;
  columns: string[];
  plan: StaffPlan;
  digest: string;
  /** The organization whose list it is has closed. */
  closed: boolean;
  /** Names of places, by id. */
  places: Record<string, string>;
  /** Mails to those whom it invited that have not gone out yet. */
  unsent: number;
};

/** A list within a scope, or undefined. */
export async function staffFile(
  pool: Pool,
  scope: string[] | null,
  id: string,
): Promise<StaffFile | undefined> {
  const { rows } = await pool.query<StaffFile>(
    `SELECT ${columns}, f.organization_id AS "organizationId", f.columns, f.plan, f.digest, o.closed_at IS NOT NULL AS closed,
       (SELECT json_object_agg(id, name) FROM organization) AS places,
       CASE f.state WHEN 'done' THEN (
         SELECT count(*)::int FROM invitation i
         WHERE i.sent_at IS NULL AND i.email IN (SELECT e ->> 'email' FROM jsonb_array_elements(f.plan -> 'entries') e WHERE e ->> 'outcome' = 'created'))
       ELSE 0 END AS unsent
     FROM ${tables} WHERE f.id = $2 AND ${inScopeSql('o', '$1')}`,
    [scope, id],
  );
  return rows[0];
}

/** The rows of a list as they stand in its file, by their lines. */
export async function staffRows(pool: Pool, id: string): Promise<Map<number, StaffRow>> {
  const { rows } = await pool.query<{ rows: StaffRow[] }>('SELECT rows FROM staff_file WHERE id = $1', [id]);
  return new Map((rows[0]?.rows ?? []).map((row) => [row.line, row]));
}
