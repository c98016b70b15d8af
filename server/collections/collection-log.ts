import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';

/** Somebody with an account, who may have collections. */
export type Educator = Viewer & { id: string; organizationId: string };

/** A line in the log about a collection. */
export const note = (
  client: PoolClient,
  viewer: Educator,
  origin: Origin,
  action: string,
  about: { id: string; organizationId?: string; detail?: Record<string, unknown> },
): Promise<void> =>
  audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'collection',
    objectId: about.id,
    organizationId: about.organizationId ?? viewer.organizationId,
    detail: about.detail ?? {},
    ...origin,
  });
