import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Returns the path of a folder or file of the real data that lies beside the checkout (`../shared/data`), or undefined
 * where this machine doesn't have it. Tests on it skip themselves then.
 */
export function sharedData(path: string): string | undefined {
  const found = [`../../../shared/data/${path}`, `../../../../shared/data/${path}`]
    .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
    .find((candidate) => existsSync(candidate));
  return found;
}
