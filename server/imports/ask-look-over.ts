import type { PoolClient } from 'pg';
import { jobPriority } from '../platform/job-queue/job-queue.ts';
import type { ReadyRow } from './plan-rows.ts';
import type { WrittenRow } from './write-plans.ts';

/**
 * Has a job look at what came in where its words look like data of students, or where it has files, whose words are only
 * read later: nothing of that kind is published without staff being told. In the caller's transaction.
 * @param written what became of each plan, in the same order
 */
export async function askLookOver(
  client: PoolClient,
  plans: readonly { row: ReadyRow }[],
  written: readonly WrittenRow[],
): Promise<void> {
  const ids = plans.flatMap(({ row }, index) => {
    const wanted = row.record.files.length > 0 || row.gaps.some(({ reason }) => reason === 'studentData');
    return wanted ? (written[index]?.resourceId ?? []) : [];
  });
  if (ids.length === 0) return;
  await client.query(
    `SELECT graphile_worker.add_job('look-over', payload := json_build_object('resourceId', id), job_key := 'look-over:' || id, priority := $2)
     FROM unnest($1::uuid[]) AS id`,
    [ids, jobPriority.upkeep],
  );
}
