import type { PoolClient } from 'pg';
import type { Current } from './current-queries.ts';
import { writtenOf, type Written } from './import-record.ts';
import { insertRows } from './insert-rows.ts';
import type { Plan } from './plan-rows.ts';
import { newIds, writeVersions } from './write-versions.ts';

type New = Extract<Plan, { action: 'new' }>;
type Changed = Extract<Plan, { action: 'changed' }>;
type Note = Extract<Plan, { action: 'note' }>;

/** Where the rows belong and whose run it is. */
export type WriteContext = {
  runId: string;
  sourceId: string;
  districtId: string;
  source: string;
  personId: string | null;
  /** Organizations whose first versions wait for a check. */
  checkFirst: ReadonlySet<string>;
  at: Date;
};

/** What a plan came to: the resource and the version that the row made. */
export type WrittenRow = { resourceId: string; versionId: string | null };

/**
 * Puts new resources on the shelf (or, where the organization checks first, into the queue), each as version 1 without
 * an owner. The caller marks them dirty.
 */
export async function writeNew(
  client: PoolClient,
  plans: readonly New[],
  context: WriteContext,
): Promise<WrittenRow[]> {
  const ids = await newIds(client, plans.length * 2);
  const items = plans.map((plan, index) => ({
    ...plan.row,
    id: ids[index * 2] ?? '',
    versionId: ids[index * 2 + 1] ?? '',
    waits: context.checkFirst.has(plan.row.record.organizationId),
  }));
  const own = new Map(items.map((item) => [`new:${item.externalId}`, item.id]));
  const at = context.at.toISOString();
  await insertRows(
    client,
    'resource',
    items.map(({ id, versionId, externalId, hash, record, adaptedFromVersion, waits }) => ({
      id,
      organization_id: record.organizationId,
      district_id: context.districtId,
      state: waits ? 'submitted' : 'published',
      visibility: record.visibility,
      current_version_id: waits ? null : versionId,
      check_state: 'claimed',
      source: context.source,
      external_id: externalId,
      content_hash: hash,
      used_count: 0,
      takedown: false,
      adapted_from_id:
        record.adaptedFrom === null ? null : (own.get(record.adaptedFrom) ?? record.adaptedFrom),
      adapted_from_version: record.adaptedFrom === null ? null : adaptedFromVersion,
      created_at: at,
      updated_at: at,
      first_published_at: waits ? null : at,
      published_at: waits ? null : at,
      audience: [],
    })),
  );
  await writeVersions(
    client,
    items.map(({ id, versionId, record, waits }) => ({
      id: versionId,
      resourceId: id,
      number: waits ? null : 1,
      record,
      claims: record.claims,
      known: [],
    })),
    context,
  );
  await insertRows(
    client,
    'import_record',
    items.map(({ id, record, gaps }) => ({
      resource_id: id,
      source_id: context.sourceId,
      run_id: context.runId,
      written: writtenOf(record),
      gaps: gaps.length > 0 ? gaps : null,
      withdrawn: false,
    })),
  );
  return items.map(({ id, versionId }) => ({ resourceId: id, versionId }));
}

