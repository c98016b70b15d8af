import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { driveSource } from '../../server/imports/drive-source.ts';
import { importTasks } from '../../server/imports/import-jobs.ts';
import { cancelRun, resumeRun, startUndo } from '../../server/imports/run-service.ts';
import { findRun, RunLost } from '../../server/imports/run-store.ts';
import { executeRun } from '../../server/imports/run-executor.ts';
import { lockSource } from '../../server/imports/source-lock.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { testApp } from '../support/app.ts';
import { cartridge, manifest } from '../support/cartridges.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { beginImport, finishImport, runImport } from '../support/import-runs.ts';
import { runEntry } from '../support/portal.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
const by = (runId: string) => ({ runId, personId: null, work: false });
const never = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  await seedCatalog(pool);
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-command-'));
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lessons = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    external_id: `L${index}`,
    title: `Lesson ${index}`,
    url: `https://a.example/${index}`,
    subjects: index % 3 === 0 ? 'math' : 'Alchemy',
    standards: index % 2 === 0 ? 'TS.MATH.3.NF.1@Proficient' : 'TS.MATH.99',
    keywords: `word ${index % 7}|all`,
  }));

/** What stands on the shelf from a source, without ids and moments. */
async function shelf(source: string): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT r.external_id, r.state, r.visibility, r.content_hash, i.gaps, i.written,
       (SELECT jsonb_agg(jsonb_build_array(v.number, v.title, v.url) ORDER BY v.number) FROM version v WHERE v.resource_id = r.id) AS versions,
       (SELECT jsonb_agg(jsonb_build_array(a.standard_guid, a.level_id, a.from_version, a.to_version)) FROM alignment a WHERE a.resource_id = r.id) AS claims,
       (SELECT jsonb_agg(k.keyword ORDER BY k.position) FROM version_keyword k WHERE k.version_id = r.current_version_id) AS keywords,
       (SELECT count(*) FROM search_dirty d WHERE d.resource_id = r.id AND d.engine = 'postgres') AS waiting
     FROM resource r JOIN import_record i ON i.resource_id = r.id WHERE r.district_id = $1 AND r.source = $2 ORDER BY r.external_id`,
    [districtId, source],
  );
  return rows;
}
const outcomes = async (runId: string) =>
  (
    await pool.query(
      'SELECT position, outcome, external_id, gaps, faults FROM import_row WHERE run_id = $1 ORDER BY position',
      [runId],
    )
  ).rows;

const importCommand = (args: string[]) =>
  runEntry(['scripts/run.mjs', 'import', ...args], {
    DATABASE_URL: database.url,
    DATA_DIR: deps.config.dataDir,
    INIT_CWD: folder,
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
  });

describe('a run that is killed', () => {
  it('goes on by itself behind its last batch, again and again: no row twice, none lost', async () => {
    const rows = lessons(4000);
    await writeFile(join(folder, 'lessons.ndjson'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const undisturbed = await runImport(deps, { districtId, source: 'calm', content: rows });
    const args = ['lessons.ndjson', '--district', 'north', '--source', 'killed'];
    const latest = async () =>
      (
        await pool.query<{ id: string; rows_done: number; state: string }>(
          `SELECT r.id, r.rows_done, r.state FROM import_run r JOIN import_source s ON s.id = r.source_id WHERE s.name = 'killed' ORDER BY r.id DESC LIMIT 1`,
        )
      ).rows[0];
    for (const after of [1, 1000, 2200]) {
      const victim = importCommand(args);
      await vi.waitFor(
        async () => expect((await latest())?.rows_done ?? 0, victim.said()).toBeGreaterThanOrEqual(after),
        { timeout: 60_000, interval: 5 },
      );
      victim.signal('SIGKILL');
      await victim.ended;
    }
    const run = (await latest())!;
    expect(run.state).toBe('running');
    // The lock goes with the connection of the killed process; the workers look every minute.
    await enqueue(pool, 'resume-imports', {});
    await vi.waitFor(
      async () => {
        await enqueue(pool, 'resume-imports', {});
        await runJobs(deps, importTasks);
        expect(await latest()).toMatchObject({ id: run.id, state: 'done' });
      },
      { timeout: 60_000, interval: 200 },
    );
    // Every row has its double in the other source by now, and is counted as such once.
    const counts = { ...undisturbed.counts, likely: rows.length };
    expect((await findRun(pool, run.id))?.counts).toEqual(counts);
    expect(await outcomes(run.id)).toEqual(await outcomes(undisturbed.id));
    expect(await shelf('killed')).toEqual(await shelf('calm'));
  });
});

describe('a run that somebody stops', () => {
  it('stops behind the batch that is under way, and goes on from there', async () => {
    const runId = await beginImport(deps, { districtId, source: 'stopped', content: lessons(2600) });
    const { sourceId } = (await findRun(pool, runId))!;
    let asked: Promise<void> | undefined;
    await driveSource(deps, sourceId, {
      signal: never,
      progress: () => void (asked ??= cancelRun(deps, by(runId), noOrigin)),
    });
    await asked;
    const stopped = (await findRun(pool, runId))!;
    expect(stopped.state).toBe('cancelled');
    expect(stopped.rowsDone).toBeGreaterThan(0);
    expect(stopped.rowsDone).toBeLessThan(2600);
    expect(stopped.counts.new).toBe(stopped.rowsDone);
    await resumeRun(deps, by(runId), noOrigin);
    expect(await finishImport(deps, runId)).toMatchObject({ state: 'done', counts: { new: 2600 } });
    expect(await shelf('stopped')).toHaveLength(2600);
  });

  it('can be taken back half way', async () => {
    const runId = await beginImport(deps, { districtId, source: 'half', content: lessons(1600) });
    const { sourceId } = (await findRun(pool, runId))!;
    let asked: Promise<void> | undefined;
    await driveSource(deps, sourceId, {
      signal: never,
      progress: () => void (asked ??= cancelRun(deps, by(runId), noOrigin)),
    });
    await asked;
    await startUndo(deps, by(runId), noOrigin);
    expect(await finishImport(deps, runId)).toMatchObject({ state: 'undone' });
    expect(await shelf('half')).toEqual([]);
  });

  it('writes nothing more once another process has taken it', async () => {
    const runId = await beginImport(deps, { districtId, source: 'taken', content: lessons(2600) });
    const run = (await findRun(pool, runId))!;
    let taken: Promise<unknown> | undefined;
    const progress = () =>
      void (taken ??= pool.query('UPDATE import_run SET holder = gen_random_uuid() WHERE id = $1', [runId]));
    await expect(executeRun(deps, run, { signal: never, progress })).rejects.toBeInstanceOf(RunLost);
    await taken;
    const { rowsDone, counts } = (await findRun(pool, runId))!;
    expect(rowsDone).toBeLessThan(2600);
    expect(await shelf('taken')).toHaveLength(counts.new);
    expect(await finishImport(deps, runId)).toMatchObject({ state: 'done', counts: { new: 2600 } });
  });
});

describe('two runs', () => {
  it('of one source wait for each other and go in the order in which they were begun', async () => {
    const first = await beginImport(deps, { districtId, source: 'both', content: lessons(1200) });
    const second = await beginImport(deps, {
      districtId,
      source: 'both',
      content: lessons(1200).map((row) => ({ ...row, title: `${row.title}, again` })),
    });
    const { sourceId } = (await findRun(pool, first))!;
    const drive = () => driveSource(deps, sourceId, { signal: never });
    const answers = await Promise.all([drive(), drive()]);
    expect(answers).toContain(true);
    expect(answers).toContain(false);
    const [one, two] = [(await findRun(pool, first))!, (await findRun(pool, second))!];
    expect([one.state, two.state]).toEqual(['done', 'done']);
    expect(one.finishedAt!.getTime()).toBeLessThanOrEqual(two.startedAt!.getTime());
    expect(two.counts).toMatchObject({ changed: 1200 });
  });

  it('of different sources do not', async () => {
    const blocked = await runImport(deps, { districtId, source: 'blocked', content: lessons(1) });
    const lock = await lockSource(pool, blocked.sourceId);
    try {
      expect(await driveSource(deps, blocked.sourceId, { signal: never })).toBe(false);
      expect((await runImport(deps, { districtId, source: 'free', content: lessons(1) })).state).toBe('done');
    } finally {
      await lock?.release();
    }
  });
});

describe('the command', () => {
  const csv = (rows: string[]) => `external_id,title,url,subjects\n${rows.join('\n')}\n`;

  it('brings a file in, says what became of it, and changes nothing the second time', async () => {
    await writeFile(
      join(folder, 'shelf.csv'),
      csv(['1,One,https://a.example/1,math', '2,Two,https://a.example/2,Alchemy']),
    );
    const first = importCommand(['shelf.csv', '--district', 'north', '--source', 'command']);
    expect(await first.ended, first.said()).toBe(0);
    expect(first.said()).toMatch(/2 {2}new/);
    expect(first.said()).toContain('“Alchemy” is not known here');
    const again = importCommand(['shelf.csv', '--district', 'north', '--source', 'command', '--json']);
    expect(await again.ended, again.said()).toBe(0);
    const line =
      again
        .said()
        .split('\n')
        .find((text) => text.startsWith('{')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ state: 'done', counts: { new: 0, unchanged: 2, gaps: 1 } });
    const { id } = JSON.parse(line) as { id: string };
    expect((await findRun(pool, id))?.door).toBe('command');
  });

  it('writes the rejected rows beside the file, which come in as they are once they are mended', async () => {
    await writeFile(
      join(folder, 'mend.csv'),
      csv(['1,One,https://a.example/1,math', '2,,https://a.example/2,"=cmd()"', '3,Three,,']),
    );
    const run = importCommand(['mend.csv', '--district', 'north', '--source', 'mend']);
    expect(await run.ended, run.said()).toBe(2);
    const path = join(folder, 'rejected.csv');
    const rejected = await readFile(path, 'utf8');
    expect(rejected.split('\r\n')).toEqual([
      '\ufeffexternal_id,title,url,subjects,_row,_reasons',
      `2,,https://a.example/2,'=cmd(),3,title: There is no title.`,
      '3,Three,,,4,"url: There is nothing to open: no address, no file and no text. Fill in one of url, files and text."',
      '',
    ]);
    await writeFile(
      path,
      rejected.replace('2,,', '2,Two,').replace('3,Three,,', '3,Three,https://a.example/3,'),
    );
    const mended = importCommand([path, '--district', 'north', '--source', 'mend']);
    expect(await mended.ended, mended.said()).toBe(0);
    const { rows } = await pool.query(
      `SELECT r.external_id, v.title FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = 'mend' ORDER BY 1`,
    );
    expect(rows.map(({ external_id: id, title }) => `${id} ${title}`)).toEqual(['1 One', '2 Two', '3 Three']);
  });

  it('says where the reports are when they can’t stand beside the file, and what came of it all the same', async () => {
    const full = join(folder, 'full');
    // A folder of that name is as much in the way as a folder where the account may not write.
    await mkdir(join(full, 'rejected.csv'), { recursive: true });
    await writeFile(join(full, 'rows.csv'), csv(['1,One,https://a.example/1,', '2,,https://a.example/2,']));
    const run = importCommand(['full/rows.csv', '--district', 'north', '--source', 'full']);
    expect(await run.ended, run.said()).toBe(2);
    expect(run.said()).toContain(`Nothing could be written in ${full}`);
    const path = / are in (\S+rejected\.csv)/.exec(run.said())?.[1] ?? '';
    expect(path).not.toContain(folder);
    expect(await readFile(path, 'utf8')).toContain('2,,https://a.example/2,,3,title: There is no title.');
    expect(run.said()).toMatch(/1 {2}new/);
    expect(run.said()).toMatch(/To take it back: npm run import -- --undo [0-9a-f-]{36}/);
    const again = importCommand(['full/rows.csv', '--district', 'north', '--source', 'full']);
    expect(await again.ended, again.said()).toBe(2);
    expect(again.said()).toContain('It changed nothing on the shelf.');
    expect(again.said()).not.toContain('To take it back');
  });

  it('ends with 1 and a sentence when nothing can be done', async () => {
    const said = async (args: string[]) => {
      const run = importCommand(args);
      return `${await run.ended} ${run.said().trim()}`;
    };
    expect(await said(['none.csv', '--district', 'north'])).toBe(
      `1 There is no file ${join(folder, 'none.csv')}`,
    );
    expect(await said(['shelf.csv', '--district', 'nowhere'])).toBe(
      '1 There is no district “nowhere”. There are: north, south',
    );
    await writeFile(join(folder, 'page.pdf'), '%PDF-1.7');
    expect(await said(['page.pdf', '--district', 'north'])).toContain('Send CSV, TSV, XLSX, NDJSON, JSON');
  });

  it('brings a course and a folder of documents in, and names what it leaves', async () => {
    await writeFile(
      join(folder, 'course.imscc'),
      cartridge(
        manifest({
          resources:
            '<resource identifier="P" type="webcontent" href="p.html"/><resource identifier="Q" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment"><file href="q.xml"/></resource>',
        }),
        {
          'p.html': '<title>Beans</title><p>They grow.',
          'q.xml': '<questestinterop><assessment title="Bean quiz"/></questestinterop>',
        },
      ),
    );
    const course = importCommand(['course.imscc', '--district', 'north', '--source', 'course']);
    expect(await course.ended, course.said()).toBe(0);
    expect(course.said()).toMatch(/1 {2}new[^]*“Bean quiz” is a quiz or test, which isn’t imported\./);
    await mkdir(join(folder, 'documents'));
    await writeFile(join(folder, 'documents', 'our_town.txt'), 'Our town has a river.');
    await writeFile(join(folder, 'documents', 'town.exe'), 'MZ');
    for (const count of ['new', 'unchanged']) {
      const run = importCommand(['documents', '--district', 'north', '--source', 'documents']);
      expect(await run.ended, run.said()).toBe(0);
      expect(run.said()).toMatch(new RegExp(`1 {2}${count}`));
      expect(run.said()).toContain('“town.exe” is of a kind of file that isn’t taken.');
    }
    expect(await shelf('documents')).toHaveLength(1);
  });

  it('takes back what a run did', async () => {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT r.id FROM import_run r JOIN import_source s ON s.id = r.source_id WHERE s.name = 'command' ORDER BY r.id LIMIT 1`,
    );
    const run = importCommand(['--undo', rows[0]!.id]);
    expect(await run.ended, run.said()).toBe(0);
    expect(run.said()).toContain('2 rows taken back.');
    expect(await shelf('command')).toEqual([]);
  });
});
