import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import { noOrigin, type Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { applyPlan, planChange, type AskedChange } from './vocabulary-service.ts';
import { lockVocabularies } from './vocabulary-change.ts';

/**
 * Makes a change of very many resources in one transaction, so that nobody ever sees half of it. What was changed since
 * somebody looked at it is refused, as it would be at once.
 */
async function runVocabularyChange(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  changeId: string,
): Promise<void> {
  await withTransaction(
    pool,
    async (client) => {
      await lockVocabularies(client);
      const { rows } = await client.query<
        AskedChange & { seen: string; personId: string | null; origin: Origin; state: string }
      >(
        `SELECT kind, target, change, seen, person_id AS "personId", origin, state FROM vocabulary_change WHERE id = $1 FOR UPDATE`,
        [changeId],
      );
      const [asked] = rows;
      if (asked?.state !== 'waiting') return;
      const stamp = async () =>
        (
          await client.query<{ stamp: string }>(
            `SELECT last_value::text AS stamp FROM search_dirty_stamp_seq`,
          )
        ).rows[0]?.stamp ?? '0';
      const plan = await planChange(client, asked).catch((error: unknown) => {
        if (error instanceof PortalError) return undefined;
        throw error;
      });
      const as = plan && plan.seen === asked.seen ? 'done' : 'refused';
      const from = await stamp();
      if (plan && as === 'done')
        await applyPlan(client, plan, { actorId: asked.personId, origin: { ...noOrigin, ...asked.origin } });
      await client.query(
        'UPDATE vocabulary_change SET state = $2, stamp_from = $3, stamp_to = $4, done_at = $5 WHERE id = $1',
        [changeId, as, from, await stamp(), clock.now()],
      );
    },
    { statementTimeoutMs: 600_000 },
  );
}

const payload = z.object({ changeId: z.uuid() });

/** The jobs of vocabularies, for server/jobs.ts. */
export const vocabularyTasks: Tasks<Deps> = {
  'change-vocabulary': (deps, body) => runVocabularyChange(deps, payload.parse(body).changeId),
  'tidy-vocabulary-changes': async ({ pool, clock }) =>
    void (await pool.query(
      `DELETE FROM vocabulary_change WHERE made_at < $1::timestamptz - interval '90 days'`,
      [clock.now()],
    )),
};

export const vocabularySchedules: Schedule[] = [{ task: 'tidy-vocabulary-changes', cron: '55 4 * * *' }];
