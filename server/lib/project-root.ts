import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds package.json. Views, public files and migrations are found from here, so the same
 * code works when it runs from the sources (`server/…`) and when it runs compiled (`dist/server/…`).
 */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json found above ${start}`);
    folder = parent;
  }
  return folder;
}
