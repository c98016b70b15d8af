import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid, notFound, type FieldFault } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isEducator, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import { DraftConflict } from './draft-service.ts';
import { loadResource, type LoadedResource } from './resource-facts-queries.ts';
import { canEdit, canSee, canSeeDraft, canSeeTombstone, canWithdraw } from './resource-policy.ts';
import { studentDataIn } from './student-data.ts';
import { sameClaims, sameContent } from './version-changes.ts';

/** What a draft still lacks before it can stand on the shelf; each fault names the field of the share form. */
export async function draftFaults(client: Pick<PoolClient, 'query'>, draftId: string): Promise<FieldFault[]> {
  const { rows } = await client.query<{
    title: string;
    content: boolean;
    infected: string | null;
    type: boolean;
    license: boolean;
    subjects: boolean;
    grades: boolean;
  }>(
    `SELECT v.title, v.type IS NOT NULL AS type, v.license IS NOT NULL AS license,
       v.url IS NOT NULL OR v.full_text <> '' OR EXISTS (SELECT 1 FROM version_file f WHERE f.version_id = v.id) AS content,
       EXISTS (SELECT 1 FROM version_subject s WHERE s.version_id = v.id) AS subjects,
       EXISTS (SELECT 1 FROM version_grade g WHERE g.version_id = v.id) AS grades,
       (SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
        WHERE vf.version_id = v.id AND b.scan_state = 'infected' LIMIT 1) AS infected
     FROM version v WHERE v.id = $1`,
    [draftId],
  );
  const draft = rows[0];
  if (!draft) throw notFound();
  const faults: (FieldFault | false)[] = [
    draft.title.trim() === '' && { field: 'title', key: 'share.fault.title' },
    !draft.content && { field: 'files', key: 'share.fault.content' },
    draft.infected !== null && {
      field: 'files',
      key: 'share.fault.infected',
      params: { name: draft.infected },
    },
    !draft.type && { field: 'type', key: 'share.fault.type' },
    !draft.subjects && { field: 'subject', key: 'share.fault.subject' },
    !draft.grades && { field: 'grade', key: 'share.fault.grade' },
    !draft.license && { field: 'license', key: 'share.fault.license' },
  ];
  return faults.filter((fault) => fault !== false);
}

/**
 * Puts the draft on the shelf as the next version; where the organization checks first, a resource that was never
 * published waits as submitted until a curator does it. Doing it twice is doing it once.
 * `noStudentData`: the author has seen what looks like data of students and says that it is none.
 * @throws 404; 422 with what the draft lacks, or where it seems to hold data of students; DraftConflict when it was saved since the caller saw it
 */
export async function publishDraft(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  {
    resourceId,
    revision,
    note,
    noStudentData = false,
  }: { resourceId: string; revision: number; note: string; noStudentData?: boolean },
  origin: Origin,
): Promise<{ state: 'published' | 'submitted'; number: number }> {
  if (!isEducator(viewer)) throw notFound();
  return withTransaction(pool, async (client) => {
    const resource = await loadResource(client, resourceId, { lock: true });
    if (!resource || !canSeeDraft(viewer, resource)) throw notFound();
    if (resource.draftId === null) {
      if (resource.state === 'published' && resource.currentNumber !== null)
        return { state: 'published', number: resource.currentNumber };
      throw notFound();
    }
    if (resource.draftRevision !== revision) throw new DraftConflict(resource.draftRevision ?? 0);
    const faults = await draftFaults(client, resource.draftId);
    if (faults.length > 0) throw invalid(...faults);
    await nothingOfStudents(client, resource.draftId, noStudentData);
    await enqueue(client, 'look-over', { resourceId }, { jobKey: `look-over:${resourceId}` });
    const number = (resource.currentNumber ?? 0) + 1;
    const isAuthor = canEdit(viewer, resource);
    if (resource.publishMode === 'check_first' && resource.currentNumber === null && isAuthor) {
      await client.query("UPDATE resource SET state = 'submitted', updated_at = $2 WHERE id = $1", [
        resourceId,
        clock.now(),
      ]);
      await askForCheck(client, resourceId, clock.now());
      await log(client, viewer, resource, 'resource.submitted', number, origin);
      return { state: 'submitted', number };
    }
    await publishVersion(client, {
      resourceId,
      draftId: resource.draftId,
      number,
      note,
      personId: viewer.id,
      claimedBy: resource.ownerId ?? viewer.id,
      claimedAs: 'author',
      at: clock.now(),
    });
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
    await answersCall(client, resourceId);
    await log(client, viewer, resource, 'resource.published', number, origin);
    return { state: 'published', number };
  });
}

