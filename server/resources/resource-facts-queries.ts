import type { Pool, PoolClient } from 'pg';
import { notFound } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import {
  canEdit,
  canSee,
  type ResourceFacts,
  type ResourceState,
  type Visibility,
} from './resource-policy.ts';

/** What every command on a resource starts from. */
export type LoadedResource = ResourceFacts & {
  currentVersionId: string | null;
  currentNumber: number | null;
  draftId: string | null;
  draftRevision: number | null;
  publishMode: 'at_once' | 'check_first';
  /** As on the shelf; of a resource that was never published, its draft's. */
  title: string;
  language: string;
};

type Row = {
  id: string;
  state: ResourceState;
  visibility: Visibility;
  organization_id: string;
  district_id: string | null;
  owner_id: string | null;
  co_authors: string[];
  takedown: boolean;
  held: boolean;
  current_version_id: string | null;
  current_number: number | null;
  draft_id: string | null;
  draft_revision: number | null;
  publish_mode: 'at_once' | 'check_first';
  title: string | null;
  language: string | null;
};

/**
 * The facts of a resource, or undefined when it doesn't exist. With `lock` its row is held until the transaction
 * ends, so that two commands on one resource come one after the other.
 */
export async function loadResource(
  client: Pool | PoolClient,
  resourceId: string,
  { lock = false } = {},
): Promise<LoadedResource | undefined> {
  if (lock) await client.query('SELECT 1 FROM resource WHERE id = $1 FOR UPDATE', [resourceId]);
  const { rows } = await client.query<Row>(
    `SELECT r.id, r.state, r.visibility, r.organization_id, r.district_id, r.owner_id, r.takedown, r.held_at IS NOT NULL AS held, r.current_version_id,
            current.number AS current_number, draft.id AS draft_id, draft.revision AS draft_revision, o.publish_mode,
            coalesce(current.title, draft.title) AS title, coalesce(current.language, draft.language) AS language,
            ARRAY(SELECT c.person_id FROM co_author c WHERE c.resource_id = r.id) AS co_authors
     FROM resource r
     JOIN organization o ON o.id = r.organization_id
     LEFT JOIN version current ON current.id = r.current_version_id
     LEFT JOIN version draft ON draft.resource_id = r.id AND draft.number IS NULL
     WHERE r.id = $1`,
    [resourceId],
  );
  const row = rows[0];
  return (
    row && {
      id: row.id,
      state: row.state,
      visibility: row.visibility,
      organizationId: row.organization_id,
      districtId: row.district_id,
      ownerId: row.owner_id,
      coAuthorIds: row.co_authors,
      takedown: row.takedown,
      held: row.held,
      currentVersionId: row.current_version_id,
      currentNumber: row.current_number,
      draftId: row.draft_id,
      draftRevision: row.draft_revision,
      publishMode: row.publish_mode,
      title: row.title ?? '',
      language: row.language ?? 'en',
    }
  );
}

/** The resource, locked, for someone who may edit it. @throws 404 for everybody else */
export async function loadForEditing(
  client: PoolClient,
  viewer: Viewer,
  resourceId: string,
): Promise<LoadedResource> {
  const resource = await loadResource(client, resourceId, { lock: true });
  if (!resource || !canEdit(viewer, resource)) throw notFound();
  return resource;
}

/** The published resource for someone who may see it. @throws 404 for everybody else */
export async function loadForReading(
  client: Pool | PoolClient,
  viewer: Viewer,
  resourceId: string,
): Promise<LoadedResource> {
  const resource = await loadResource(client, resourceId);
  if (!resource || !canSee(viewer, resource)) throw notFound();
  return resource;
}
