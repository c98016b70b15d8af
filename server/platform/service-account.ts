import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The account that PostgreSQL runs as when the portal itself was started as root. */
export type ServiceAccount = { name: string; uid: number; gid: number };

/**
 * PostgreSQL refuses to run as root. Started as root, the portal runs it as `postgres`, or as `nobody` where
 * there is no such account. Undefined for everyone else: it runs as the same person.
 */
export function serviceAccount(): ServiceAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ['postgres', 'nobody']) {
    const fields = accounts.map((line) => line.split(':')).find(([name]) => name === wanted);
    if (fields) return { name: wanted, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return { name: 'nobody', uid: 65534, gid: 65534 };
}

/** Whether `account` may pass through `folder`. Tried for real, so that access lists and mounts count too. */
export function canReach(account: ServiceAccount, folder: string): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return tried.status === 0;
}
