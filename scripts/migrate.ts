import { openDatabase } from '../server/platform/database/database.ts';
import { migrateDatabase } from '../server/platform/database/migrate-database.ts';
import { readConfig } from '../server/config.ts';
import { createLogger } from '../server/platform/logger.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run migrate`: brings the database up to this version. `npm start` does it too; this is for operators
// who update the database before the processes.
await runOrExplain(async () => {
  const config = readConfig();
  const log = createLogger(config);
  const database = await openDatabase(config, log, { step: console.log });
  try {
    const ran = await migrateDatabase({ pool: database.pool, log });
    for (const name of ran) console.log(`Ran ${name}`);
    if (ran.length === 0) console.log('The database is up to date.');
  } finally {
    await database.close();
  }
});
