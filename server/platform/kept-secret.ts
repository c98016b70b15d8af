import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A secret of 43 random characters that is made at the first call and kept in `folder`/`name`, readable by
 * its owner only. Two processes that start at once get the same one.
 * @throws when the folder can't be written
 */
export function keptSecret(folder: string, name: string): string {
  const path = join(folder, name);
  const kept = readSecret(path);
  if (kept !== undefined) return kept;
  mkdirSync(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  try {
    // A hard link fails when the name is taken, so it publishes a whole file or nothing.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const made = readSecret(path);
  if (made === undefined) throw new Error(`${path} is empty; delete it, and a new one is made.`);
  return made;
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
