import type { Deps } from '../deps.ts';
import { anyone, createRoutes } from './route.ts';

/** What `/readyz` asks of search; reported, never a reason to be unready. */
export type Readiness = { search: () => Promise<{ engine: string; degraded: boolean }> };

/**
 * `/healthz`: the process answers. `/readyz`: it can serve (database, files); a missing search engine is
 * reported as degraded, since pages go on without it.
 */
export function healthRoutes(
  { pool, files, log }: Pick<Deps, 'pool' | 'files' | 'log'>,
  readiness: Partial<Readiness> = {},
) {
  const routes = createRoutes();
  routes.get('/healthz', anyone, (_req, res) => void res.type('text').send('ok\n'));
  routes.get('/readyz', anyone, async (_req, res) => {
    const [database, store, search] = await Promise.all([
      ask(async () => void (await pool.query('SELECT 1'))),
      ask(async () => void (await files.freeSpace())),
      readiness.search?.().catch(() => ({ engine: 'unknown', degraded: true })),
    ]);
    const ready = database && store;
    if (!ready) log.warn({ database, store }, 'not ready');
    res
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        ready,
        database: database ? 'ok' : 'away',
        files: store ? 'ok' : 'away',
        ...(search ? { search } : {}),
      });
  });
  return routes.router;
}

const ask = async (question: () => Promise<void>): Promise<boolean> => {
  try {
    await question();
    return true;
  } catch {
    return false;
  }
};
