import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { forbidden, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { hasRoleOver, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { loadForEditing, type LoadedResource } from './resource-facts-queries.ts';
import { copyVersionAsDraft } from './version-copy.ts';
import type { VersionFields } from './version-fields.ts';

type Educator = Viewer & { id: string; organizationId: string };

/** A claim of a draft. */
export type DraftAlignment = {
  guid: string;
  /** Null: no level stated. */
  levelId: string | null;
  relation: 'teaches' | 'assesses' | 'requires' | 'related';
};

/** Everything that can be written into a draft; a field that is left out stays as it is. */
export type DraftFields = Partial<VersionFields & { topicIds: string[]; alignments: DraftAlignment[] }>;

/** Someone else (or another tab) saved the draft since the caller read it. */
export class DraftConflict extends Error {
  readonly revision: number;
  constructor(revision: number) {
    super('the draft was saved elsewhere');
    this.name = 'DraftConflict';
    this.revision = revision;
  }
}

/**
 * Begins a resource as a draft of its owner's. License, language and visibility start as in the person's last
 * resource, so that nobody is asked twice. `answersCall`: the call for lessons for which it is begun, if there is one.
 * @returns the id of the resource
 * @throws 403 for an organization at which the person may not share
 */
export async function createDraft(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Educator,
  {
    organizationId = viewer.organizationId,
    fields = {},
    answersCall = null,
  }: { organizationId?: string; fields?: DraftFields; answersCall?: string | null },
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const resourceId = await insertResource(client, viewer, organizationId);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO version (resource_id, authors, updated_by, license, language, visibility)
       SELECT $1, $2, $3, last.license, coalesce(last.language, 'en'), coalesce(last.visibility, 'public')
       FROM (SELECT 1) one
       LEFT JOIN LATERAL (
         SELECT v.license, v.language, r.visibility FROM resource r JOIN version v ON v.id = r.current_version_id
         WHERE r.owner_id = $3 ORDER BY r.updated_at DESC LIMIT 1) last ON true
       RETURNING id`,
      [resourceId, viewer.name, viewer.id],
    );
    const draftId = rows[0]!.id;
    await writeFields(client, draftId, fields);
    if (answersCall !== null)
      await client.query(
        'UPDATE resource r SET answers_call = c.id FROM lesson_call c WHERE r.id = $1 AND c.id = $2',
        [resourceId, answersCall],
      );
    await audit(client, {
      actorId: viewer.id,
      action: 'resource.begun',
      objectType: 'resource',
      objectId: resourceId,
      organizationId,
      ...origin,
    });
    return resourceId;
  });
}

/**
 * Inserts the row of a new resource in state draft.
 * @throws 403 for an organization at which the person may not share, or one that is closed
 */
export async function insertResource(
  client: PoolClient,
  viewer: Educator,
  organizationId: string,
  adaptedFrom: { resourceId: string; number: number } | null = null,
): Promise<string> {
  const { rows: organizations } = await client.query<{ id: string; district_id: string | null }>(
    'SELECT id, district_id FROM organization WHERE id = $1 AND closed_at IS NULL',
    [organizationId],
  );
  const organization = organizations[0];
  const mayShare =
    organization &&
    (organizationId === viewer.organizationId ||
      viewer.grants.some((grant) => grant.organizationId === organizationId) ||
      hasRoleOver(viewer, { id: organization.id, districtId: organization.district_id }, 'admin'));
  if (!mayShare) throw forbidden('share.notYourOrganization');
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO resource (organization_id, district_id, owner_id, adapted_from_id, adapted_from_version)
     VALUES ($1, $2, $3, $4, $5) RETURNING id`,
    [
      organizationId,
      organization.district_id,
      viewer.id,
      adaptedFrom?.resourceId ?? null,
      adaptedFrom?.number ?? null,
    ],
  );
  return rows[0]!.id;
}

/**
 * Writes fields into the draft if it is still at `revision`.
 * @returns the draft's new revision and the time
 * @throws 404 where there is no draft for this person; DraftConflict when it was saved meanwhile
 */
export async function saveDraft(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { resourceId, revision, fields }: { resourceId: string; revision: number; fields: DraftFields },
): Promise<{ revision: number; savedAt: Date }> {
  return withTransaction(pool, async (client) => {
    const draft = await loadDraft(client, viewer, resourceId);
    if (draft.draftRevision !== revision) throw new DraftConflict(draft.draftRevision);
    return saveFields(client, viewer, draft, fields);
  });
}

/** The resource with a draft that this person may change, locked. @throws 404 */
export async function loadDraft(
  client: PoolClient,
  viewer: Viewer,
  resourceId: string,
): Promise<LoadedResource & { draftId: string; draftRevision: number }> {
  const resource = await loadForEditing(client, viewer, resourceId);
  const { draftId, draftRevision } = resource;
  if (draftId === null || draftRevision === null) throw notFound();
  return { ...resource, draftId, draftRevision };
}

/** Writes fields into a draft that is loaded and locked, raising its revision. */
async function saveFields(
  client: PoolClient,
  viewer: Viewer,
  draft: { id: string; draftId: string },
  fields: DraftFields,
): Promise<{ revision: number; savedAt: Date }> {
  await writeFields(client, draft.draftId, fields);
  const { rows } = await client.query<{ revision: number; updated_at: Date }>(
    `UPDATE version SET revision = revision + 1, updated_at = now(), updated_by = $2 WHERE id = $1
     RETURNING revision, updated_at`,
    [draft.draftId, viewer.id],
  );
  await client.query('UPDATE resource SET updated_at = now() WHERE id = $1', [draft.id]);
  return { revision: rows[0]!.revision, savedAt: rows[0]!.updated_at };
}

/**
 * Opens the draft of the next version of a published or withdrawn resource: the one that is there, or a copy of
 * the current version with its files.
 * @throws 404 for anyone but its authors
 */
export async function openNextVersion(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Educator,
  resourceId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const resource = await loadForEditing(client, viewer, resourceId);
    if (resource.draftId !== null) return;
    if (resource.currentVersionId === null || resource.currentNumber === null) throw notFound();
    const draftId = await copyVersionAsDraft(
      client,
      { versionId: resource.currentVersionId, resourceId, number: resource.currentNumber },
      { resourceId, visibility: resource.visibility, personId: viewer.id },
    );
    await client.query(
      `INSERT INTO version_file (version_id, file_id, position, educators_only)
       SELECT $2, file_id, position, educators_only FROM version_file WHERE version_id = $1`,
      [resource.currentVersionId, draftId],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'resource.edit_begun',
      objectType: 'resource',
      objectId: resourceId,
      version: resource.currentNumber + 1,
      organizationId: resource.organizationId,
      ...origin,
    });
  });
}

