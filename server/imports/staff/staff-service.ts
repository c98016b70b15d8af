import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { keepAnAdministrator } from '../../accounts/last-administrator.ts';
import { inScopeSql, peopleScope } from '../../accounts/people-policy.ts';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import type { StaffList } from './read-staff.ts';
import { staffFacts, type StaffFacts } from './staff-facts.ts';
import { planStaff, type GoneEntry, type StaffPlan } from './staff-plan.ts';
import type { StaffRow } from './staff-row.ts';
import { InvitedMeanwhile, writeStaff } from './staff-writes.ts';

/** How long a list is kept: it names people. */
const KEPT_DAYS = 30;

type WriteDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Makes sure that the viewer may bring the list of an organization: their district's, or, for the state's, any district's
 * and its own.
 * @throws 404 for any other; 409 for one that is closed
 */
async function mustListStaff(
  client: Pick<PoolClient, 'query'>,
  viewer: Viewer,
  organizationId: string,
): Promise<void> {
  const scope = peopleScope(viewer);
  if (scope !== null && !scope.includes(organizationId)) throw notFound();
  const { rows } = await client.query<{ name: string; closed: boolean }>(
    `SELECT name, closed_at IS NOT NULL AS closed FROM organization WHERE id = $1 AND kind <> 'school'`,
    [organizationId],
  );
  const [organization] = rows;
  if (!organization) throw notFound();
  if (organization.closed) throw conflict('staff.placeClosed', { organization: organization.name });
}

/**
 * Holds a list against how things stand, and keeps what it would do; nothing is changed.
 * @returns the id under which it is looked at and applied
 * @throws 404 for an organization that isn't the viewer's, 409 for a closed one
 */
export async function tryStaff(
  { pool }: WriteDeps,
  viewer: Viewer,
  list: StaffList & { organizationId: string; fileName: string },
): Promise<string> {
  await mustListStaff(pool, viewer, list.organizationId);
  const { plan } = await planNow(pool, viewer, list.organizationId, list.rows);
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO staff_file (organization_id, person_id, file_name, columns, rows, plan, digest, counts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    [
      list.organizationId,
      viewer.id,
      list.fileName.slice(0, 200),
      list.columns,
      JSON.stringify(list.rows),
      JSON.stringify(plan),
      digestOf(plan),
      JSON.stringify(countsOf(plan)),
    ],
  );
  return rows[0]?.id ?? '';
}

async function planNow(
  client: Pick<PoolClient, 'query'>,
  viewer: Viewer,
  organizationId: string,
  rows: StaffRow[],
): Promise<{ plan: StaffPlan; facts: StaffFacts }> {
  const emails = rows.flatMap(({ email }) => email ?? []);
  const everywhere = peopleScope(viewer) === null;
  const facts = await staffFacts(client, organizationId, { emails, everywhere });
  return { plan: planStaff(rows, facts, viewer), facts };
}

/** Of the same plan always the same: the database keeps the keys of rows in an order of its own. */
const digestOf = (plan: StaffPlan): string =>
  createHash('sha256').update(JSON.stringify(plan, inOrder)).digest('hex').slice(0, 32);

const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** How many rows do what. `closed` is known once it was applied. */
export type StaffCounts = {
  created: number;
  changed: number;
  same: number;
  refused: number;
  gone: number;
  closed: number;
};

const countsOf = ({ entries, gone }: StaffPlan, closed = 0): StaffCounts => {
  const counts = { created: 0, changed: 0, same: 0, refused: 0, gone: gone.length, closed };
  for (const { outcome } of entries) counts[outcome] += 1;
  return counts;
};

type Applied = 'done' | 'changed' | 'before';
type Asked = { id: string; digest: string; close: 'all' | readonly string[] };

/**
 * Does what a list says, in one transaction: all of it or nothing. Whoever is not named in it is left alone but for
 * those whom `close` names.
 * @param asked with the digest of the plan that somebody saw, and `close`: ids of those whose accounts are closed, of
 * those that the list misses; or all of these
 * @returns `changed` when people changed since then, or in this moment: the list has another plan now, and nothing was
 * done; `before` when it was applied already
 * @throws 404 for a list that isn't the viewer's, 409 for one of an organization that closed
 */
