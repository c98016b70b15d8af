import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { peopleScope } from '../accounts/people-policy.ts';
import { ChangedMeanwhile } from './changed-meanwhile.ts';
import { hasRight, mayChange, type OrganizationChange } from './organization-policy.ts';
import { organizationFacts, type OrganizationFacts } from './organization-queries.ts';

type ChangeDeps = Pick<Deps, 'pool' | 'clock'>;
type Which = { id: string; stamp: string };

/** More resources than this go to the index behind what people change meanwhile. */
const FEW = 500;

/**
 * The organization, locked for a change that somebody has the right to.
 * @throws 404 outside of what they administer, 403 without the right, ChangedMeanwhile when it isn't what they saw, 409
 * while something is moved to it or away from it
 */
export async function organizationToChange(
  client: PoolClient,
  viewer: Viewer,
  { id, stamp }: Which,
  change: OrganizationChange,
): Promise<OrganizationFacts> {
  await client.query('SELECT id FROM organization WHERE id = $1 FOR UPDATE', [id]);
  const organization = await organizationFacts(client, peopleScope(viewer), id);
  if (!organization) throw notFound();
  if (!hasRight(viewer, organization, change)) throw forbidden();
  if (organization.stamp !== stamp || !mayChange(viewer, organization, change)) throw new ChangedMeanwhile();
  if (organization.running) throw conflict('organization.busy', { name: organization.name });
  return organization;
}

/**
 * Gives an organization another name, and another address where one is given. What it was called, and the address that it
 * had, still lead to it. Every resource that names it goes to the index.
 * @throws 404, 403, 409; 422 for a name or address that another one has
 */
export async function renameOrganization(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { name, slug, ...which }: Which & { name: string; slug: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    // Whoever makes or renames one waits here, so two can't choose the same address.
    await client.query(`SELECT id FROM organization WHERE kind = 'state' FOR UPDATE`);
    const old = await organizationToChange(client, viewer, which, 'rename');
    if (old.name === name && old.slug === slug) return;
    const { rows } = await client.query<{ name: boolean; slug: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM organization WHERE parent_id = $2 AND id <> $1 AND merged_into_id IS NULL AND plain(name) = plain($3)) AS name,
         EXISTS (SELECT 1 FROM organization WHERE slug = $4 AND id <> $1)
           OR EXISTS (SELECT 1 FROM organization_former WHERE slug = $4 AND organization_id <> $1) AS slug`,
      [old.id, old.parent?.id ?? null, name, slug],
    );
    if (rows[0]?.name) throw invalid({ field: 'name', key: 'admin.organizations.taken' });
    if (rows[0]?.slug) throw invalid({ field: 'slug', key: 'organization.addressTaken' });
    // An address that it once had becomes its own again.
    await client.query('UPDATE organization_former SET slug = NULL WHERE slug = $1', [slug]);
    await client.query(
      'INSERT INTO organization_former (organization_id, name, slug, until) VALUES ($1, $2, $3, $4)',
      [old.id, old.name, old.slug === slug ? null : old.slug, clock.now()],
    );
    await client.query('UPDATE organization SET name = $2, slug = $3 WHERE id = $1', [old.id, name, slug]);
    await client.query('SELECT mark_dirty_organizations(ARRAY[$1::uuid], $2::smallint)', [
      old.id,
      old.counts.resources > FEW ? 1 : 0,
    ]);
    await log(client, viewer, old, 'organization.renamed', origin, {
      before: { name: old.name, address: old.slug },
      after: { name, address: slug },
    });
  });
}

/** Why an organization can't be closed yet: people and schools that are still there. */
export const closingFaults = ({ counts, kind }: Pick<OrganizationFacts, 'counts' | 'kind'>) => [
  ...(counts.people > 0
    ? [{ field: 'people', key: 'organization.close.people', params: { count: counts.people } } as const]
    : []),
  ...(counts.helpers > 0
    ? [{ field: 'helpers', key: 'organization.close.helpers', params: { count: counts.helpers } } as const]
    : []),
  ...(kind === 'district' && counts.schools > 0
    ? [{ field: 'schools', key: 'organization.close.schools', params: { count: counts.schools } } as const]
    : []),
];

/**
 * Closes an organization that nobody works at any more: it can't be chosen, its resources stay where they are and are found
 * as before.
 * @throws 404, 403, 409; 422 while it has people with open accounts, or open schools
 */
export async function closeOrganization(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  which: Which,
  origin: Origin,
): Promise<OrganizationFacts> {
  return withTransaction(pool, async (client) => {
    const organization = await organizationToChange(client, viewer, which, 'close');
    const faults = closingFaults(organization);
    if (faults.length > 0) throw invalid(...faults);
    await client.query('UPDATE organization SET closed_at = $2 WHERE id = $1', [
      organization.id,
      clock.now(),
    ]);
    await log(client, viewer, organization, 'organization.closed', origin);
    return organization;
  });
}

/** Opens a closed organization again. @throws 404, 403, 409; 422 while its district is closed */
export async function reopenOrganization(
  { pool }: ChangeDeps,
  viewer: Viewer,
  which: Which,
  origin: Origin,
): Promise<OrganizationFacts> {
  return withTransaction(pool, async (client) => {
    const organization = await organizationToChange(client, viewer, which, 'reopen');
    const { rowCount } = await client.query(
      'SELECT 1 FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
      [organization.parent?.id],
    );
    if (!rowCount) throw invalid({ field: 'district', key: 'organization.reopen.districtClosed' });
    await client.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [organization.id]);
    await log(client, viewer, organization, 'organization.reopened', origin);
    return organization;
  });
}

/**
 * Chooses whether what an organization's people share waits for a check or stands on the shelf at once, for whatever is
 * published from then on; `inherit`: as the one above it. Those below that inherit follow.
 * @throws 404, 403, 409; 422 for a state that would inherit
 */
export async function setPublishing(
  { pool }: ChangeDeps,
  viewer: Viewer,
  { mode, ...which }: Which & { mode: 'inherit' | 'at_once' | 'check_first' },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const old = await organizationToChange(client, viewer, which, 'publishing');
    if (old.kind === 'state' && mode === 'inherit')
      throw invalid({ field: 'mode', key: 'organization.chooseMode' });
    const choice = mode === 'inherit' ? null : mode;
    if (choice === old.publishChoice) return;
    await client.query('UPDATE organization SET publish_choice = $2 WHERE id = $1', [old.id, choice]);
    await log(client, viewer, old, 'organization.publishing_chosen', origin, {
      before: old.publishChoice ?? 'inherit',
      after: mode,
    });
  });
}

const log = (
  client: PoolClient,
  viewer: Viewer,
  { id }: OrganizationFacts,
  action: string,
  origin: Origin,
  detail: Record<string, unknown> = {},
): Promise<void> =>
  audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'organization',
    objectId: id,
    organizationId: id,
    detail,
    ...origin,
  });
