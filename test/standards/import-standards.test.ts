import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casePackage } from '../support/case-package.ts';
import { testDatabase } from '../support/database.ts';
import { runEntry } from '../support/portal.ts';

const { pool, url } = await testDatabase();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-standards-'));
  await writeFile(join(folder, 'good.json'), JSON.stringify(casePackage()));
  await writeFile(join(folder, 'packed.json.gz'), gzipSync(JSON.stringify(casePackage())));
  await writeFile(join(folder, 'broken.json'), '{"CFDocument": ');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const command = runEntry(
    [
      'scripts/run.mjs',
      'import-standards',
      ...args.map((arg) => (arg.startsWith('-') ? arg : join(folder, arg))),
    ],
    {
      DATABASE_URL: url,
      DATA_DIR: join(folder, 'data'),
      STATE_NAME: 'Test State',
    },
  );
  const code = await command.ended;
  return { code, said: command.said() };
}

describe('npm run import:standards', { timeout: 180_000 }, () => {
  it('loads files, says what it did, and ends with 0', async () => {
    const { code, said } = await run('good.json', 'packed.json.gz');
    expect(said).toContain('CASE 1.1, “Test Mathematics”, 5 standards');
    expect(said).toContain('5 added, 0 changed');
    expect(said).toContain('0 added, 0 changed, 5 unchanged');
    expect(said).toContain('2 of 2 files loaded.');
    expect(code).toBe(0);
    const { rows } = await pool.query('SELECT title, is_state_own FROM framework');
    expect(rows).toEqual([{ title: 'Test Mathematics', is_state_own: true }]);
  });

  it('goes on behind a file that it can’t load, names it, and ends with 1', async () => {
    const { code, said } = await run('broken.json', 'missing.json', 'good.json');
    expect(said).toMatch(/broken\.json: not loaded\. This JSON file is broken/);
    expect(said).toMatch(/missing\.json: not loaded\. There is no such file/);
    expect(said).toContain('5 unchanged');
    expect(said).toContain('1 of 3 files loaded.');
    expect(code).toBe(1);
  });

  it('marks frameworks as the state’s own, or not, when told', async () => {
    expect((await run('--not-own', 'good.json')).code).toBe(0);
    expect((await pool.query('SELECT is_state_own FROM framework')).rows).toEqual([{ is_state_own: false }]);
  });

  it('without a file says how it is used', async () => {
    const { code, said } = await run();
    expect(said).toMatch(/missing required argument 'files'/);
    expect(code).toBe(1);
  });
});