/**
 * Throws a draft away. A resource that was never published goes with it; a published one stays as it is.
 * @throws 404 where there is no draft for this person
 */
export async function discardDraft(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  resourceId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const draft = await loadDraft(client, viewer, resourceId);
    if (draft.currentVersionId === null)
      await client.query('DELETE FROM resource WHERE id = $1', [resourceId]);
    else await client.query('DELETE FROM version WHERE id = $1', [draft.draftId]);
    await audit(client, {
      actorId: viewer.id,
      action: 'resource.draft_discarded',
      objectType: 'resource',
      objectId: resourceId,
      organizationId: draft.organizationId,
      ...origin,
    });
  });
}

const columns = {
  title: 'title',
  summary: 'summary',
  description: 'description',
  url: 'url',
  type: 'type',
  license: 'license',
  language: 'language',
  authors: 'authors',
  publisher: 'publisher',
  minutes: 'minutes',
  setting: 'setting',
  visibility: 'visibility',
} as const satisfies Partial<Record<keyof DraftFields, string>>;

async function writeFields(client: PoolClient, draftId: string, fields: DraftFields): Promise<void> {
  const given = (Object.keys(columns) as (keyof typeof columns)[]).filter(
    (name) => fields[name] !== undefined,
  );
  if (given.length > 0)
    await client.query(
      `UPDATE version SET ${given.map((name, index) => `${columns[name]} = $${index + 2}`).join(', ')} WHERE id = $1`,
      [draftId, ...given.map((name) => fields[name])],
    );
  await replaceList(client, 'version_subject', 'subject', draftId, fields.subjects);
  await replaceList(client, 'version_topic', 'topic_id', draftId, fields.topicIds);
  await replaceList(client, 'version_keyword', 'keyword', draftId, fields.keywords);
  if (fields.grades) {
    await client.query('DELETE FROM version_grade WHERE version_id = $1', [draftId]);
    await client.query('INSERT INTO version_grade (version_id, grade) SELECT $1, unnest($2::text[])', [
      draftId,
      [...new Set(fields.grades)],
    ]);
  }
  if (fields.alignments) await replaceAlignments(client, draftId, fields.alignments);
}

async function replaceList(
  client: PoolClient,
  table: 'version_subject' | 'version_topic' | 'version_keyword',
  column: string,
  draftId: string,
  values: string[] | undefined,
): Promise<void> {
  if (!values) return;
  await client.query(`DELETE FROM ${table} WHERE version_id = $1`, [draftId]);
  await client.query(
    `INSERT INTO ${table} (version_id, ${column}, position)
     SELECT $1, value, place FROM unnest($2::${column === 'topic_id' ? 'uuid' : 'text'}[]) WITH ORDINALITY given (value, place)`,
    [draftId, [...new Set(values)]],
  );
}

/** A claim counts once a standard, relation and level; the first one wins its place. */
async function replaceAlignments(
  client: PoolClient,
  draftId: string,
  alignments: DraftAlignment[],
): Promise<void> {
  await client.query('DELETE FROM draft_alignment WHERE version_id = $1', [draftId]);
  await client.query(
    `INSERT INTO draft_alignment (version_id, standard_guid, level_id, relation, position)
     SELECT $1, guid, level_id, relation, place
     FROM unnest($2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY given (guid, level_id, relation, place)
     ON CONFLICT DO NOTHING`,
    [
      draftId,
      alignments.map((alignment) => alignment.guid),
      alignments.map((alignment) => alignment.levelId),
      alignments.map((alignment) => alignment.relation),
    ],
  );
}
