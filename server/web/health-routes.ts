import type { Deps } from '../deps.ts';
import { inTime } from '../platform/in-time.ts';
import { translator, type MessageKey } from '../locale/locale.ts';
import { anyone, createRoutes } from './route.ts';

/** What `/readyz` asks of other rooms. */
export interface Readiness {
  /** Reported, never a reason to be unready. */
  search: () => Promise<{ engine: string; degraded: boolean }>;
  /** What doesn't go as it should, although pages can be served. Of a database that can be reached. */
  troubles: () => Promise<MessageKey[]>;
}

/** Whoever asks wants an answer soon: what takes longer counts as away. */
const PATIENCE_MS = 3000;

/** Once it says so, whoever shares out requests leaves this process alone (`drain` in http-server.ts). */
const leaving = { now: false };
export const sayLeaving = (): void => {
  leaving.now = true;
};

const t = translator('en');

/**
 * `/healthz`: the process answers, and stays. `/readyz`: it can serve (database, files), and what is missing in words; a missing
 * search engine, a full disk, late jobs and damaged files are told as degraded, since pages go on without them.
 */
export function healthRoutes(
  { pool, files, log }: Pick<Deps, 'pool' | 'files' | 'log'>,
  readiness: Partial<Readiness> = {},
) {
  const routes = createRoutes();
  // A proxy that asks here goes on showing pages in words while the database is away, and still hears who is leaving.
  routes.get('/healthz', anyone, (_req, res) => {
    res
      .status(leaving.now ? 503 : 200)
      .set('Cache-Control', 'no-store')
      .type('text')
      .send(leaving.now ? 'leaving\n' : 'ok\n');
  });
  routes.get('/readyz', anyone, async (_req, res) => {
    const [database, store] = await Promise.all([
      answers(async () => void (await pool.query('SELECT 1'))),
      answers(() => files.check()),
    ]);
    const [search, troubles] = database
      ? await Promise.all([
          orElse(readiness.search?.(), { engine: 'unknown', degraded: true }),
          orElse(readiness.troubles?.(), []),
        ])
      : [readiness.search && { engine: 'unknown', degraded: true }, []];
    const ready = database && store && !leaving.now;
    const missing: MessageKey[] = [
      ...(database ? [] : (['ready.database'] as const)),
      ...(store ? [] : (['ready.files'] as const)),
      ...(leaving.now ? (['ready.leaving'] as const) : []),
    ];
    const degraded: MessageKey[] = [
      ...(search?.degraded && database ? (['ready.search'] as const) : []),
      ...(troubles ?? []),
    ];
    if (!ready) log.warn({ database, store, leaving: leaving.now }, 'not ready');
    res
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        ready,
        database: database ? 'ok' : 'away',
        files: store ? 'ok' : 'away',
        ...(search ? { search } : {}),
        missing: missing.map((key) => t(key)),
        degraded: degraded.map((key) => t(key)),
      });
  });
  return routes.router;
}

const orElse = <T>(answer: Promise<T> | undefined, otherwise: T): Promise<T> | undefined =>
  answer && inTime(answer, PATIENCE_MS).catch(() => otherwise);

const answers = (question: () => Promise<void>): Promise<boolean> =>
  inTime(question(), PATIENCE_MS).then(
    () => true,
    () => false,
  );
