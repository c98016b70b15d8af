import type { PoolClient } from 'pg';

/** One line of the append-only log. Ids only: names and texts stay where they can be changed. */
export type AuditEvent = {
  /** Null: the portal itself. */
  actorId: string | null;
  /** A verb in the past tense behind its object: `resource.published`, `person.password_changed`. */
  action: string;
  objectType: string;
  objectId?: string | null;
  version?: number | null;
  organizationId?: string | null;
  requestId?: string | null;
  ip?: string | null;
  outcome?: 'done' | 'refused' | 'failed';
  detail?: Record<string, unknown>;
};

/** Writes one audit row on the caller's transaction, so that it stands exactly when the change does. */
export async function audit(client: Pick<PoolClient, 'query'>, event: AuditEvent): Promise<void> {
  await client.query(
    `INSERT INTO audit_event (actor_id, action, object_type, object_id, version, organization_id, request_id, ip, outcome, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      event.actorId,
      event.action,
      event.objectType,
      event.objectId ?? null,
      event.version ?? null,
      event.organizationId ?? null,
      event.requestId ?? null,
      event.ip ?? null,
      event.outcome ?? 'done',
      JSON.stringify(event.detail ?? {}),
    ],
  );
}
