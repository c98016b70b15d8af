import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import type { Logger } from '../logger.ts';
import type { StartError } from '../start-error.ts';
import { openEmbedded } from './embedded-postgres.ts';
import { PrismaClient } from './generated/client.ts';
import { createPool } from './pool.ts';
import { checkServer } from './server-check.ts';

export type Database = {
  pool: Pool;
  /** Prisma over the same pool. */
  db: PrismaClient;
  /** Where it is, e.g. for the sandboxed child of a test. Holds the password. */
  url: string;
  /** The portal's own PostgreSQL, not a server of the operator's. */
  embedded: boolean;
  /** Closes every connection, then stops the portal's own PostgreSQL unless another process uses it. */
  close: () => Promise<void>;
};

export type OpenOptions = {
  /** `portal`: only one may run on the same embedded data. `command` (unless told): runs beside it, or alone. */
  as?: 'portal' | 'command';
  step?: (text: string) => void;
  onLost?: (reason: StartError) => void;
};

/**
 * Opens the database of the settings: the operator's server where `databaseUrl` is set, else the portal's
 * own PostgreSQL in `dataDir`, which is started when it doesn't run. What comes back doesn't show which.
 * @throws StartError when it can't be reached or started, is too old, or a portal runs on it already
 */
export async function openDatabase(
  config: { databaseUrl: string | undefined; dataDir: string },
  log: Logger,
  options: OpenOptions = {},
): Promise<Database> {
  const as = options.as ?? 'command';
  const server =
    config.databaseUrl === undefined
      ? await openEmbedded({ ...options, as, dataDir: config.dataDir, log })
      : undefined;
  const url = server?.url ?? config.databaseUrl ?? '';
  const pool = createPool({ databaseUrl: url, name: `commonshelf ${as}` }, log);
  const db = createPrisma(pool);
  const close = async () => {
    await db.$disconnect();
    await pool.end();
    await server?.release();
  };
  try {
    await checkServer(pool, url, options.step ?? (() => {}));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pool,
    db,
    url,
    embedded: server !== undefined,
    close,
  };
}

/** Prisma over an existing pool, which stays the caller's to close. */
export function createPrisma(pool: Pool): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}
