import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOutline, toCasePackage } from './build/outline.ts';
import { seedRoot } from './build/seed-root.ts';

/** The CASE subject of each demo framework; a framework that isn't named here gets its title. */
const SUBJECTS: Record<string, string> = {
  'ds-math': 'Mathematics',
  'ds-ela': 'English Language Arts',
  'ds-sci': 'Science',
  'ds-soc': 'Social Studies',
  'ds-art': 'Arts',
  'ds-cs': 'Computer Science',
};

/**
 * Expands every `frameworks/*.outline.md` into `frameworks/*.case.json` (CASE 1.1). Writes only what changed.
 * Returns the names of the frameworks that were written; throws an Error that names the line of a fault.
 */
export async function buildFrameworks(): Promise<string[]> {
  const folder = join(seedRoot, 'frameworks');
  const written: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.outline.md')) continue;
    const slug = name.replace('.outline.md', '');
    const outline = parseOutline(await readFile(join(folder, name), 'utf8'), `frameworks/${name}`);
    const pack = toCasePackage(outline, slug, SUBJECTS[slug] ?? outline.title);
    const target = join(folder, `${slug}.case.json`);
    const text = `${JSON.stringify(pack, null, 1)}\n`;
    if ((await readFile(target, 'utf8').catch(() => '')) === text) continue;
    await writeFile(target, text);
    written.push(slug);
  }
  return written;
}