/** What was begun for a call for lessons is looked at as an answer to it, by the job of whoever keeps calls. */
async function answersCall(client: PoolClient, resourceId: string): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM resource WHERE id = $1 AND answers_call IS NOT NULL',
    [resourceId],
  );
  if (rowCount) await enqueue(client, 'answer-call', { resourceId });
}

/**
 * Nothing that looks like data of students is published before its author has been shown it and has said that it is none.
 * @throws 422
 */
async function nothingOfStudents(client: PoolClient, draftId: string, said: boolean): Promise<void> {
  const found = await studentDataIn(client, draftId);
  if (found.length > 0 && !said) throw invalid({ field: 'students', key: 'share.fault.students' });
  await client.query('UPDATE version SET no_student_data = $2 WHERE id = $1', [
    draftId,
    found.length > 0 && said,
  ]);
}

/**
 * Publishes what was handed in, for a curator who has decided to. The caller holds the resource's lock, has checked who
 * may and that nothing is missing, marks it dirty and writes the log.
 * @returns the number of the version
 */
export async function publishSubmitted(
  client: PoolClient,
  resource: LoadedResource,
  { personId, at }: { personId: string; at: Date },
): Promise<number> {
  if (resource.draftId === null) throw new Error(`${resource.id} has no draft`);
  const number = (resource.currentNumber ?? 0) + 1;
  await publishVersion(client, {
    resourceId: resource.id,
    draftId: resource.draftId,
    number,
    note: '',
    personId,
    claimedBy: resource.ownerId ?? personId,
    claimedAs: 'author',
    at,
  });
  return number;
}

/** Gives what was handed in back to its author as a draft. */
export async function returnSubmitted(client: PoolClient, resourceId: string, at: Date): Promise<void> {
  await client.query(
    "UPDATE resource SET state = 'draft', updated_at = $2 WHERE id = $1 AND state = 'submitted'",
    [resourceId, at],
  );
}

/** Why a resource waits for a curator that was published or handed in. What waits already keeps its place. */
async function askForCheck(client: PoolClient, resourceId: string, at: Date): Promise<void> {
  await client.query(
    `SELECT ask_check(r.id, CASE WHEN EXISTS (SELECT 1 FROM version v WHERE v.resource_id = r.id AND v.number > 1) THEN 'new_version'
                                 WHEN r.adapted_from_id IS NOT NULL THEN 'adaptation' ELSE 'new' END, $2)
     FROM resource r WHERE r.id = $1`,
    [resourceId, at],
  );
}

/**
 * Turns a draft into the published version `number`. Claims that stayed keep their check as long as what they are about
 * (text, link, files) is the same; those that went are closed at the version before; new ones begin here. Unless all of
 * a checked resource stayed as it was, it waits for a check again.
 * The caller holds the resource's lock, has checked who may, and marks it dirty.
 */
