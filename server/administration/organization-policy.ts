import type { Viewer } from '../lib/viewer.ts';
import { administersState, mayAdminister } from '../accounts/people-policy.ts';

export const ORGANIZATION_CHANGES = [
  'rename',
  'move',
  'merge',
  'hand-over',
  'publishing',
  'close',
  'reopen',
] as const;
/** What can be done to an organization. */
export type OrganizationChange = (typeof ORGANIZATION_CHANGES)[number];

/** Changes that have another organization as their other end: planned first, then a transfer. */
export type OrganizationTransfer = 'merge' | 'move' | 'hand-over';
export const goesToAnother = (change: OrganizationChange): change is OrganizationTransfer =>
  change === 'merge' || change === 'move' || change === 'hand-over';

/** What the rules need to know of an organization. */
export type OrganizationRank = {
  kind: 'state' | 'district' | 'school';
  /** Null: the state itself. */
  districtId: string | null;
  closed: boolean;
  merged: boolean;
};

type Rule = {
  kinds: readonly OrganizationRank['kind'][];
  /** Who may do it to a district; schools are their district's administrators' too, but for what is the state's alone. */
  stateAlone: readonly OrganizationRank['kind'][];
  /** Whether it can be done to one that is closed: only, too, or never. */
  closed: 'only' | 'too' | 'never';
};

const RULES: Record<OrganizationChange, Rule> = {
  rename: { kinds: ['district', 'school'], stateAlone: [], closed: 'too' },
  move: { kinds: ['school'], stateAlone: ['school'], closed: 'never' },
  merge: { kinds: ['district', 'school'], stateAlone: ['district'], closed: 'too' },
  'hand-over': { kinds: ['district', 'school'], stateAlone: [], closed: 'too' },
  publishing: { kinds: ['state', 'district', 'school'], stateAlone: ['state'], closed: 'never' },
  close: { kinds: ['district', 'school'], stateAlone: ['district'], closed: 'never' },
  reopen: { kinds: ['district', 'school'], stateAlone: ['district'], closed: 'only' },
};

/** Whether somebody has the right to a change of an organization, whatever its state. */
export function hasRight(
  viewer: Viewer,
  { kind, districtId }: OrganizationRank,
  change: OrganizationChange,
): boolean {
  const rule = RULES[change];
  if (!rule.kinds.includes(kind) || !mayAdminister(viewer, districtId)) return false;
  return administersState(viewer) || !rule.stateAlone.includes(kind);
}

/** Whether somebody may do it now. What was merged is a record and changes no more. */
export function mayChange(
  viewer: Viewer,
  organization: OrganizationRank,
  change: OrganizationChange,
): boolean {
  const { closed } = RULES[change];
  if (organization.merged || !hasRight(viewer, organization, change)) return false;
  return closed === 'too' || (closed === 'only') === organization.closed;
}

/** Districts are made by the state; schools by their district's administrators too. */
export const mayMake = (
  viewer: Viewer,
  made: { kind: 'district' } | { kind: 'school'; districtId: string },
): boolean => (made.kind === 'district' ? administersState(viewer) : mayAdminister(viewer, made.districtId));
