import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue, jobPriority, MAIL_ATTEMPTS } from '../platform/job-queue/job-queue.ts';
import { noticeKinds, type NoticeKind } from './notice-kinds.ts';

/** Minutes that a mail waits for more of the same, and that an urgent one waits. */
const GATHER_MINUTES = { usual: 5, urgent: 1 };

export interface NewNotice {
  to: string | readonly string[];
  kind: NoticeKind;
  resourceId?: string | null;
  /** Who did it; never told of it. Leave it out where the receiver may not know. */
  by?: string | null;
  /** What the sentence of the kind names besides `{title}` and `{by}`; `url`: a path to lead to instead of the resource. */
  detail?: Record<string, string | number>;
}

/**
 * Tells people what happened, on the transaction in which it happens: on their shelf, and by mail at their own rhythm.
 * Says nothing to whoever did it, to closed accounts, and once to each person however often they are named.
 */
export async function notify(client: PoolClient, notice: NewNotice): Promise<void> {
  const to = [...new Set([notice.to].flat())];
  if (to.length === 0) return;
  const urgent = noticeKinds[notice.kind].urgent === true;
  const { rows } = await client.query<{ person_id: string }>(
    `WITH told AS (
       INSERT INTO notice (person_id, kind, resource_id, by_id, detail)
       SELECT p.id, $2, $3, $4, $5 FROM person p
       WHERE p.id = ANY ($1::uuid[]) AND p.disabled_at IS NULL AND p.id IS DISTINCT FROM $4::uuid
       RETURNING person_id)
     SELECT told.person_id FROM told JOIN person p ON p.id = told.person_id
     WHERE p.notice_mail = 'at_once' OR ($6 AND p.notice_mail <> 'never')`,
    [to, notice.kind, notice.resourceId ?? null, notice.by ?? null, notice.detail ?? {}, urgent],
  );
  const minutes = urgent ? GATHER_MINUTES.urgent : GATHER_MINUTES.usual;
  for (const { person_id: personId } of rows) await enqueueMail(client, personId, { minutes, urgent });
}

/** One waiting mail a person: what comes meanwhile goes with it. An urgent one waits beside it, for less long. */
async function enqueueMail(
  client: PoolClient,
  personId: string,
  { minutes, urgent }: { minutes: number; urgent: boolean },
): Promise<void> {
  const jobKey = `notice-mail:${urgent ? 'urgent:' : ''}${personId}`;
  await enqueue(
    client,
    'notice-mail',
    { personId },
    {
      jobKey,
      keepsTime: true,
      runAt: new Date(Date.now() + minutes * 60_000),
      // What can't wait doesn't stand behind the pictures of a hundred files.
      priority: urgent ? jobPriority.people : jobPriority.upkeep,
      maxAttempts: MAIL_ATTEMPTS,
    },
  );
}

/** Marks one's notices as seen: one, or all when no id is given. */
export async function seeNotices(pool: Pool, personId: string, id: string | null = null): Promise<void> {
  await pool.query(
    `UPDATE notice SET seen_at = now() WHERE person_id = $1 AND seen_at IS NULL AND ($2::uuid IS NULL OR id = $2)`,
    [personId, id],
  );
}

/** Ends all mails of notices for a person; the notices stay on their shelf. */
export async function endNoticeMails(pool: Pool, personId: string, origin: Origin): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE person SET notice_mail = 'never' WHERE id = $1 AND notice_mail <> 'never'`,
      [personId],
    );
    if (rowCount)
      await audit(client, {
        actorId: personId,
        action: 'person.notice_mails_ended',
        objectType: 'person',
        objectId: personId,
        ...origin,
      });
  });
}

/** Forgets notices that were seen half a year ago, and those that nobody looked at for two years. */
export async function forgetNotices(pool: Pool, now: Date): Promise<void> {
  await pool.query(
    `DELETE FROM notice WHERE seen_at < $1::timestamptz - interval '6 months' OR at < $1::timestamptz - interval '2 years'`,
    [now],
  );
}
