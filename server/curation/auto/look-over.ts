import type { Deps } from '../../deps.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../../platform/job-queue/job-queue.ts';
import { askLink } from '../../resources/link-check.ts';
import { studentDataIn } from '../../resources/student-data.ts';
import { autoFacts, likelyTwins } from './facts-queries.ts';
import { judge } from './judge.ts';

/** Files are read in the background: it is looked so often whether that is done, each time a little later. */
const TRIES = 60;
const againAfter = (attempt: number): number => Math.min(attempt * 15_000, 600_000);

/**
 * Looks a version over that waits for a check and keeps what was found. What can't be known yet (a file that is still
 * being read) is looked at again. Data of students that its author hasn't been asked about brings it into the queue.
 */
export async function lookOver(
  deps: Pick<Deps, 'pool' | 'clock' | 'config'>,
  resourceId: string,
  attempt = 1,
): Promise<void> {
  const first = await autoFacts(deps.pool, resourceId);
  if (!first) return;
  const asked = deps.config.linkChecks && first.url !== null && first.link === null;
  if (asked && first.url !== null) await askLink(deps, first.url);
  const facts = asked ? ((await autoFacts(deps.pool, resourceId)) ?? first) : first;
  const reading = facts.files.some(
    (file) => file.text_state === 'pending' || file.preview_state === 'pending',
  );
  const [twins, students] = await Promise.all([
    likelyTwins(deps.pool, facts.version_id),
    studentDataIn(deps.pool, facts.version_id),
  ]);
  const findings = judge(facts, twins, students).filter(
    ({ kind }) => !(reading && (kind === 'files' || kind === 'text')),
  );
  await withTransaction(deps.pool, async (client) => {
    await client.query('DELETE FROM auto_finding WHERE version_id = $1', [facts.version_id]);
    await client.query(
      `INSERT INTO auto_finding (version_id, kind, severity, detail, found_at)
       SELECT $1, f.kind, f.severity, f.detail, $3 FROM json_to_recordset($2::json) AS f (kind text, severity text, detail jsonb)
       WHERE EXISTS (SELECT 1 FROM version WHERE id = $1)`,
      [facts.version_id, JSON.stringify(findings), deps.clock.now()],
    );
    if (students.length > 0 && !facts.no_student_data)
      await client.query(`SELECT ask_check($1, 'students', $2)`, [resourceId, deps.clock.now()]);
    if (reading && attempt < TRIES)
      await enqueue(
        client,
        'look-over',
        { resourceId, attempt: attempt + 1 },
        {
          jobKey: `look-over:${resourceId}`,
          runAt: new Date(Date.now() + againAfter(attempt)),
          priority: jobPriority.upkeep,
        },
      );
  });
}
