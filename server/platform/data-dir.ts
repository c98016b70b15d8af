import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { projectRoot } from '../lib/project-root.ts';
import { canReach, serviceAccount } from './service-account.ts';

type Choice = { ok: true; path: string; moved: boolean } | { ok: false; fault: string };

/**
 * Settles where the data live, and makes that folder. `given` is DATA_DIR (relative paths count from the
 * project), `ownDatabase` says that the portal starts its own PostgreSQL there. Started as root, that server
 * runs under another account, which must be able to reach the folder: a checkout that it can't reach (under
 * /root) keeps its data in /var/lib/commonshelf instead, and a DATA_DIR that it can't reach is refused.
 */
export function chooseDataDir({
  given,
  ownDatabase,
}: {
  given: string | undefined;
  ownDatabase: boolean;
}): Choice {
  const account = ownDatabase ? serviceAccount() : undefined;
  const wanted = given === undefined ? join(projectRoot, 'data') : resolve(projectRoot, given);
  const barrier = account && firstBarrier(wanted, (folder) => canReach(account, folder));
  if (!barrier) return make(wanted, { shared: account !== undefined, moved: false });
  if (given === undefined)
    return make(join('/var/lib/commonshelf', checkoutName()), { shared: true, moved: true });
  return {
    ok: false,
    fault: `DATA_DIR is ${wanted}, but PostgreSQL may not run as root: it runs as "${account.name}", and that account can't enter ${barrier}. Choose a folder elsewhere, like /var/lib/commonshelf, or start the portal as an ordinary user.`,
  };
}

/** The default data folder of a checkout, when it can't be inside the checkout: steady, and one for each. */
function checkoutName(): string {
  return createHash('sha256').update(projectRoot).digest('hex').slice(0, 12);
}

/** The outermost folder on the way to `path` that exists and can't be entered. */
function firstBarrier(path: string, mayEnter: (folder: string) => boolean): string | undefined {
  const way = [path];
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) way.unshift(dirname(folder));
  const existing = way.filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory());
  const last = existing.at(-1);
  if (last === undefined || mayEnter(last)) return undefined;
  return existing.find((folder) => !mayEnter(folder));
}

function make(path: string, { shared, moved }: { shared: boolean; moved: boolean }): Choice {
  try {
    // With an account of its own for PostgreSQL the folder may be passed through, but not listed, by others.
    if (mkdirSync(path, { recursive: true, mode: shared ? 0o755 : 0o700 }) !== undefined && shared)
      chmodSync(path, 0o711);
    accessSync(path, constants.W_OK | constants.X_OK);
    return { ok: true, path, moved };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'a file of that name is in the way'
        : 'this account may not write there';
    return { ok: false, fault: `DATA_DIR is ${path}, and it can't be used: ${reason} (${code}).` };
  }
}
