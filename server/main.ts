import { seedDemo } from '../prisma/seed/seed-demo.ts';
import { demoSignIns } from './accounts/demo-sign-ins.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { apart, schedules, tasks } from './jobs.ts';
import { onEnd } from './on-end.ts';
import type { End } from './on-end.ts';
import { openDeps } from './open-deps.ts';
import { startWorker } from './platform/job-queue/worker.ts';
import { keepHeartbeat } from './operation/heartbeat.ts';
import { runOrExplain } from './run-or-explain.ts';
import { untilTaken } from './search/index-queue.ts';
import { startIndexerThread } from './search/indexer-thread.ts';
import { listen } from './web/http-server.ts';

/** How long the first start waits for the search index of the demo. */
const FIRST_INDEX_PATIENCE_MS = 20_000;

/** How long requests get to finish when the portal stops. */
const REQUEST_PATIENCE_MS = 25_000;

// The portal: web and worker in one process (`--web-only`: without the worker). Stops in the order in which
// nothing is lost: no new requests, those under way finish, jobs finish, the pool closes, the database stops.
await runOrExplain(async () => {
  let end: End = (_reason, code) => process.exit(code);
  const { deps, database, metrics, close } = await openDeps({
    as: 'portal',
    stays: true,
    step: say,
    onLost: ({ message }) => end(message, 1),
  });
  const { config, log } = deps;
  try {
    const seeded = config.demo && (await seedDemo(deps, say));
    const server = await listen(createApp(deps, metrics ? { onRequest: metrics.request } : {}), config);
    const worker = process.argv.includes('--web-only')
      ? undefined
      : await startWorker(deps, tasks, { schedules, apart, ...(metrics ? { onJob: metrics.job } : {}) });
    const indexer = worker && startIndexerThread({ config, database, log });
    // Not waited for: whoever says stop is heard from the first moment.
    const heartbeat = keepHeartbeat(deps, worker ? 'both' : 'web');
    const finish = async (): Promise<void> => {
      if (!config.production) say('Finishing what is under way');
      await server.drain(REQUEST_PATIENCE_MS, config.stopNoticeMs);
      await worker?.stop();
      await indexer?.stop();
      await (
        await heartbeat
      )();
      await close();
    };
    end = onEnd(log, finish, config.stopNoticeMs);
    // Nobody's first search should find an empty shelf.
    if (seeded && indexer) await untilTaken(deps.pool, 'postgres', FIRST_INDEX_PATIENCE_MS);
    log.info({ port: server.port }, 'The portal is running');
    if (!config.production) greet(config, server.port);
  } catch (error) {
    await close();
    throw error;
  }
});

/** The address, and in the demo who can sign in. */
function greet(config: Config, port: number): void {
  const address = config.port === 0 ? `http://localhost:${port}` : config.baseUrl;
  say(`\n${config.stateName} Commonshelf is on ${address}`);
  if (!config.demo) return;
  say(`\nSign in with the password ${demoSignIns.password} as`);
  for (const { email, role, organization } of demoSignIns.people)
    say(`  ${email.padEnd(24)} ${role}, ${organization}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
