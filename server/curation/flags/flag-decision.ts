import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, forbidden, invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import type { FlagKind } from '../../resources/flags/flag-kinds.ts';
import { loadResource, type LoadedResource } from '../../resources/resource-facts-queries.ts';
import { isStaffOver } from '../../resources/resource-policy.ts';
import { loadVoice } from '../../resources/voices/voice-queries.ts';
import { takeVoiceAway } from '../../resources/voices/voice-service.ts';
import {
  moveFacts,
  movedFlag,
  moverOf,
  type FlagAbout,
  type FlagMove,
  type FlagState,
} from './flag-machine.ts';
import { tellOutcome } from './flag-outcome.ts';
import { takeDown } from './takedown-service.ts';

type Educator = Viewer & { id: string };

/** A flag as a command needs it. */
export interface LoadedFlag {
  id: string;
  kind: FlagKind;
  about: FlagAbout;
  state: FlagState;
  hides: boolean;
  voice_id: string | null;
  person_id: string | null;
  mail: string | null;
  created_at: Date;
}

/**
 * Decides a flag: nothing wrong, mended, taken down, or open again. What it hid is shown again when no other open flag
 * hides it; a takedown closes all open flags on the same thing. Whoever flagged it and the authors are told.
 * @param decision.version the one that was on the shelf when the person looked
 * @throws 404 for others than staff over the resource, 403 to its authors, 422 without a note where one is needed, 409
 *   when it was decided meanwhile or the resource is another version now: nothing is overwritten
 */
export async function decideFlag(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Educator,
  decision: { flagId: string; move: Exclude<FlagMove, 'purge'>; note: string; version: number },
  origin: Origin,
): Promise<FlagState> {
  return withTransaction(pool, async (client) => {
    const { flag, resource } = await lockFlag(client, decision.flagId);
    if (!isStaffOver(viewer, resource)) throw notFound();
    const mover = moverOf(viewer, resource);
    if (!mover) throw forbidden('flag.fault.own');
    const to = movedFlag(flag.state, decision.move, mover, flag.about);
    if (!to) throw conflict(`flag.now.${flag.state}`);
    if (flag.about === 'resource' && (resource.currentNumber ?? 0) !== decision.version)
      throw conflict('flag.now.version', { number: resource.currentNumber ?? 0 });
    if (moveFacts(decision.move).needsNote && decision.note === '')
      throw invalid({ field: 'note', key: 'flag.fault.decision' });
    const at = clock.now();
    const by = { by: viewer.id, note: decision.note, at };
    await writeState(client, flag.id, to, by);
    if (to === 'taken_down') await take(client, flag, resource, by);
    else await holdWhileFlagged(client, resource.id, at);
    if (to !== 'open') await tellOutcome(client, flag, resource, { outcome: to, by: viewer.id });
    await audit(client, {
      actorId: viewer.id,
      action: `flag.${to === 'open' ? 'reopened' : to}`,
      objectType: 'flag',
      objectId: flag.id,
      version: resource.currentNumber,
      organizationId: resource.organizationId,
      detail: { resourceId: resource.id, kind: flag.kind },
      ...origin,
    });
    return to;
  });
}

/** The flag and its resource, both locked, the resource first, as everybody does. @throws 404 */
async function lockFlag(
  client: PoolClient,
  flagId: string,
): Promise<{ flag: LoadedFlag; resource: LoadedResource }> {
  const { rows: found } = await client.query<{ resource_id: string }>(
    'SELECT resource_id FROM flag WHERE id = $1',
    [flagId],
  );
  const resource = found[0] && (await loadResource(client, found[0].resource_id, { lock: true }));
  const { rows } = await client.query<LoadedFlag>(
    `SELECT id, kind, about, state, hides, coalesce(comment_id, use_id) AS voice_id, person_id, mail, created_at
     FROM flag WHERE id = $1 FOR UPDATE`,
    [flagId],
  );
  if (!resource || !rows[0]) throw notFound();
  return { flag: rows[0], resource };
}

type By = { by: string; note: string; at: Date };

const writeState = (client: PoolClient, flagId: string, to: FlagState, { by, note, at }: By) =>
  client.query(
    `UPDATE flag SET state = $2, decided_at = CASE WHEN $2 = 'open' THEN NULL ELSE $3::timestamptz END,
       decided_by = CASE WHEN $2 = 'open' THEN NULL ELSE $4::uuid END, decided_note = $5 WHERE id = $1`,
    [flagId, to, at, by, note],
  );

async function take(client: PoolClient, flag: LoadedFlag, resource: LoadedResource, by: By): Promise<void> {
  if (flag.about === 'resource') {
    await takeDown(client, resource, { flag, ...by });
    return closeOthers(client, `resource_id = $1 AND about = 'resource'`, resource.id, by);
  }
  const voice = flag.voice_id === null ? undefined : await loadVoice(client, flag.voice_id, { lock: true });
  if (!voice || voice.gone !== null) return;
  await takeVoiceAway(client, voice, { by: by.by, reason: by.note, at: by.at });
  await closeOthers(client, '(comment_id = $1 OR use_id = $1)', voice.id, by);
}

async function closeOthers(
  client: PoolClient,
  which: string,
  id: string,
  { by, note, at }: By,
): Promise<void> {
  await client.query(
    `UPDATE flag SET state = 'taken_down', decided_at = $2, decided_by = $3, decided_note = $4 WHERE ${which} AND state = 'open'`,
    [id, at, by, note],
  );
}

/** Hides a resource while an open flag asks for it, and shows it again when none does; search is told where that changed. */
async function holdWhileFlagged(client: PoolClient, resourceId: string, at: Date): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE resource r SET held_at = CASE WHEN flagged.hides THEN $2::timestamptz END
     FROM (SELECT EXISTS (SELECT 1 FROM flag WHERE resource_id = $1 AND about = 'resource' AND state = 'open' AND hides) AS hides) flagged
     WHERE r.id = $1 AND (r.held_at IS NOT NULL) <> flagged.hides`,
    [resourceId, at],
  );
  if (rowCount) await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
}
