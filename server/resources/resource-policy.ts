import { audiencesOf, hasRoleOver, isEducator, type Viewer } from '../lib/viewer.ts';

export type Visibility = 'public' | 'state' | 'district' | 'school';
export type ResourceState = 'draft' | 'submitted' | 'published' | 'withdrawn' | 'purged';

/** What the rules below need to know of a resource. */
export type ResourceFacts = {
  id: string;
  state: ResourceState;
  visibility: Visibility;
  organizationId: string;
  /** Null: the state's own. */
  districtId: string | null;
  ownerId: string | null;
  coAuthorIds: string[];
  takedown: boolean;
  /** A flag of student data or safety is open: hidden from all but authors and staff. */
  held: boolean;
};

/** The keys of a resource; the SQL function `resource_audience` is the same rule, and a test holds them together. */
export function audienceOf(resource: ResourceFacts): string[] {
  if (!resource.held && resource.visibility === 'public') return ['public'];
  if (!resource.held && resource.visibility === 'state') return ['state'];
  const circle = resource.held ? null : resource.visibility;
  return [
    'staff:state',
    ...(resource.districtId ? [`staff:${resource.districtId}`] : []),
    ...(circle === 'district' && resource.districtId ? [`district:${resource.districtId}`] : []),
    ...(circle === 'school' ? [`school:${resource.organizationId}`] : []),
    ...(resource.ownerId ? [`person:${resource.ownerId}`] : []),
    ...resource.coAuthorIds.toSorted().map((id) => `person:${id}`),
  ];
}

/** Owner or co-author. */
export const isAuthor = (viewer: Viewer, resource: ResourceFacts): boolean =>
  isEducator(viewer) && (resource.ownerId === viewer.id || resource.coAuthorIds.includes(viewer.id));

/** The visibility rule for a published (or withdrawn) resource, whatever its state. */
const inAudience = (viewer: Viewer, resource: ResourceFacts): boolean => {
  const held = new Set(audiencesOf(viewer));
  return audienceOf(resource).some((key) => held.has(key));
};

/** May see the published record, its versions, files and previews. */
export const canSee = (viewer: Viewer, resource: ResourceFacts): boolean =>
  resource.state === 'published' && inAudience(viewer, resource);

/** May know that it was here: gets the tombstone (410) where others get 404. */
export const canSeeTombstone = (viewer: Viewer, resource: ResourceFacts): boolean =>
  resource.state === 'withdrawn' && inAudience(viewer, resource);

/** May see the draft: its authors. A submitted one waits for a curator, who may see it too. */
export const canSeeDraft = (viewer: Viewer, resource: ResourceFacts): boolean =>
  canEdit(viewer, resource) ||
  (resource.state === 'submitted' &&
    hasRoleOver(viewer, { id: resource.organizationId, districtId: resource.districtId }, 'curator', 'lead'));

/** May start, change and publish the draft of the next version: its authors, but not past a takedown. */
export const canEdit = (viewer: Viewer, resource: ResourceFacts): boolean =>
  resource.state !== 'purged' && !resource.takedown && isAuthor(viewer, resource);

/** Curators, leads and administrators over the resource's organization. */
export const isStaffOver = (
  viewer: Viewer,
  { organizationId, districtId }: Pick<ResourceFacts, 'organizationId' | 'districtId'>,
): boolean => hasRoleOver(viewer, { id: organizationId, districtId }, 'curator', 'lead', 'admin');

/** May take it off the shelf or put it back: its authors, and staff over its organization. */
export const canWithdraw = (viewer: Viewer, resource: ResourceFacts): boolean =>
  (resource.state === 'published' || resource.state === 'withdrawn') &&
  (isAuthor(viewer, resource) || isStaffOver(viewer, resource));

/** May open files marked *educators only* of a resource they can see. */
export const canSeeEducatorsOnly = (viewer: Viewer): boolean => isEducator(viewer);
