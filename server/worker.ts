import { apart, schedules, tasks } from './jobs.ts';
import { onEnd } from './on-end.ts';
import { openDeps } from './open-deps.ts';
import { startWorker } from './platform/job-queue/worker.ts';
import { keepHeartbeat } from './operation/heartbeat.ts';
import { runOrExplain } from './run-or-explain.ts';
import { startIndexer } from './search/indexer.ts';

// Only the worker: for machines that do the jobs while others answer requests (`npm start -- --web-only`).
await runOrExplain(async () => {
  const { deps, metrics, close } = await openDeps({ stays: true });
  const worker = await startWorker(deps, tasks, {
    schedules,
    apart,
    ...(metrics ? { onJob: metrics.job } : {}),
  });
  const indexer = startIndexer({ ...deps, engines: deps.search.all });
  const heartbeat = keepHeartbeat(deps, 'worker');
  deps.log.info('The worker is running');
  onEnd(deps.log, async () => {
    await worker.stop();
    await indexer.stop();
    await (
      await heartbeat
    )();
    await close();
  });
});
