/** Whoever is looking: a signed-in person with their roles, or the public. Plain data, passed explicitly. */
export type Viewer = {
  /** Null: the public. */
  id: string | null;
  name: string;
  email: string;
  /** Where the person works. */
  organizationId: string | null;
  organizationName: string;
  /** The district of that organization; null for the public and for people of the state. */
  districtId: string | null;
  grants: Grant[];
};

export type Role = 'teacher' | 'importer' | 'curator' | 'lead' | 'admin';

/** A role at an organization. */
export type Grant = {
  role: Role;
  organizationId: string;
  kind: 'state' | 'district' | 'school';
  /** The district of that organization; null: the state. */
  districtId: string | null;
};

export const publicViewer: Viewer = {
  id: null,
  name: '',
  email: '',
  organizationId: null,
  organizationName: '',
  districtId: null,
  grants: [],
};

/** True for anyone who is signed in: every account belongs to an educator or to staff. */
export const isEducator = (viewer: Viewer): viewer is Viewer & { id: string; organizationId: string } =>
  viewer.id !== null;

/** Whether the viewer holds one of the roles at the state itself. */
export const isStateStaff = (viewer: Viewer, ...roles: Role[]): boolean =>
  viewer.grants.some((grant) => grant.kind === 'state' && roles.includes(grant.role));

/**
 * Whether the viewer holds one of the roles over an organization: at it, at its district, or at the state.
 * `districtId` is the organization's district (null: it is the state itself).
 */
export function hasRoleOver(
  viewer: Viewer,
  organization: { id: string; districtId: string | null },
  ...roles: Role[]
): boolean {
  return viewer.grants.some(
    (grant) =>
      roles.includes(grant.role) &&
      (grant.kind === 'state' ||
        grant.organizationId === organization.id ||
        (grant.kind === 'district' && grant.organizationId === organization.districtId)),
  );
}

/** Whether the viewer holds one of the roles anywhere. */
export const hasRole = (viewer: Viewer, ...roles: Role[]): boolean =>
  viewer.grants.some((grant) => roles.includes(grant.role));

/** Whether the viewer looks after people: as an administrator of the state or of a district. */
export const administersPeople = (viewer: Viewer): boolean =>
  viewer.grants.some(({ role, kind }) => role === 'admin' && kind !== 'school');

/** Whether the viewer brings in catalogs: an importer or administrator of a district, or of the state. */
export const isImporter = (viewer: Viewer): boolean =>
  viewer.grants.some(({ role, kind }) => kind !== 'school' && (role === 'importer' || role === 'admin'));

/** Keys that everybody, or every educator, holds: what they open is worked out once for all of them. */
const SHARED_KEYS: readonly string[] = ['public', 'state'];

/** Keys that a viewer shares with all others of their kind, and those that few hold. */
export const sortKeys = (audience: readonly string[]): { shared: string[]; own: string[] } => ({
  shared: SHARED_KEYS.filter((key) => audience.includes(key)),
  own: audience.filter((key) => !SHARED_KEYS.includes(key)),
});

/**
 * SQL: `audience` is open to some of `own` (a parameter) and to none of the shared keys. For educators there are indexes
 * of just that.
 */
export const apartSql = (audience: string, own: string, shared: readonly string[]): string =>
  `${audience} && ${own}::text[] AND NOT ${audience} && '{${shared.join(',')}}'::text[]`;

/**
 * The viewer's half of the visibility rule: the keys they hold. The other half is `resource.audience`
 * (see `audienceOf` in resources/resource-policy.ts); a published resource is visible when the two share a key.
 */
export function audiencesOf(viewer: Viewer): string[] {
  if (!isEducator(viewer)) return ['public'];
  const keys = new Set(['public', 'state', `person:${viewer.id}`]);
  const belongsTo = (organizationId: string, districtId: string | null) => {
    keys.add(`school:${organizationId}`);
    if (districtId) keys.add(`district:${districtId}`);
  };
  belongsTo(viewer.organizationId, viewer.districtId);
  for (const grant of viewer.grants) {
    belongsTo(grant.organizationId, grant.districtId);
    if (!['curator', 'lead', 'admin'].includes(grant.role)) continue;
    if (grant.kind === 'state') keys.add('staff:state');
    if (grant.kind === 'district') keys.add(`staff:${grant.organizationId}`);
  }
  return [...keys];
}
