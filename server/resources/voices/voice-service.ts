import type { PoolClient } from 'pg';
import { staffFor } from '../../accounts/staff-queries.ts';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, forbidden, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { notify } from '../../notices/notice-service.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { loadForReading, type LoadedResource } from '../resource-facts-queries.ts';
import { authorsOf } from '../resource-people.ts';
import { canChangeVoice, canReadVoice, canRemoveVoice } from './voice-policy.ts';
import { loadVoice, type LoadedVoice } from './voice-queries.ts';

type Educator = Viewer & { id: string };
type VoiceDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Says something about a resource, or asks its authors. They are told; where nobody is its author, the curators of its
 * district are asked.
 * @returns the id of the comment
 * @throws 404 where the resource may not be seen
 */
export async function addVoice(
  { pool, clock }: VoiceDeps,
  viewer: Educator,
  { resourceId, kind, body }: { resourceId: string; kind: 'comment' | 'question'; body: string },
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const resource = await loadForReading(client, viewer, resourceId);
    const id = await insertComment(client, viewer, resource, {
      kind,
      body,
      questionId: null,
      at: clock.now(),
    });
    const authors = authorsOf(resource);
    const told =
      authors.length > 0 || kind === 'comment'
        ? authors
        : await staffFor(client, resource.districtId, { roles: ['curator', 'lead'] });
    await notify(client, { to: told, kind: `${kind}.new`, resourceId, by: viewer.id });
    return id;
  });
}

/**
 * Answers a question. Whoever asked is told, and its authors where a colleague answered.
 * @returns the id of the answer, and the resource's
 * @throws 404 where the question may not be read
 */
export async function addAnswer(
  { pool, clock }: VoiceDeps,
  viewer: Educator,
  { questionId, body }: { questionId: string; body: string },
): Promise<{ id: string; resourceId: string }> {
  return withTransaction(pool, async (client) => {
    const { voice, resource } = await readVoice(client, viewer, questionId);
    if (voice.kind !== 'question') throw notFound();
    const id = await insertComment(client, viewer, resource, {
      kind: 'answer',
      body,
      questionId,
      at: clock.now(),
    });
    await notify(client, {
      to: [voice.writerId, ...authorsOf(resource), ...(await answerersOf(client, questionId))],
      kind: 'question.answered',
      resourceId: resource.id,
      by: viewer.id,
    });
    return { id, resourceId: resource.id };
  });
}