async function publishVersion(
  client: PoolClient,
  input: {
    resourceId: string;
    draftId: string;
    number: number;
    note: string;
    personId: string | null;
    claimedBy: string | null;
    claimedAs: 'author' | 'import';
    at: Date;
  },
): Promise<void> {
  const { resourceId, draftId, number, note, personId, at } = input;
  const same = await sameContent(client, resourceId, draftId);
  await client.query(
    `UPDATE version SET number = $2, change_note = $3, published_at = $4, published_by = $5, updated_at = $4 WHERE id = $1`,
    [draftId, number, note, at, personId],
  );
  await client.query(
    `UPDATE resource r SET state = 'published', current_version_id = v.id, visibility = v.visibility, published_at = $3,
       first_published_at = coalesce(r.first_published_at, $3), withdrawn_at = NULL, withdrawn_reason = NULL, updated_at = $3,
       check_state = CASE WHEN r.check_state = 'disputed' OR (r.check_state = 'checked' AND $4) THEN r.check_state ELSE 'claimed' END
     FROM version v WHERE r.id = $1 AND v.id = $2`,
    [resourceId, draftId, at, same && (await sameClaims(client, resourceId, draftId))],
  );
  await client.query(
    `UPDATE alignment a SET to_version = $3
     WHERE a.resource_id = $1 AND a.to_version IS NULL AND a.claimed_as IN ('author', 'import') AND a.from_version <= $3
       AND NOT EXISTS (SELECT 1 FROM draft_alignment d WHERE d.version_id = $2 AND d.standard_guid = a.standard_guid
                       AND d.relation = a.relation AND d.level_id IS NOT DISTINCT FROM a.level_id)`,
    [resourceId, draftId, Math.max(1, number - 1)],
  );
  await client.query(
    `INSERT INTO alignment (resource_id, standard_guid, relation, level_id, claimed_by, claimed_as, from_version, created_at)
     SELECT $1, d.standard_guid, d.relation, d.level_id, $4, $5, $3, $6::timestamptz + d.position * interval '1 microsecond'
     FROM draft_alignment d WHERE d.version_id = $2
       AND NOT EXISTS (SELECT 1 FROM alignment a WHERE a.resource_id = $1 AND a.to_version IS NULL AND a.standard_guid = d.standard_guid
                       AND a.relation = d.relation AND a.level_id IS NOT DISTINCT FROM d.level_id)
     ORDER BY d.position`,
    [resourceId, draftId, number, input.claimedBy, input.claimedAs, at],
  );
  await client.query('DELETE FROM draft_alignment WHERE version_id = $1', [draftId]);
  if (!same)
    await client.query(
      `UPDATE alignment SET check_state = 'claimed', fit = NULL, check_note = NULL, checked_by = NULL, checked_for = NULL, checked_at = NULL,
         checked_version = NULL
       WHERE resource_id = $1 AND to_version IS NULL AND check_state IN ('in_check', 'checked', 'returned')`,
      [resourceId],
    );
  const { rows } = await client.query("SELECT 1 FROM resource WHERE id = $1 AND check_state <> 'checked'", [
    resourceId,
  ]);
  if (rows.length > 0) await askForCheck(client, resourceId, at);
}

/**
 * Takes a resource off the shelf: whoever could see it finds a tombstone (410) with the reason. Authors and staff.
 * @throws 404 where the viewer may not know of it, 403 where they may not do this
 */
export async function withdrawResource(
  deps: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  { resourceId, reason }: { resourceId: string; reason: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(deps.pool, async (client) => {
    const resource = await loadToMove(client, viewer, resourceId);
    if (resource.state === 'withdrawn') return;
    await client.query(
      `UPDATE resource SET state = 'withdrawn', withdrawn_at = $2, withdrawn_reason = nullif($3, ''), updated_at = $2 WHERE id = $1`,
      [resourceId, deps.clock.now(), reason],
    );
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
    await log(client, viewer, resource, 'resource.withdrawn', resource.currentNumber, origin);
  });
}

/**
 * Puts a withdrawn resource back as it was. What was taken down comes back only by staff.
 * @throws 404, 403, 409 after a takedown
 */
export async function restoreResource(
  deps: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  resourceId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(deps.pool, async (client) => {
    const resource = await loadToMove(client, viewer, resourceId);
    if (resource.state === 'published') return;
    if (resource.takedown) throw conflict('resource.takenDown');
    await client.query(
      `UPDATE resource SET state = 'published', withdrawn_at = NULL, withdrawn_reason = NULL, updated_at = $2 WHERE id = $1`,
      [resourceId, deps.clock.now()],
    );
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
    await log(client, viewer, resource, 'resource.restored', resource.currentNumber, origin);
  });
}

async function loadToMove(client: PoolClient, viewer: Viewer, resourceId: string): Promise<LoadedResource> {
  const resource = await loadResource(client, resourceId, { lock: true });
  if (!resource) throw notFound();
  if (canWithdraw(viewer, resource)) return resource;
  throw canSee(viewer, resource) || canSeeTombstone(viewer, resource) ? forbidden() : notFound();
}

const log = (
  client: PoolClient,
  viewer: Viewer,
  resource: LoadedResource,
  action: string,
  version: number | null,
  origin: Origin,
) =>
  audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'resource',
    objectId: resource.id,
    version,
    organizationId: resource.organizationId,
    ...origin,
  });