export async function applyStaff(
  deps: WriteDeps,
  viewer: Viewer,
  asked: Asked,
  origin: Origin,
): Promise<Applied> {
  try {
    return await withTransaction(deps.pool, (client) => applyNow(client, deps.clock, viewer, asked, origin));
  } catch (error) {
    if (!(error instanceof InvitedMeanwhile)) throw error;
    await withTransaction(deps.pool, async (client) => {
      const list = await lockedList(client, viewer, asked.id);
      if (list.state === 'done') return;
      const { plan } = await planNow(client, viewer, list.organizationId, list.rows);
      await keepPlan(client, asked.id, plan, countsOf(plan));
    });
    return 'changed';
  }
}

type KeptList = { state: string; organizationId: string; rows: StaffRow[] };

async function lockedList(client: PoolClient, viewer: Viewer, id: string): Promise<KeptList> {
  const { rows } = await client.query<KeptList>(
    'SELECT state, organization_id AS "organizationId", rows FROM staff_file WHERE id = $1 FOR UPDATE',
    [id],
  );
  const [list] = rows;
  if (!list) throw notFound();
  await mustListStaff(client, viewer, list.organizationId);
  return list;
}

async function applyNow(
  client: PoolClient,
  clock: Deps['clock'],
  viewer: Viewer,
  { id, digest, close }: Asked,
  origin: Origin,
): Promise<Applied> {
  const list = await lockedList(client, viewer, id);
  if (list.state === 'done') return 'before';
  await lockPeople(client, list.organizationId);
  const { plan, facts } = await planNow(client, viewer, list.organizationId, list.rows);
  if (digestOf(plan) !== digest) {
    await keepPlan(client, id, plan, countsOf(plan));
    return 'changed';
  }
  const closing = close === 'all' ? plan.gone : plan.gone.filter(({ personId }) => close.includes(personId));
  const writer = { actorId: viewer.id, fileId: id, now: clock.now(), origin };
  await writeStaff(client, { entries: plan.entries, closing, facts }, writer);
  await keepAnAdministrator(client);
  await finish(client, { id, plan, closing, now: clock.now() });
  await audit(client, {
    actorId: viewer.id,
    action: 'staff_list.applied',
    objectType: 'staff_list',
    objectId: id,
    organizationId: list.organizationId,
    detail: countsOf(plan, closing.length),
    ...origin,
  });
  return 'done';
}

/** One list of an organization at a time; no account changes, no invitation is accepted and no place is closed in between. */
async function lockPeople(client: PoolClient, organizationId: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`staff:${organizationId}`]);
  for (const table of ['person', 'invitation'])
    await client.query(
      `SELECT 1 FROM ${table} WHERE organization_id IN (SELECT id FROM organization WHERE id = $1 OR district_id = $1) ORDER BY id FOR UPDATE`,
      [organizationId],
    );
  await client.query(
    `SELECT 1 FROM organization WHERE kind <> 'state' AND (id = $1 OR district_id = $1) ORDER BY id FOR SHARE`,
    [organizationId],
  );
}

const keepPlan = (client: PoolClient, id: string, plan: StaffPlan, counts: StaffCounts) =>
  client.query('UPDATE staff_file SET plan = $2, digest = $3, counts = $4 WHERE id = $1', [
    id,
    JSON.stringify(plan),
    digestOf(plan),
    JSON.stringify(counts),
  ]);

async function finish(
  client: PoolClient,
  { id, plan, closing, now }: { id: string; plan: StaffPlan; closing: GoneEntry[]; now: Date },
): Promise<void> {
  await keepPlan(client, id, { ...plan, gone: closing }, countsOf(plan, closing.length));
  await client.query(`UPDATE staff_file SET state = 'done', applied_at = $2 WHERE id = $1`, [id, now]);
}

/** Forgets a list that was only tried. @throws 404 for one that isn't the viewer's or was applied */
export async function dropStaff({ pool }: WriteDeps, viewer: Viewer, id: string): Promise<void> {
  const { rowCount } = await pool.query(
    `DELETE FROM staff_file f USING organization o
     WHERE f.id = $1 AND f.state = 'tried' AND o.id = f.organization_id AND ${inScopeSql('o', '$2')}`,
    [id, peopleScope(viewer)],
  );
  if (rowCount === 0) throw notFound();
}

/** Forgets lists after a month. */
export async function forgetStaff({ pool, clock }: WriteDeps): Promise<void> {
  await pool.query('DELETE FROM staff_file WHERE created_at < $1', [
    new Date(clock.now().getTime() - KEPT_DAYS * 86_400_000),
  ]);
}
