import type { PoolClient } from 'pg';
import type { Deps } from '../../deps.ts';
import { translator } from '../../locale/locale.ts';
import { notify } from '../../notices/notice-service.ts';
import { enqueue, jobPriority, MAIL_ATTEMPTS } from '../../platform/job-queue/job-queue.ts';
import type { LoadedResource } from '../../resources/resource-facts-queries.ts';
import { authorsOf } from '../../resources/resource-people.ts';
import type { FlagAbout, FlagState } from './flag-machine.ts';
import { siteName } from '../../site/site-queries.ts';

type Outcome = Exclude<FlagState, 'open'>;

/** Of a flag, what telling of it takes: `mail` of whoever has no account. */
type Told = { id: string; about: FlagAbout; person_id: string | null; mail: string | null };

/**
 * Tells whoever flagged something what came of it, and the authors where it was their resource. After a takedown or purge
 * whoever flagged it is told without a title, since nobody reads it any more.
 */
export async function tellOutcome(
  client: PoolClient,
  flag: Told,
  resource: LoadedResource,
  { outcome, by }: { outcome: Outcome; by: string },
): Promise<void> {
  const gone = outcome === 'taken_down' || outcome === 'purged';
  const authors = authorsOf(resource);
  if (flag.about === 'resource' && outcome !== 'purged')
    await notify(client, {
      to: authors.filter((id) => id !== by),
      kind: 'flag.decided',
      resourceId: resource.id,
      detail: { outcome },
    });
  if (flag.person_id !== null && flag.person_id !== by && !authors.includes(flag.person_id))
    await notify(client, {
      to: flag.person_id,
      ...(gone
        ? { kind: 'flag.answered', detail: { outcome, url: '/notices' } }
        : { kind: 'flag.decided', resourceId: resource.id, detail: { outcome } }),
    });
  if (flag.mail !== null)
    await enqueue(
      client,
      'flag-answer',
      { flagId: flag.id },
      { jobKey: `flag-answer:${flag.id}`, priority: jobPriority.upkeep, maxAttempts: MAIL_ATTEMPTS },
    );
}

/** Writes to somebody who flagged something without an account, once, and forgets their address. */
export async function answerFlag(
  { pool, mailer, config }: Pick<Deps, 'pool' | 'mailer' | 'config'>,
  flagId: string,
): Promise<void> {
  const { rows } = await pool.query<{ mail: string; state: FlagState; created_at: Date }>(
    `SELECT mail, state, created_at FROM flag WHERE id = $1 AND mail IS NOT NULL AND state <> 'open'`,
    [flagId],
  );
  const [flag] = rows;
  if (!flag) return;
  const t = translator('en');
  await mailer.send({
    to: flag.mail,
    subject: t('flag.mail.subject', { state: await siteName(pool, config) }),
    text: t('flag.mail.text', {
      date: flag.created_at.toISOString().slice(0, 10),
      outcome: t(`flag.outcome.${flag.state as Outcome}`),
    }),
  });
  await pool.query('UPDATE flag SET mail = NULL WHERE id = $1', [flagId]);
}
