import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../lib/project-root.ts';

const addresses = new Map<string, string>();

/**
 * The address of a file under `public/` with a fingerprint of its content, so that it may be cached for a year:
 * `/css/base.css` → `/css/base.css?v=1f0c9a2b`. Throws for a file that isn't there.
 */
export function asset(path: string): string {
  let address = addresses.get(path);
  if (address === undefined) {
    const content = readFileSync(join(projectRoot, 'public', path));
    address = `${path}?v=${createHash('sha256').update(content).digest('hex').slice(0, 8)}`;
    addresses.set(path, address);
  }
  return address;
}
