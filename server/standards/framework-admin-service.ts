import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { Touched } from '../vocabularies/vocabulary-change.ts';
import type { Client } from './framework-rows.ts';
import { isStandardSql } from './standard-kind.ts';

/** A framework as administrators see it, also one that isn't shown. */
export interface AdminFramework {
  guid: string;
  slug: string;
  title: string;
  publisher: string | null;
  version: string | null;
  caseVersion: string | null;
  sourceUrl: string | null;
  adoptionStatus: string | null;
  own: boolean;
  visible: boolean;
  importedAt: Date;
  changedAt: Date | null;
  standards: number;
  retired: number;
}

const FIELDS = `f.guid, f.slug, f.title, coalesce(f.publisher, nullif(f.creator, '')) AS publisher, f.version, f.adoption_status AS "adoptionStatus", f.case_version AS "caseVersion",
  f.official_source_url AS "sourceUrl", f.is_state_own AS own, f.visible, f.imported_at AS "importedAt", f.last_change_at AS "changedAt",
  (SELECT count(*)::int FROM standard s WHERE s.framework_guid = f.guid AND s.retired_at IS NULL AND ${isStandardSql('s')}) AS standards,
  (SELECT count(*)::int FROM standard s WHERE s.framework_guid = f.guid AND s.retired_at IS NOT NULL) AS retired`;

/** All frameworks in their order: the state's own first. */
export async function adminFrameworks(pool: Pool): Promise<AdminFramework[]> {
  const { rows } = await pool.query<AdminFramework>(
    `SELECT ${FIELDS} FROM framework f ORDER BY f.is_state_own DESC, f.position, f.title`,
  );
  return rows;
}

/** One framework, or undefined. */
export async function adminFramework(
  client: Client | Pool,
  guid: string,
): Promise<AdminFramework | undefined> {
  const { rows } = await client.query<AdminFramework>(`SELECT ${FIELDS} FROM framework f WHERE f.guid = $1`, [
    guid,
  ]);
  return rows[0];
}

/** Resources that are aligned to a framework: on the shelf, and drafts that will be. */
export async function frameworkUse(pool: Pool, guid: string): Promise<Touched> {
  const { rows } = await pool.query<Touched>(
    `WITH mine AS (SELECT guid FROM standard WHERE framework_guid = $1),
       claims AS (SELECT a.resource_id, a.to_version FROM alignment a JOIN mine ON mine.guid = a.standard_guid),
       drafts AS (SELECT DISTINCT v.resource_id FROM draft_alignment d JOIN mine ON mine.guid = d.standard_guid JOIN version v ON v.id = d.version_id)
     SELECT (SELECT count(DISTINCT c.resource_id)::int FROM claims c JOIN resource r ON r.id = c.resource_id WHERE c.to_version IS NULL AND r.state = 'published') AS shelf,
       (SELECT count(*)::int FROM drafts) AS drafts,
       (SELECT count(*)::int FROM (SELECT resource_id FROM claims UNION SELECT resource_id FROM drafts) u) AS all`,
    [guid],
  );
  return rows[0] ?? { shelf: 0, drafts: 0, all: 0 };
}

/** Names what can be changed of a framework. */
export const stampOfFramework = ({ own, visible }: AdminFramework): string => `${own}-${visible}`;

/**
 * Says whether a framework is the state's own and whether it is shown. A hidden one isn't offered any more where standards
 * are chosen or searched by; what is aligned to it stays so.
 * @throws 403; 404; 409 when somebody has changed it since
 */
export async function saveFrameworkChoice(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { guid, seen, own, visible }: { guid: string; seen: string; own: boolean; visible: boolean },
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  await withTransaction(pool, async (client) => {
    await client.query('SELECT 1 FROM framework WHERE guid = $1 FOR UPDATE', [guid]);
    const before = await adminFramework(client, guid);
    if (!before) throw notFound('standards.noSuch');
    if (stampOfFramework(before) !== seen) throw conflict('vocabulary.changed');
    await client.query('UPDATE framework SET is_state_own = $2, visible = $3 WHERE guid = $1', [
      guid,
      own,
      visible,
    ]);
    await audit(client, {
      actorId: viewer.id,
      action: 'framework.changed',
      objectType: 'framework',
      objectId: guid,
      detail: { before: { own: before.own, visible: before.visible }, after: { own, visible } },
      ...origin,
    });
  });
}

/** Moves a framework one place among the state's own or among the others. @throws 403; 404 */
export async function moveFramework(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { guid, by }: { guid: string; by: 'up' | 'down' },
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ guid: string; own: boolean }>(
      'SELECT guid, is_state_own AS own FROM framework ORDER BY is_state_own DESC, position, title FOR UPDATE',
    );
    const from = rows.findIndex((row) => row.guid === guid);
    const [mine] = rows.slice(from, from + 1);
    if (from < 0 || !mine) throw notFound('standards.noSuch');
    const to = from + (by === 'up' ? -1 : 1);
    const other = rows[to];
    if (other?.own !== mine.own) return;
    [rows[from], rows[to]] = [other, mine];
    await client.query(
      'UPDATE framework f SET position = o.n FROM unnest($1::uuid[]) WITH ORDINALITY AS o (guid, n) WHERE f.guid = o.guid AND f.position <> o.n',
      [rows.map((row) => row.guid)],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'framework.ordered',
      objectType: 'framework',
      objectId: guid,
      detail: { by },
      ...origin,
    });
  });
}
