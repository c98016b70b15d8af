import type { Viewer } from '../lib/viewer.ts';
import type { ResourceFacts } from '../resources/resource-policy.ts';
import type { CheckStatus } from '../resources/resource-view.ts';

/** Who checks; an administrator may look at the queue. */
export const CHECKERS = ['curator', 'lead'] as const;
export const QUEUE_READERS = ['curator', 'lead', 'admin'] as const;

/** On whose behalf somebody may check a resource: the state, or the district that it belongs to. */
export type CheckPower = { kind: 'state' | 'district'; organizationId: string; lead: boolean };

/** What the rules need to know of how a resource's check stands. */
export type CheckFacts = {
  state: CheckStatus;
  /** Null: nobody has decided. */
  decidedBy: string | null;
  decidedFor: 'state' | 'district' | null;
};

type Checked = Pick<ResourceFacts, 'districtId' | 'ownerId' | 'coAuthorIds'>;

/** The strongest right to check that somebody holds over a resource; null for none. A school's roles give none. */
export function checkPower(viewer: Viewer, resource: Pick<Checked, 'districtId'>): CheckPower | null {
  const over = viewer.grants.filter(
    ({ kind, organizationId, role }) =>
      (role === 'curator' || role === 'lead') &&
      (kind === 'state' || (kind === 'district' && organizationId === resource.districtId)),
  );
  const kind = over.some((grant) => grant.kind === 'state') ? 'state' : 'district';
  const held = over.filter((grant) => grant.kind === kind);
  const [first] = held;
  if (!first) return null;
  return { kind, organizationId: first.organizationId, lead: held.some(({ role }) => role === 'lead') };
}

/** Whether somebody wrote the resource. */
export const isAuthorOf = (viewer: Viewer, { ownerId, coAuthorIds }: Omit<Checked, 'districtId'>): boolean =>
  viewer.id !== null && (ownerId === viewer.id || coAuthorIds.includes(viewer.id));

/** Why somebody can't decide about a resource, as the end of a message key. */
export type CheckRefusal = 'notYours' | 'own' | 'outranked' | 'lead';

/** Null where the viewer may decide how the check goes: on whose behalf is `checkPower`. */
export function checkRefusal(viewer: Viewer, resource: Checked, check: CheckFacts): CheckRefusal | null {
  const power = checkPower(viewer, resource);
  if (!power) return 'notYours';
  if (isAuthorOf(viewer, resource)) return 'own';
  if (outranked(power, check)) return 'outranked';
  return check.state === 'disputed' && !power.lead ? 'lead' : null;
}

/** The state's decision about a version stands above the district's. */
const outranked = (power: CheckPower, check: CheckFacts): boolean =>
  power.kind === 'district' &&
  check.decidedFor === 'state' &&
  (check.state === 'checked' || check.state === 'returned' || check.state === 'disputed');

/** Whether somebody may say that they disagree with a decision: the author, or another curator over the resource. */
export function mayDispute(viewer: Viewer, resource: Checked, check: CheckFacts): boolean {
  if (check.state !== 'checked' && check.state !== 'returned') return false;
  if (isAuthorOf(viewer, resource)) return true;
  return checkPower(viewer, resource) !== null && check.decidedBy !== viewer.id;
}

/** Whether somebody reads and writes in the conversation about a resource's checks: its authors, and who may check it. */
export const mayConverse = (viewer: Viewer, resource: Checked): boolean =>
  isAuthorOf(viewer, resource) || checkPower(viewer, resource) !== null;

/** The districts whose queue somebody sees; null: all of the state. */
export const queueScope = (viewer: Viewer): string[] | null => scopeOf(viewer, QUEUE_READERS);

/** The districts of which somebody checks what was handed in, as `canSeeDraft` has it; null: all of the state. */
export const checkScope = (viewer: Viewer): string[] | null => scopeOf(viewer, CHECKERS);

/** The districts where somebody settles disputes; null: all. */
export const settleScope = (viewer: Viewer): string[] | null => scopeOf(viewer, ['lead']);

function scopeOf(viewer: Viewer, roles: readonly string[]): string[] | null {
  const held = viewer.grants.filter(({ role }) => roles.includes(role));
  if (held.some(({ kind }) => kind === 'state')) return null;
  return held.flatMap(({ kind, organizationId }) => (kind === 'district' ? [organizationId] : []));
}

/** Who sets the promise and the rubric: leads and administrators of the state. */
export const maySetChecks = (viewer: Viewer): boolean =>
  viewer.grants.some(({ kind, role }) => kind === 'state' && (role === 'lead' || role === 'admin'));