/** Publishes the next version of each resource, or replaces what waits for its first check. The rows are locked. */
export async function writeChanged(
  client: PoolClient,
  plans: readonly Changed[],
  context: WriteContext,
): Promise<WrittenRow[]> {
  if (plans.length === 0) return [];
  const ids = await newIds(client, plans.length);
  const { rows: last } = await client.query<{ id: string; number: number | null }>(
    `SELECT r.id, (SELECT max(v.number) FROM version v WHERE v.resource_id = r.id) AS number FROM resource r WHERE r.id = ANY ($1::uuid[])`,
    [plans.map(({ current }) => current.id)],
  );
  const lastNumber = new Map(last.map(({ id, number }) => [id, number]));
  const items = plans.map((plan, index) => {
    const waits = plan.current.number === null;
    return {
      ...plan,
      versionId: ids[index] ?? '',
      waits,
      number: waits ? null : (lastNumber.get(plan.current.id) ?? 0) + 1,
    };
  });
  await client.query('DELETE FROM version WHERE id = ANY ($1::uuid[]) AND number IS NULL', [
    items.filter(({ waits }) => waits).map(({ current }) => current.versionId),
  ]);
  await writeVersions(
    client,
    items.map(({ versionId, current, record, number, added, waits }) => ({
      id: versionId,
      resourceId: current.id,
      number,
      record,
      claims: waits ? record.claims : added,
      known: current.files,
    })),
    context,
  );
  await client.query(
    `UPDATE resource r SET organization_id = n.organization_id, visibility = n.visibility, content_hash = n.content_hash,
       adapted_from_id = n.adapted_from_id, adapted_from_version = n.adapted_from_version, updated_at = $2::timestamptz,
       state = CASE WHEN n.waits THEN r.state ELSE 'published' END,
       current_version_id = CASE WHEN n.waits THEN r.current_version_id ELSE n.version_id END,
       published_at = CASE WHEN n.waits THEN r.published_at ELSE $2::timestamptz END,
       first_published_at = CASE WHEN n.waits THEN r.first_published_at ELSE coalesce(r.first_published_at, $2::timestamptz) END,
       withdrawn_at = NULL, withdrawn_reason = NULL,
       check_state = CASE WHEN n.recheck AND r.check_state <> 'disputed' THEN 'claimed' ELSE r.check_state END
     FROM json_to_recordset($1::json) AS n (id uuid, version_id uuid, organization_id uuid, visibility text, content_hash text,
       adapted_from_id uuid, adapted_from_version integer, waits boolean, recheck boolean)
     WHERE r.id = n.id`,
    [
      JSON.stringify(
        items.map(({ current, versionId, record, row, waits, recheck }) => ({
          id: current.id,
          version_id: versionId,
          organization_id: record.organizationId,
          visibility: record.visibility,
          content_hash: row.hash,
          adapted_from_id: record.adaptedFrom,
          adapted_from_version:
            record.adaptedFrom === null ? null : (row.adaptedFromVersion ?? current.adaptedFromVersion),
          waits,
          recheck,
        })),
      ),
      context.at,
    ],
  );
  await client.query(
    `UPDATE alignment a SET to_version = greatest(a.from_version, n.last)
     FROM json_to_recordset($1::json) AS n (id uuid, last integer) WHERE a.id = n.id AND a.to_version IS NULL`,
    [
      JSON.stringify(
        items.flatMap(({ closed, current }) =>
          current.number === null ? [] : closed.map((id) => ({ id, last: lastNumber.get(current.id) ?? 1 })),
        ),
      ),
    ],
  );
  await writeRecords(client, items, context);
  return items.map(({ current, versionId }) => ({ resourceId: current.id, versionId }));
}

/** Remembers what a row said where nothing on the shelf changes, so that the next look at it is quick. */
export async function writeNotes(
  client: PoolClient,
  plans: readonly Note[],
  context: WriteContext,
): Promise<void> {
  if (plans.length === 0) return;
  await client.query(
    `UPDATE resource r SET content_hash = n.hash FROM json_to_recordset($1::json) AS n (id uuid, hash text) WHERE r.id = n.id`,
    [JSON.stringify(plans.map(({ current, row }) => ({ id: current.id, hash: row.hash })))],
  );
  await writeRecords(client, plans, context);
}

async function writeRecords(
  client: PoolClient,
  plans: readonly { current: Current; row: Changed['row']; written: Written }[],
  context: WriteContext,
): Promise<void> {
  await insertRows(
    client,
    'import_record',
    plans.map(({ current, row, written }) => ({
      resource_id: current.id,
      source_id: context.sourceId,
      run_id: context.runId,
      written,
      gaps: row.gaps.length > 0 ? row.gaps : null,
      withdrawn: false,
    })),
    `ON CONFLICT (resource_id) DO UPDATE SET source_id = excluded.source_id, run_id = excluded.run_id,
       written = excluded.written, gaps = excluded.gaps, withdrawn = false`,
  );
}
