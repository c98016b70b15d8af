import type { PoolClient } from 'pg';
import { staffFor } from '../../accounts/staff-queries.ts';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { notify } from '../../notices/notice-service.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { notFound } from '../../errors.ts';
import { loadResource, type LoadedResource } from '../resource-facts-queries.ts';
import { authorsOf } from '../resource-people.ts';
import { canSee } from '../resource-policy.ts';
import { isUrgent } from './flag-kinds.ts';
import type { FlagForm } from './flag-schema.ts';

/** A comment, or what somebody wrote about using it. */
export interface FlaggedVoice {
  id: string;
  of: 'comment' | 'use';
  writerId: string;
}

/**
 * Flags a resource, or what somebody said about it. Student data and safety hide a resource at once from all but its
 * authors and staff; a comment is hidden by any flag, unless staff have found nothing wrong with it as it is. The
 * authors are told what is said to be wrong, not by whom; curators are told, at once where it is hidden. Flagging the
 * same again while it is open changes the note.
 * @returns whether it is hidden now
 * @throws 404 where the viewer may not see it
 */
export async function raiseFlag(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  { resourceId, voice, form }: { resourceId: string; voice: FlaggedVoice | null; form: FlagForm },
  origin: Origin,
): Promise<{ hidden: boolean }> {
  return withTransaction(pool, async (client) => {
    const resource = await loadResource(client, resourceId, { lock: true });
    if (!resource || !canSee(viewer, resource)) throw notFound();
    if (viewer.id !== null && (await sameAgain(client, viewer.id, resourceId, voice, form)))
      return { hidden: false };
    const hides = voice
      ? !(await foundFine(client, voice))
      : isUrgent(form.kind) && !(viewer.id === null && (await decidedFine(client, resource, form)));
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO flag (resource_id, comment_id, use_id, about, kind, note, person_id, mail, version, hides, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
      [
        resourceId,
        voice?.of === 'comment' ? voice.id : null,
        voice?.of === 'use' ? voice.id : null,
        voice ? 'voice' : 'resource',
        form.kind,
        form.note,
        viewer.id,
        viewer.id === null && form.mail !== '' ? form.mail : null,
        resource.currentNumber,
        hides,
        clock.now(),
      ],
    );
    const flagId = rows[0]?.id ?? '';
    if (!voice && resource.state === 'published')
      await client.query(`SELECT ask_check($1, $2, $3)`, [
        resourceId,
        form.kind === 'student_data' ? 'students' : 'flagged',
        clock.now(),
      ]);
    if (hides && !voice) await holdResource(client, resourceId, clock.now());
    await audit(client, {
      actorId: viewer.id,
      action: hides && !voice ? 'resource.flagged_and_held' : 'resource.flagged',
      objectType: 'flag',
      objectId: flagId,
      version: resource.currentNumber,
      organizationId: resource.organizationId,
      detail: { resourceId, kind: form.kind, about: voice ? 'voice' : 'resource' },
      ...origin,
    });
    await tell(client, viewer, { resource, voice, form, flagId, hides });
    return { hidden: hides };
  });
}

async function tell(
  client: PoolClient,
  viewer: Viewer,
  {
    resource,
    voice,
    form,
    flagId,
    hides,
  }: { resource: LoadedResource; voice: FlaggedVoice | null; form: FlagForm; flagId: string; hides: boolean },
): Promise<void> {
  const detail = { flag: form.kind };
  const urgent = isUrgent(form.kind);
  const staff = await staffFor(client, resource.districtId, {
    roles: ['curator', 'lead'],
    ...(urgent ? { always: 'state' } : {}),
  });
  await notify(client, {
    to: staff.filter((id) => id !== viewer.id),
    kind: urgent && hides ? 'flag.urgent' : 'flag.raised',
    resourceId: resource.id,
    detail: { ...detail, url: `/curate/flags/${flagId}` },
  });
  if (voice) return;
  await notify(client, {
    to: authorsOf(resource).filter((id) => id !== viewer.id && !staff.includes(id)),
    kind: hides ? 'flag.held' : 'flag.raised',
    resourceId: resource.id,
    detail,
  });
}

/** Hides a resource from all but its authors and staff; the caller holds its lock. */
async function holdResource(client: PoolClient, resourceId: string, at: Date): Promise<void> {
  await client.query('UPDATE resource SET held_at = coalesce(held_at, $2) WHERE id = $1', [resourceId, at]);
  await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
}

/** The person's own open flag on the same thing takes the new note. */
async function sameAgain(
  client: PoolClient,
  personId: string,
  resourceId: string,
  voice: FlaggedVoice | null,
  form: FlagForm,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE flag SET note = $6 WHERE person_id = $1 AND resource_id = $2 AND kind = $3 AND state = 'open'
       AND comment_id IS NOT DISTINCT FROM $4::uuid AND use_id IS NOT DISTINCT FROM $5::uuid`,
    [
      personId,
      resourceId,
      form.kind,
      voice?.of === 'comment' ? voice.id : null,
      voice?.of === 'use' ? voice.id : null,
      form.note,
    ],
  );
  return (rowCount ?? 0) > 0;
}

/** Staff found nothing wrong with a comment since it was last changed. */
async function foundFine(client: PoolClient, voice: FlaggedVoice): Promise<boolean> {
  const { rows } = await client.query<{ fine: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM flag f
       LEFT JOIN comment c ON c.id = f.comment_id LEFT JOIN use_mark u ON u.id = f.use_id
       WHERE (f.comment_id = $1 OR f.use_id = $1) AND f.state = 'nothing_wrong'
         AND f.decided_at > coalesce(c.edited_at, c.created_at, u.edited_at, u.created_at)) AS fine`,
    [voice.id],
  );
  return rows[0]?.fine ?? false;
}

/** Staff looked at this version for the same reason: somebody who isn't signed in can't hide it once more. */
async function decidedFine(client: PoolClient, resource: LoadedResource, form: FlagForm): Promise<boolean> {
  const { rows } = await client.query<{ fine: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM flag WHERE resource_id = $1 AND about = 'resource' AND kind = $2
       AND state = 'nothing_wrong' AND version = $3) AS fine`,
    [resource.id, form.kind, resource.currentNumber],
  );
  return rows[0]?.fine ?? false;
}