/** Whoever answers follows the question, as long as their answer stands. */
async function answerersOf(client: PoolClient, questionId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT person_id AS id FROM comment WHERE question_id = $1 AND deleted_at IS NULL AND removed_at IS NULL`,
    [questionId],
  );
  return rows.map(({ id }) => id);
}

async function insertComment(
  client: PoolClient,
  viewer: Educator,
  resource: LoadedResource,
  input: { kind: string; body: string; questionId: string | null; at: Date },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO comment (resource_id, person_id, kind, question_id, version, body, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [resource.id, viewer.id, input.kind, input.questionId, resource.currentNumber, input.body, input.at],
  );
  return rows[0]?.id ?? '';
}

/**
 * A comment or note that the viewer may read, with its resource.
 * @throws 404 for all others
 */
export async function readVoice(
  client: PoolClient | VoiceDeps['pool'],
  viewer: Viewer,
  id: string,
  { lock = false } = {},
): Promise<{ voice: LoadedVoice; resource: LoadedResource }> {
  const voice = await loadVoice(client, id, { lock });
  if (!voice) throw notFound();
  const resource = await loadForReading(client, viewer, voice.resourceId);
  if (!canReadVoice(viewer, resource, voice)) throw notFound();
  return { voice, resource };
}

/**
 * Changes what one wrote.
 * @throws 404 where it isn't there any more or may not be read, 403 where somebody else wrote it
 */
export async function editVoice(
  { pool, clock }: VoiceDeps,
  viewer: Educator,
  { id, body, rating }: { id: string; body: string; rating: number | null },
): Promise<LoadedVoice> {
  return withTransaction(pool, async (client) => {
    const { voice, resource } = await readVoice(client, viewer, id, { lock: true });
    if (!canChangeVoice(viewer, resource, voice)) throw forbidden();
    if (voice.of === 'comment')
      await client.query('UPDATE comment SET body = $2, edited_at = $3 WHERE id = $1', [
        id,
        body,
        clock.now(),
      ]);
    else
      await client.query('UPDATE use_mark SET note = $2, rating = $4, edited_at = $3 WHERE id = $1', [
        id,
        body.slice(0, 2000),
        clock.now(),
        rating,
      ]);
    return voice;
  });
}

/**
 * Deletes what one wrote; of a question with answers the place stays, without its words. Of a use only the note and
 * the rating go.
 * @throws as `editVoice`
 */
export async function deleteVoice(
  { pool, clock }: VoiceDeps,
  viewer: Educator,
  id: string,
): Promise<LoadedVoice> {
  return withTransaction(pool, async (client) => {
    const { voice, resource } = await readVoice(client, viewer, id, { lock: true });
    if (!canChangeVoice(viewer, resource, voice)) throw forbidden();
    if (voice.of === 'use')
      await client.query(`UPDATE use_mark SET note = '', rating = NULL, edited_at = NULL WHERE id = $1`, [
        id,
      ]);
    else {
      await client.query(
        `DELETE FROM comment c WHERE c.id = $1 AND NOT EXISTS (SELECT 1 FROM comment a WHERE a.question_id = c.id)`,
        [id],
      );
      await client.query(`UPDATE comment SET body = '', deleted_at = $2 WHERE id = $1`, [id, clock.now()]);
    }
    return voice;
  });
}

/**
 * Takes away what somebody else wrote: its words are deleted, its writer is told why. Flags on it are settled by that.
 * @throws 404 where it may not be read, 403 for others than staff over the resource, 409 when it is gone already
 */
export async function removeVoice(
  { pool, clock }: VoiceDeps,
  viewer: Educator,
  { id, reason }: { id: string; reason: string },
  origin: Origin,
): Promise<LoadedVoice> {
  return withTransaction(pool, async (client) => {
    const voice = await loadVoice(client, id, { lock: true });
    if (!voice) throw notFound();
    const resource = await loadForReading(client, viewer, voice.resourceId);
    if (voice.gone !== null) throw conflict('voice.fault.gone');
    if (!canRemoveVoice(viewer, resource, voice)) throw forbidden();
    const at = clock.now();
    await takeVoiceAway(client, voice, { by: viewer.id, reason, at });
    await client.query(
      `UPDATE flag SET state = 'taken_down', decided_at = $2, decided_by = $3, decided_note = $4
       WHERE (comment_id = $1 OR use_id = $1) AND state = 'open'`,
      [id, at, viewer.id, reason],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'comment.removed',
      objectType: 'comment',
      objectId: id,
      organizationId: resource.organizationId,
      detail: { resourceId: resource.id, writerId: voice.writerId },
      ...origin,
    });
    return voice;
  });
}

/** Deletes the words of a comment or note and tells its writer; the caller has checked who may, and holds its lock. */
export async function takeVoiceAway(
  client: PoolClient,
  voice: Pick<LoadedVoice, 'id' | 'of' | 'writerId' | 'resourceId'>,
  { by, reason, at }: { by: string; reason: string; at: Date },
): Promise<void> {
  await client.query(
    voice.of === 'comment'
      ? `UPDATE comment SET body = '', removed_at = $2, removed_by = $3, removed_reason = $4 WHERE id = $1`
      : `UPDATE use_mark SET note = '', rating = NULL, removed_at = $2, removed_by = $3, removed_reason = $4 WHERE id = $1`,
    [voice.id, at, by, reason],
  );
  await notify(client, {
    to: voice.writerId,
    kind: 'comment.removed',
    resourceId: voice.resourceId,
    by,
    detail: { reason },
  });
}
