import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { enqueue, jobPriority, MAIL_ATTEMPTS } from '../platform/job-queue/job-queue.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { sendNoticeDigest } from './notice-digest.ts';
import { forgetNotices } from './notice-service.ts';

const mailPayload = z.object({ personId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const noticeTasks: Tasks<Deps> = {
  'notice-digests': async (deps) => queueDigests(deps),
  'notice-mail': async (deps, payload) => {
    await sendNoticeDigest(deps, mailPayload.parse(payload).personId);
  },
  'forget-notices': async ({ pool, clock }) => forgetNotices(pool, clock.now()),
};

export const noticeSchedules: Schedule[] = [
  { task: 'notice-digests', cron: '5 11 * * *' },
  { task: 'forget-notices', cron: '30 4 * * 0' },
];

const MONDAY = 1;

/** A job for each person whose turn it is; with those who are told at once, where that failed for hours. */
async function queueDigests({ pool, clock }: Pick<Deps, 'pool' | 'clock'>): Promise<void> {
  const now = clock.now();
  const rhythms = now.getUTCDay() === MONDAY ? ['at_once', 'daily', 'weekly'] : ['at_once', 'daily'];
  const { rows } = await pool.query<{ id: string }>(
    `SELECT p.id FROM person p
     WHERE p.notice_mail = ANY ($1::text[]) AND p.disabled_at IS NULL
       AND EXISTS (SELECT 1 FROM notice n WHERE n.person_id = p.id AND n.mailed_at IS NULL AND n.seen_at IS NULL)`,
    [rhythms],
  );
  for (const { id } of rows)
    await enqueue(
      pool,
      'notice-mail',
      { personId: id },
      { jobKey: `notice-mail:digest:${id}`, priority: jobPriority.upkeep, maxAttempts: MAIL_ATTEMPTS },
    );
}
