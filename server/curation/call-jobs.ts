import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { noOrigin } from '../lib/origin.ts';
import { notify } from '../notices/notice-service.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { detailOf } from './call-service.ts';
import { OUT } from './call-states.ts';
import { lockCalls, moveCall } from './call-store.ts';

type JobDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Makes a published resource an answer to the call for which it was begun, if it has the call's alignment and the call is
 * out; whoever called and whoever had asked is told. Doing it twice is doing it once.
 * @returns whether it is a new answer
 */
export async function answerCall({ pool, clock }: JobDeps, resourceId: string): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const [call] = await lockCalls(
      client,
      'c.id = (SELECT r.answers_call FROM resource r WHERE r.id = $1)',
      resourceId,
    );
    if (!call || !OUT.includes(call.state)) return false;
    const at = clock.now();
    const { rows } = await client.query<{ person_id: string | null }>(
      `INSERT INTO call_answer (call_id, resource_id, person_id, answered_at)
       SELECT $1, r.id, r.owner_id, $5 FROM resource r
       WHERE r.id = $2 AND r.state = 'published' AND EXISTS (
         SELECT 1 FROM alignment a WHERE a.resource_id = r.id AND a.to_version IS NULL
           AND NOT (a.check_state = 'returned' AND coalesce(a.fit, '') IN ('other_level', 'none'))
           AND ($4::uuid IS NULL OR a.level_id = $4)
           AND (a.standard_guid = $3 OR EXISTS (SELECT 1 FROM standard_ancestor t WHERE t.standard_guid = a.standard_guid AND t.ancestor_guid = $3)))
       ON CONFLICT DO NOTHING RETURNING person_id`,
      [call.id, resourceId, call.standardGuid, call.levelId, at],
    );
    const [answer] = rows;
    if (!answer) return false;
    await moveCall(client, call, {
      move: 'answer',
      by: 'author',
      personId: answer.person_id,
      at,
      origin: noOrigin,
    });
    await notify(client, {
      to: [call.madeBy, call.askedBy].flatMap((id) => id ?? []),
      kind: 'call.answered',
      resourceId,
      by: answer.person_id,
      detail: detailOf(call),
    });
    return true;
  });
}

/**
 * Ends the calls whose last day has gone; whoever called and whoever had asked is told.
 * @returns how many
 */
export async function expireCalls({ pool, clock }: JobDeps): Promise<number> {
  return withTransaction(pool, async (client) => {
    const at = clock.now();
    const calls = await lockCalls(
      client,
      `c.state IN ('open', 'answered') AND c.closes_on < ($1::timestamptz AT TIME ZONE 'UTC')::date`,
      at,
    );
    for (const call of calls) {
      await moveCall(client, call, { move: 'expire', by: 'clock', personId: null, at, origin: noOrigin });
      const to = [call.madeBy, call.askedBy].flatMap((id) => id ?? []);
      await notify(client, { to, kind: 'call.expired', detail: detailOf(call) });
    }
    return calls.length;
  });
}

const payload = z.object({ resourceId: z.uuid() });

/** The jobs of calls, for server/jobs.ts. `answer-call` is asked for by whoever publishes. */
export const callTasks: Tasks<Deps> = {
  'answer-call': async (deps, body) => void (await answerCall(deps, payload.parse(body).resourceId)),
  'expire-calls': async (deps) => void (await expireCalls(deps)),
};

export const callSchedules: Schedule[] = [{ task: 'expire-calls', cron: '5 * * * *' }];
