import type { Pool } from 'pg';
import { notFound } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import { draftOf, type DraftRow } from './draft-queries.ts';
import { loadResource } from './resource-facts-queries.ts';
import { canEdit, canSeeDraft } from './resource-policy.ts';

/** The open draft of a resource, if there is one, for whoever may see it. @throws 404 for everybody else */
export async function visibleDraft(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
): Promise<DraftRow | undefined> {
  const resource = await loadResource(pool, resourceId);
  if (!resource || !(canEdit(viewer, resource) || canSeeDraft(viewer, resource))) throw notFound();
  return draftOf(pool, viewer, resourceId);
}
