import { Command } from 'commander';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { moveDatabase } from '../server/operation/move/move-database.ts';
import { markMoved } from '../server/platform/database/embedded-cluster.ts';
import { createPool } from '../server/platform/database/pool.ts';
import { checkServer } from '../server/platform/database/server-check.ts';
import { StartError } from '../server/platform/start-error.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run move-database -- postgresql://…`: copies everything in the database of the settings (the portal's own, or a
// server) into an empty one. All or nothing; the old one is left as it is. Files stay where they are.
const t = translator('en');
const command = new Command('move-database')
  .description(t('move.description'))
  .argument('<address>', t('move.address'))
  .parse();
const [address = ''] = command.args;

await runOrExplain(async () => {
  if (!URL.canParse(address) || !/^postgres(?:ql)?:$/.test(new URL(address).protocol))
    throw new StartError(t('move.badAddress'));
  const { hostname, port, pathname } = new URL(address);
  const where = `${hostname}:${port || 5432}${pathname}`;
  const { deps, database, close } = await openDeps({ as: 'portal', step: console.log });
  const to = createPool(
    { databaseUrl: address, name: 'commonshelf move', max: 4, statementTimeoutMs: 0 },
    deps.log,
  );
  try {
    await checkServer(to, address, console.log);
    const report = await moveDatabase({ from: deps.pool, to, log: deps.log }, console.log);
    console.log(
      t('move.done', { tables: report.tables, rows: report.rows, seconds: Math.ceil(report.seconds), where }),
    );
    if (database.embedded) await markMoved(deps.config.dataDir, where);
    console.log(t('move.next'));
  } finally {
    await to.end();
    await close();
  }
});
