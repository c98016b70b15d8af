import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import { StartError } from '../start-error.ts';
import { CLUSTER_USER, prepareCluster } from './embedded-cluster.ts';
import type { Cluster } from './embedded-cluster.ts';
import {
  disownLockFile,
  findPostmaster,
  isServerOf,
  startPostmaster,
  stopPostmaster,
  untilGone,
} from './embedded-process.ts';
import type { Postmaster } from './embedded-process.ts';

/**
 * Who uses the server is written in advisory locks, which PostgreSQL lets go of by itself when a process
 * dies, however it dies. Everyone holds IN_USE shared; the portal also holds PORTAL alone. Who ends last gets
 * IN_USE alone and stops the server.
 */
const LOCKS = 1_129_270_611;
const IN_USE = 1;
const PORTAL = 2;

export type EmbeddedOptions = {
  dataDir: string;
  /** `portal`: there may be only one on the same data. `command`: runs beside a portal, or alone. */
  as: 'portal' | 'command';
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told in words what takes time. */
  step?: (text: string) => void;
  /** False: nothing has to survive a power cut, as in tests; true unless told. */
  durable?: boolean;
  /** Called when another portal took the data while the server was down; the caller must end. */
  onLost?: (reason: StartError) => void;
};

export type EmbeddedServer = {
  /** Address of the portal's database, with its password. It stays the same while this process lives. */
  url: string;
  /** Whether the server was running already. */
  takenOver: boolean;
  /** Stops the server, or leaves it to whoever else uses it still. Call it when all other connections are closed. */
  release: () => Promise<void>;
};

/**
 * Opens the PostgreSQL that the portal keeps in `dataDir`: takes over the one that runs there (beside a
 * portal, or left by one that was killed), else starts it, and keeps it running until it is released: a
 * server that dies is started again on the same port.
 * @throws StartError when it can't be started, or when `as` is `portal` and there is one on the same data
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const step = options.step ?? (() => {});
  const cluster = await prepareCluster(options.dataDir, { step, durable: options.durable ?? true });
  let hold = await takeHold(cluster, options, undefined);
  const { takenOver, server: first } = hold;
  const url = urlOf(cluster, first.port);
  let released = false;

  const watch = () => {
    hold.client.on('error', () => {});
    hold.client.once('end', () => {
      if (!released) void regain();
    });
  };
  /** The held connection was lost: the server died or was stopped. Brings it back where the pool looks for it. */
  const regain = async () => {
    for (let wait = 100; !released; wait = Math.min(wait * 2, 5_000)) {
      options.log.warn('The database went away; starting it again');
      try {
        const again = await takeHold(cluster, options, first.port);
        if (released) {
          await again.client.end();
          return;
        }
        hold = again;
        watch();
        options.log.warn('The database is back');
        return;
      } catch (err) {
        options.log.error({ err }, 'The database could not be started again');
        if (err instanceof PortalRunsError) return options.onLost?.(err);
        await sleep(wait);
      }
    }
  };
  watch();

  return {
    url,
    takenOver,
    release: async () => {
      released = true;
      await letGo(cluster, hold);
    },
  };
}

class PortalRunsError extends StartError {}

type Hold = { server: Postmaster; client: pg.Client; takenOver: boolean };

/** Finds or starts the server and takes the locks on a connection that stays open. */
async function takeHold(cluster: Cluster, options: EmbeddedOptions, port: number | undefined): Promise<Hold> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const running = await attach(cluster, options, port);
      if (running) return running;
      options.step?.('Starting the database');
      const server = await startPostmaster(cluster, {
        port,
        durable: options.durable ?? true,
        step: options.step ?? (() => {}),
      });
      const client = await connect(cluster, server.port, options.as);
      if (await lock(client, options)) return { server, client, takenOver: false };
      await client.end();
    } catch (error) {
      // Lost against another start at the same moment, or the port was taken meanwhile: look again.
      if (attempt >= 3 || error instanceof PortalRunsError) throw error;
      await sleep(200);
    }
  }
}

