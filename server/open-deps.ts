import { join } from 'node:path';
import { readConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { createMetrics, type Metrics } from './operation/metrics/metrics.ts';
import { serveMetrics, type MetricsServer } from './operation/metrics/metrics-server.ts';
import { addPortalGauges } from './operation/metrics/portal-gauges.ts';
import { systemClock } from './platform/clock.ts';
import { openDatabase } from './platform/database/database.ts';
import type { Database, OpenOptions } from './platform/database/database.ts';
import { migrateDatabase } from './platform/database/migrate-database.ts';
import { onQuery } from './platform/database/watch-queries.ts';
import { keepSlowQueries } from './platform/database/slow-queries.ts';
import { openDiskFileStore } from './platform/file-store/disk-file-store.ts';
import { createLogger, standardError, standardOutput } from './platform/logger.ts';
import { portalVersion } from './platform/portal-version.ts';
import { createMailer } from './platform/mailer.ts';
import { siteName } from './site/site-queries.ts';
import { createSearchStatistics } from './search/search-statistics.ts';
import { createSearchEngines } from './search/search-engines.ts';

export type OpenDeps = {
  deps: Deps;
  database: Database;
  /** What this process counts; undefined where nobody asks. */
  metrics: Metrics | undefined;
  /** Closes the database, last of all. */
  close: () => Promise<void>;
};

/**
 * Opens the outside world for a process: settings, log, database (brought up to date), files. The portal
 * passes `as: 'portal'`; commands pass nothing and run beside a portal or alone. `stays`: a process that runs on, the
 * portal or a worker: metrics are served where the settings say so, and its log is on standard output, which with commands
 * belongs to what they have to tell.
 * @throws ConfigError, StartError or MigrationError, for `runOrExplain` to tell
 */
export async function openDeps(options: OpenOptions & { stays?: boolean } = {}): Promise<OpenDeps> {
  const config = readConfig();
  const log = createLogger(config, options.stays ? standardOutput() : standardError());
  // In production these are log records and nothing else.
  const step = config.production ? (text: string) => log.info(text) : (options.step ?? (() => {}));
  if (config.dataDirMoved)
    step(
      `The data are in ${config.dataDir}: PostgreSQL may not run as root, and its account can't reach this folder`,
    );
  if (options.stays) for (const warning of config.warnings) log.warn(warning);
  const database = await openDatabase(config, log, { ...options, step });
  try {
    const { pool, db } = database;
    const ran = await migrateDatabase({ pool, log });
    if (ran.length > 0) step(`Making or changing tables (${ran.length} step${ran.length > 1 ? 's' : ''})`);
    const metrics = config.metrics && options.stays ? createMetrics(portalVersion) : undefined;
    const kept = metrics && { onKept: metrics.kept };
    const files = await openDiskFileStore(join(config.dataDir, 'files'), kept);
    const search = createSearchEngines({ config, pool, clock: systemClock });
    const slow = keepSlowQueries({ pool, log, clock: systemClock, slowMs: config.slowQueryMs });
    const statistics = createSearchStatistics({ pool, log, clock: systemClock });
    const mailer = createMailer(config, log, () => siteName(pool, config));
    const deps: Deps = { config, log, clock: systemClock, pool, db, files, search, statistics, mailer };
    const server = metrics && config.metrics && (await openMetrics(metrics, config.metrics, deps));
    const close = async (): Promise<void> => {
      await server?.close();
      await statistics.flush();
      await slow.stop();
      await database.close();
    };
    return { deps, database, metrics, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openMetrics(
  metrics: Metrics,
  where: NonNullable<Deps['config']['metrics']>,
  deps: Deps,
): Promise<MetricsServer> {
  addPortalGauges(metrics, deps);
  onQuery(deps.pool, (_text, ms) => metrics.query(ms / 1000));
  deps.search.watch = metrics.search;
  const server = await serveMetrics(metrics, { ...where, log: deps.log });
  deps.log.info({ port: server.port }, 'Metrics are served');
  return server;
}
