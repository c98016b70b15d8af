import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serviceAccount } from '../service-account.ts';
import type { ServiceAccount } from '../service-account.ts';
import { StartError } from '../start-error.ts';
import { findBinaries } from './embedded-binaries.ts';
import type { Binaries } from './embedded-binaries.ts';

/** The folder of the portal's own database: `dataDir`/postgres with the cluster, its password and its log. */
export type Cluster = {
  /** The cluster itself, PostgreSQL's data directory. */
  data: string;
  /** What the server says, kept to some megabytes. */
  log: string;
  /** Holds the port that the server last listened on. */
  portFile: string;
  password: string;
  binaries: Binaries;
  account: ServiceAccount | undefined;
};

/** The one role of the cluster, and the name of the portal's database in it. */
export const CLUSTER_USER = 'commonshelf';

/**
 * Finds the cluster under `dataDir`, or makes it: UTF-8, sorted by code point (so that no update of the system
 * can change the order under an index), checksums on every page, passwords by SCRAM.
 * @param options.step told in words what takes time
 * @param options.durable false: a power cut may leave it half written
 * @throws StartError when the cluster belongs to someone else or to another version of PostgreSQL
 */
export async function prepareCluster(
  dataDir: string,
  { step, durable }: { step: (text: string) => void; durable: boolean },
): Promise<Cluster> {
  const home = join(dataDir, 'postgres');
  const account = await accountFor(join(home, 'data'));
  const binaries = await findBinaries(dataDir, account, step);
  await removeDrafts(dataDir);
  if (!(await stat(home).catch(() => undefined))) {
    step('Making a database');
    await makeCluster(dataDir, home, { binaries, account, durable });
  }
  await refuseMoved(home);
  const password = await readOwn(join(home, 'password'));
  await checkVersion(join(home, 'data'), binaries);
  return {
    data: join(home, 'data'),
    log: join(home, 'server.log'),
    portFile: join(home, 'port'),
    password,
    binaries,
    account,
  };
}

const MOVED = 'moved';

/** Says in the cluster's folder that its data live elsewhere now, so that nobody goes on with the old ones by mistake. */
export async function markMoved(dataDir: string, where: string): Promise<void> {
  await writeFile(join(dataDir, 'postgres', MOVED), `${where} on ${new Date().toISOString()}\n`);
}

async function refuseMoved(home: string): Promise<void> {
  const path = join(home, MOVED);
  const where = await readFile(path, 'utf8').catch(() => undefined);
  if (where !== undefined)
    throw new StartError(
      `The data of this portal were moved to ${where.trim()}. Set DATABASE_URL to that database. To go back to the old data, which lack everything since then, delete ${path}.`,
    );
}

/**
 * Who runs the server: the same person, or, started as root, the one who owns the cluster already, else the
 * service account.
 */
async function accountFor(data: string): Promise<ServiceAccount | undefined> {
  const account = serviceAccount();
  if (!account) return undefined;
  const owner = await stat(data).catch(() => undefined);
  return owner && owner.uid !== 0 ? { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid } : account;
}

/** Builds everything under a passing name, so that a start that is killed half-way leaves no half cluster. */
async function makeCluster(
  dataDir: string,
  home: string,
  { binaries, account, durable }: Pick<Cluster, 'binaries' | 'account'> & { durable: boolean },
): Promise<void> {
  const draft = join(dataDir, `postgres.new-${process.pid}`);
  const own = async (path: string) => {
    if (account) await chown(path, account.uid, account.gid);
  };
  await mkdir(draft);
  await chmod(draft, account ? 0o711 : 0o700);
  await mkdir(join(draft, 'data'), { mode: 0o700 });
  await own(join(draft, 'data'));
  const password = randomBytes(32).toString('base64url');
  await writeFile(join(draft, 'password'), password, { mode: 0o600 });
  // initdb reads the password under the server's account, so it gets a copy of its own for that moment.
  const passing = join(draft, 'password-for-initdb');
  await writeFile(passing, password, { mode: 0o600 });
  await own(passing);
  try {
    await promisify(execFile)(
      binaries.initdb,
      [...initdbOptions(join(draft, 'data'), passing), ...(durable ? [] : ['--no-sync'])],
      {
        ...(account ? { uid: account.uid, gid: account.gid } : {}),
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      },
    );
    await rm(passing);
    await rename(draft, home);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    // Another start was quicker: its cluster is as good as ours.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw new StartError(`The database could not be made in ${home}. ${stderr ?? String(cause)}`.trim(), {
      cause,
    });
  }
}

function initdbOptions(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${CLUSTER_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
  ];
}

/** Drafts of starts that were killed. A draft of a process that still runs is left alone. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = Number(/^postgres\.new-(\d+)$/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

/** Whether a process of that number exists, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readOwn(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new StartError(
      cause.code === 'ENOENT'
        ? `${path} is missing: without it the database can't be opened. Put it back from a copy.`
        : `The database in this data folder belongs to another account (${path} can't be read). Start the portal as that account, or set another DATA_DIR.`,
      { cause },
    );
  });
}

async function checkVersion(data: string, { major }: Binaries): Promise<void> {
  // Closed to everyone but its owner and root. Whoever read the password is one of them.
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  if (made !== major)
    throw new StartError(
      `The database in ${data} was made by PostgreSQL ${made}, and this version of the portal brings PostgreSQL ${major}. Nothing was changed. Start the version of the portal that made it, or move the data to a server of your own and set DATABASE_URL.`,
    );
}
