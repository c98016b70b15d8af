import type { PoolClient } from 'pg';
import type { Viewer } from '../lib/viewer.ts';
import { notify } from '../notices/notice-service.ts';
import type { NoticeKind } from '../notices/notice-kinds.ts';
import type { CheckedResource } from './check-facts-queries.ts';

type CheckNotice = Extract<NoticeKind, `check.${string}`>;

/** Tells the authors how a check went or what was said, with a way into the conversation. */
export async function tellAuthors(
  client: PoolClient,
  viewer: Viewer,
  resource: Pick<CheckedResource, 'id' | 'ownerId' | 'coAuthorIds'>,
  kind: CheckNotice,
): Promise<void> {
  await notify(client, {
    to: [...(resource.ownerId === null ? [] : [resource.ownerId]), ...resource.coAuthorIds],
    kind,
    resourceId: resource.id,
    by: viewer.id,
    detail: { url: `/resources/${resource.id}/checks` },
  });
}

/** Tells those who have to do with the check of a resource: who decided, who has it, and, where it is disputed, the leads. */
export async function tellCheckers(
  client: PoolClient,
  viewer: Viewer,
  resource: CheckedResource,
  kind: CheckNotice,
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT g.person_id AS id FROM role_grant g JOIN organization o ON o.id = g.organization_id
     WHERE g.role = 'lead' AND $2 AND (o.kind = 'state' OR (o.id = $1 AND NOT $3))`,
    [resource.districtId, kind === 'check.disputed', resource.check.decidedFor === 'state'],
  );
  const { wait, check } = resource;
  const people = [check.decidedBy, wait?.heldBy, wait?.assignedTo, ...rows.map(({ id }) => id)];
  await notify(client, {
    to: people.filter((id) => typeof id === 'string'),
    kind,
    resourceId: resource.id,
    by: viewer.id,
    detail: { url: `/resources/${resource.id}/checks` },
  });
}
