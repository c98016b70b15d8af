import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The committed `prisma/seed` folder, also when this module runs compiled from `dist/prisma/seed/build`:
 * the nearest folder above that holds package.json is the project.
 */
export const seedRoot = join(findProject(dirname(fileURLToPath(import.meta.url))), 'prisma', 'seed');

function findProject(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('No package.json above the seed folder');
  return findProject(parent);
}
