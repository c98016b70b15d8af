import type { Pool, PoolClient } from 'pg';
import { notFound } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import { loadResource, type LoadedResource } from '../resources/resource-facts-queries.ts';
import { canSee, canSeeDraft, canSeeTombstone } from '../resources/resource-policy.ts';
import type { CheckStatus } from '../resources/resource-view.ts';
import { checkPower, isAuthorOf, type CheckFacts } from './check-policy.ts';
import type { Why } from './queue-schema.ts';

/** A resource with what was decided about it last and how it waits. */
export type CheckedResource = LoadedResource & {
  check: CheckFacts;
  /** The decision that stands, if there was one. */
  lastCheckId: string | null;
  wait: {
    whys: Why[];
    since: Date;
    assignedTo: string | null;
    heldBy: string | null;
    heldByName: string | null;
    heldUntil: Date | null;
  } | null;
};

/**
 * A resource as the commands about its check start from. A lease that ran out is none. With `lock` nobody else changes
 * it until the transaction ends.
 * @throws 404 where there is none, or where the viewer may not know of it
 */
export async function loadForCheck(
  db: Pool | PoolClient,
  viewer: Viewer,
  resourceId: string,
  { now, lock = false }: { now: Date; lock?: boolean },
): Promise<CheckedResource> {
  const resource = await loadResource(db, resourceId, { lock });
  if (!resource || resource.state === 'purged' || !mayKnow(viewer, resource)) throw notFound();
  const { rows } = await db.query<{
    check_state: CheckStatus;
    checked_by: string | null;
    decided_for: 'state' | 'district' | null;
    last_check: string | null;
    whys: Why[] | null;
    since: Date;
    assigned_to: string | null;
    held_by: string | null;
    held_by_name: string | null;
    held_until: Date | null;
  }>(
    `SELECT r.check_state, r.checked_by, o.kind AS decided_for,
       (SELECT c.id FROM resource_check c WHERE c.resource_id = r.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS last_check,
       w.whys, w.since, w.assigned_to, h.id AS held_by, h.name AS held_by_name, CASE WHEN h.id IS NOT NULL THEN w.held_until END AS held_until
     FROM resource r LEFT JOIN organization o ON o.id = r.checked_for LEFT JOIN check_wait w ON w.resource_id = r.id
       LEFT JOIN person h ON h.id = w.held_by AND w.held_until > $2
     WHERE r.id = $1`,
    [resourceId, now],
  );
  const [row] = rows;
  if (!row) throw notFound();
  return {
    ...resource,
    check: { state: row.check_state, decidedBy: row.checked_by, decidedFor: row.decided_for },
    lastCheckId: row.last_check,
    wait: row.whys && {
      whys: row.whys,
      since: row.since,
      assignedTo: row.assigned_to,
      heldBy: row.held_by,
      heldByName: row.held_by_name,
      heldUntil: row.held_until,
    },
  };
}

/**
 * Its authors, and whoever may see it; a draft that nobody handed in is its authors' alone, however much power others
 * have. Of what was taken down even its title is nobody else's business.
 */
const mayKnow = (viewer: Viewer, resource: LoadedResource): boolean =>
  isAuthorOf(viewer, resource) || (!resource.takedown && mayCheck(viewer, resource));

const mayCheck = (viewer: Viewer, resource: LoadedResource): boolean =>
  canSee(viewer, resource) ||
  canSeeTombstone(viewer, resource) ||
  canSeeDraft(viewer, resource) ||
  (resource.state === 'published' && checkPower(viewer, resource) !== null);
