import pg from 'pg';
import type { Logger } from '../logger.ts';
import { timeQueries } from './watch-queries.ts';

/** Column types by OID, as PostgreSQL's own catalog numbers them. */
const INT8 = 20;
const DATE = 1082;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
/** Its reader turns the written form of any plain array into a list of texts. */
const TEXT_ARRAY = 1009;

export type PoolSettings = {
  databaseUrl: string;
  /** Most connections at once; 20 unless told. */
  max?: number;
  /** Time limit of a statement in milliseconds; 30 seconds unless told. Transactions can set their own. */
  statementTimeoutMs?: number;
  /** Shown by PostgreSQL in `pg_stat_activity`. */
  name?: string;
};

/**
 * The pool that everything shares: queries, Prisma, sessions, jobs. `bigint` comes back as a number while
 * that is exact (else as text), `timestamptz` as Date, `date` as `YYYY-MM-DD`. Connections that break while
 * idle are logged and replaced.
 */
export function createPool(settings: PoolSettings, log: Pick<Logger, 'warn'>): pg.Pool {
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    max: settings.max ?? 20,
    statement_timeout: settings.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    application_name: settings.name ?? 'commonshelf',
    types: { getTypeParser },
  });
  // Without these handlers a connection that the server closes would end the process. One in use tells its
  // user by the query that fails; an idle one is only known here.
  pool.on('error', (err) => {
    if (!pool.ending) log.warn({ err }, 'An idle database connection was lost');
  });
  pool.on('connect', (client) => void client.on('error', () => {}));
  timeQueries(pool);
  return pool;
}

const number = (text: string): number | string => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
};
const same = (text: string): string => text;
const readers: Record<number, (text: string) => unknown> = {
  [INT8]: number,
  [DATE]: same,
  [INT8_ARRAY]: (text) => listOf(text).map((item) => (item === null ? null : number(item))),
  [DATE_ARRAY]: listOf,
};

function listOf(text: string): (string | null)[] {
  return parserOf(TEXT_ARRAY)(text) as (string | null)[];
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  const own = format === 'binary' ? undefined : readers[oid];
  return own ?? parserOf(oid, format);
}

/** The driver's own reader. Its types only know the OIDs that it names itself. */
function parserOf(oid: number, format: 'text' | 'binary' = 'text'): (value: string) => unknown {
  return pg.types.getTypeParser(oid as Parameters<typeof pg.types.getTypeParser>[0], format as 'text') as (
    value: string,
  ) => unknown;
}
