import { hasRoleOver, isEducator, isStateStaff, type Viewer } from '../lib/viewer.ts';

/** What a person saved; put together by hand; kept by a rule. */
export type CollectionKind = 'saved' | 'list' | 'rule';
export type CollectionVisibility = 'private' | 'link' | 'school' | 'district' | 'public';

export const COLLECTION_VISIBILITIES: readonly CollectionVisibility[] = [
  'private',
  'link',
  'school',
  'district',
  'public',
];

/** What the rules below need to know of a collection, and of how the viewer came to it. */
export type CollectionFacts = {
  id: string;
  kind: CollectionKind;
  visibility: CollectionVisibility;
  ownerId: string;
  organization: { id: string; kind: 'state' | 'district' | 'school'; districtId: string | null };
  editorIds: string[];
  featured: boolean;
  deleted: boolean;
};

/** How somebody stands to a collection; the first that fits. */
export const RELATIONS = ['owner', 'editor', 'keeper', 'reader', 'link', 'stranger'] as const;
export type Relation = (typeof RELATIONS)[number];

/**
 * `see`: opens it, prints it, takes its files. `copy`: makes one of their own of it. `arrange`: items, notes, sections, what a
 * rule pins and leaves out. `describe`: title, description, cover, rule. `share`: who sees it, its link. `invite`: co-editors.
 * `leave`: stops being one. `delete`: takes it away, and back within a month.
 */
export const ACTIONS = ['see', 'copy', 'arrange', 'describe', 'share', 'invite', 'leave', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

const made: readonly CollectionKind[] = ['list', 'rule'];
const all: readonly CollectionKind[] = ['saved', 'list', 'rule'];
const none: readonly CollectionKind[] = [];

/** Which kinds somebody may do what with, by how they stand to it. */
const POLICY: Record<Action, Record<Relation, readonly CollectionKind[]>> = {
  see: { owner: all, editor: made, keeper: made, reader: made, link: made, stranger: none },
  copy: { owner: all, editor: made, keeper: made, reader: made, link: made, stranger: none },
  arrange: { owner: all, editor: made, keeper: made, reader: none, link: none, stranger: none },
  describe: { owner: made, editor: made, keeper: made, reader: none, link: none, stranger: none },
  share: { owner: made, editor: none, keeper: made, reader: none, link: none, stranger: none },
  invite: { owner: made, editor: none, keeper: made, reader: none, link: none, stranger: none },
  leave: { owner: none, editor: made, keeper: none, reader: none, link: none, stranger: none },
  delete: { owner: made, editor: none, keeper: made, reader: none, link: none, stranger: none },
};

/** The keys of a collection; the SQL function `collection_audience` is the same rule, and a test holds them together. */
export function collectionAudience(collection: CollectionFacts): string[] {
  const { visibility, organization, ownerId, editorIds, deleted } = collection;
  if (deleted) return [];
  if (visibility === 'public') return ['public'];
  const shared = visibility === 'school' || visibility === 'district';
  return [
    `person:${ownerId}`,
    ...editorIds.toSorted().map((id) => `person:${id}`),
    ...(shared ? ['staff:state'] : []),
    ...(shared && organization.districtId ? [`staff:${organization.districtId}`] : []),
    ...(visibility === 'school' ? [`school:${organization.id}`] : []),
    ...(visibility === 'district' && organization.districtId ? [`district:${organization.districtId}`] : []),
  ];
}

/** @param came `reader`: they hold one of its keys; `link`: they came by the link that is valid now */
export function relationTo(
  viewer: Viewer,
  collection: CollectionFacts,
  came: { reader: boolean; link: boolean },
): Relation {
  if (isEducator(viewer) && viewer.id === collection.ownerId) return 'owner';
  if (collection.deleted) return 'stranger';
  if (isEducator(viewer) && collection.editorIds.includes(viewer.id)) return 'editor';
  // What the state shows to everyone, its curators look after together.
  if (
    collection.visibility === 'public' &&
    collection.organization.kind === 'state' &&
    isStateStaff(viewer, 'curator', 'lead', 'admin')
  )
    return 'keeper';
  if (came.reader) return 'reader';
  return came.link && collection.visibility === 'link' ? 'link' : 'stranger';
}

/** Whether someone who stands so to a collection may do this with it. Copying needs an account. */
export const may = (action: Action, relation: Relation, { kind, deleted }: CollectionFacts): boolean =>
  POLICY[action][relation].includes(kind) && (!deleted || action === 'delete');

/** To whom somebody who may share it may show it: to everyone only as staff of where it belongs. */
export const mayBeShownTo = (
  viewer: Viewer,
  { organization }: Pick<CollectionFacts, 'organization'>,
): CollectionVisibility[] =>
  COLLECTION_VISIBILITIES.filter((visibility) => {
    if (visibility === 'school') return organization.kind === 'school';
    if (visibility === 'district') return organization.districtId !== null;
    return visibility !== 'public' || hasRoleOver(viewer, organization, 'curator', 'lead', 'admin');
  });

/** May put it on the home page, and take it off: staff of the state, once everyone may see it. */
export const mayFeature = (viewer: Viewer, { visibility, kind, deleted }: CollectionFacts): boolean =>
  !deleted && kind !== 'saved' && visibility === 'public' && isStateStaff(viewer, 'curator', 'lead', 'admin');

/** May take what is unsuitable out of others' sight: staff over where it belongs. It stays its owner's. */
export const mayClose = (viewer: Viewer, collection: CollectionFacts): boolean =>
  !collection.deleted &&
  ['school', 'district', 'public'].includes(collection.visibility) &&
  collection.ownerId !== viewer.id &&
  hasRoleOver(viewer, collection.organization, 'curator', 'lead', 'admin');
