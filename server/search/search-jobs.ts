import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { enqueue, jobPriority, MAIL_ATTEMPTS } from '../platform/job-queue/job-queue.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { sendSearchDigest } from './search-digest.ts';
import { forgetSearches } from './search-statistics.ts';

const digestPayload = z.object({ personId: z.uuid(), rhythms: z.array(z.string()) });

/** The jobs of this feature, for server/jobs.ts. */
export const searchTasks: Tasks<Deps> = {
  'search-digests': async (deps) => queueDigests(deps),
  'search-digest': async (deps, payload) => {
    const { personId, rhythms } = digestPayload.parse(payload);
    await sendSearchDigest(deps, personId, rhythms);
  },
  'forget-searches': async ({ pool, clock }) => forgetSearches(pool, clock.now()),
};

export const searchSchedules: Schedule[] = [
  { task: 'search-digests', cron: '0 11 * * *' },
  { task: 'forget-searches', cron: '20 4 * * 0' },
];

const MONDAY = 1;

/** A job for each person whose turn it is, so that one address that fails holds nobody else up. */
async function queueDigests({ pool, clock }: Pick<Deps, 'pool' | 'clock'>): Promise<void> {
  const rhythms = clock.now().getUTCDay() === MONDAY ? ['daily', 'weekly'] : ['daily'];
  const { rows } = await pool.query<{ person_id: string }>(
    'SELECT DISTINCT person_id FROM saved_search WHERE mail = ANY ($1::text[])',
    [rhythms],
  );
  for (const { person_id: personId } of rows)
    await enqueue(
      pool,
      'search-digest',
      { personId, rhythms },
      { jobKey: `search-digest:${personId}`, priority: jobPriority.upkeep, maxAttempts: MAIL_ATTEMPTS },
    );
}
