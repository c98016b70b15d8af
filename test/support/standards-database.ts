import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { projectRoot } from '../../server/lib/project-root.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import { importFramework } from '../../server/standards/standard-service.ts';

/** What importing needs, with a clock that stands still. */
export const standardDeps = (pool: Pool) => ({
  pool,
  clock: { now: () => new Date('2026-11-01T08:00:00Z') },
  config: { stateName: 'Demo State' },
});

/** Puts the demo scale (Emerging … Extending) and a few subjects into an empty database. */
export async function addScale(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO subject (slug, name) VALUES ('mathematics', 'Mathematics'), ('science', 'Science'),
       ('english-language-arts', 'English language arts') ON CONFLICT DO NOTHING`,
  );
  await pool.query(
    `WITH scale AS (INSERT INTO competency_scale (name, is_default) VALUES ('Demo', true) RETURNING id)
     INSERT INTO competency_level (scale_id, slug, name, description, position)
     SELECT scale.id, lower(name), name, name || ' in the words of the scale', position
     FROM scale, unnest(ARRAY['Emerging', 'Developing', 'Proficient', 'Extending']) WITH ORDINALITY AS l (name, position)`,
  );
}

/** Loads framework files; paths as they are, or names of the demo's own packages (`ds-math`). Returns their GUIDs. */
export async function loadFrameworks(pool: Pool, ...files: string[]): Promise<string[]> {
  const guids: string[] = [];
  for (const file of files) {
    const path = file.includes('/') ? file : join(projectRoot, `prisma/seed/frameworks/${file}.case.json`);
    guids.push((await importFramework(standardDeps(pool), null, await readFrameworkFile(path))).guid);
  }
  return guids;
}

/** The names of the demo's own packages. */
export const demoFrameworks = (): string[] =>
  readdirSync(join(projectRoot, 'prisma/seed/frameworks'))
    .filter((name) => name.endsWith('.case.json'))
    .map((name) => name.replace('.case.json', ''));
