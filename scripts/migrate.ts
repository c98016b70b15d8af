import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run migrate`: brings the database up to this version. Every start does it too; this is for operators who
// update the database before the processes.
await runOrExplain(async () => {
  const { close } = await openDeps({ step: console.log });
  console.log('The database is up to date.');
  await close();
});