/** Takes hold of the server that runs already; undefined when there is none. Waits for one that starts or stops. */
async function attach(
  cluster: Cluster,
  options: EmbeddedOptions,
  port: number | undefined,
): Promise<Hold | undefined> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(50)) {
    const server = await findPostmaster(cluster);
    if (!server) return undefined;
    if (server.status === 'stopping') await untilGone(cluster, server.pid, 1_000);
    if (server.status !== 'ready') continue;
    const client = await connect(cluster, server.port, options.as).catch(async (error: unknown) => {
      const code = (error as { code?: string }).code ?? '';
      if (passing.has(code)) return 'later' as const;
      if (!refusals.has(code) || (await isServerOf(cluster, server.pid))) throw error;
      // After a restart of the machine another PostgreSQL got the number that the lock file names.
      await disownLockFile(cluster, server.pid);
      return undefined;
    });
    if (client === 'later') continue;
    if (!client) return undefined;
    if (!(await lock(client, options))) {
      // Whoever used it last is stopping it now.
      await client.end();
      await untilGone(cluster, server.pid, 60_000);
      continue;
    }
    if (port !== undefined && port !== server.port) {
      await client.end();
      throw new PortalRunsError('The database was started by another process, on another port.');
    }
    return { server, client, takenOver: true };
  }
  throw new StartError(
    `The database in ${cluster.data} neither starts nor stops. Its log is ${cluster.log}.`,
  );
}

/** What a server answers while it starts or stops. */
const passing = new Set(['57P01', '57P03']);
/** What a port answers that isn't our server's: nobody listens, or the password is wrong. */
const refusals = new Set(['ECONNREFUSED', '28P01', '28000']);

/**
 * @returns false when the server is being stopped by the one who used it last
 * @throws PortalRunsError when this is to be the portal and there is one
 */
async function lock(client: pg.Client, { as, dataDir }: EmbeddedOptions): Promise<boolean> {
  if (!(await tryLock(client, 'pg_try_advisory_lock_shared', IN_USE))) return false;
  if (as === 'command' || (await tryLock(client, 'pg_try_advisory_lock', PORTAL))) return true;
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [LOCKS, PORTAL],
  );
  const pid = rows[0]?.name.split(' ').at(-1);
  await client.end();
  throw new PortalRunsError(
    `A portal is already running on the data in ${dataDir}${pid ? ` (process ${pid})` : ''}. Nothing was changed. Stop that one first, or give this one a DATA_DIR of its own.`,
  );
}

async function tryLock(client: pg.Client, take: string, key: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`select ${take}($1::int, $2::int) as taken`, [
    LOCKS,
    key,
  ]);
  return rows[0]?.taken === true;
}

/** Stops the server when nobody else holds it. */
async function letGo(cluster: Cluster, { client, server }: Hold): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock_all()');
    const last = await tryLock(client, 'pg_try_advisory_lock', IN_USE);
    // Keeping the lock while it stops tells a newcomer to wait for the end and to start a new one.
    if (last) await stopPostmaster(cluster, server.pid);
    else await client.end();
  } catch (error) {
    if (error instanceof StartError) throw error;
    // The connection is gone, and so is the server.
  }
}

function urlOf({ password }: Cluster, port: number, database: string = CLUSTER_USER): string {
  return `postgresql://${CLUSTER_USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** The connection that holds the locks. Makes the portal's database where it isn't there yet. */
async function connect(cluster: Cluster, port: number, as: string): Promise<pg.Client> {
  const open = async (database: string) => {
    const client = new pg.Client({
      connectionString: urlOf(cluster, port, database),
      application_name: `commonshelf ${as} ${process.pid}`,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    await client.connect();
    return client;
  };
  try {
    return await open(CLUSTER_USER);
  } catch (error) {
    // 3D000: there is no such database yet.
    if ((error as { code?: string }).code !== '3D000') throw error;
    const maker = await open('postgres');
    await maker.query(`create database ${CLUSTER_USER}`).catch((made: { code?: string }) => {
      // Another start made it at the same moment.
      if (made.code !== '42P04' && made.code !== '23505') throw made;
    });
    await maker.end();
    return open(CLUSTER_USER);
  }
}
