import { beforeAll, describe, expect, it } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';
import { rawZip } from '../support/raw-zip.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
const roster = 'Results\nRivera, Ana  92\nStone, Ben  71\nOkafor, Chidi  88\nPham, Linh  64\n';

beforeAll(async () => {
  await seedCatalog(pool);
});

/** Why a row of a source waits for staff; empty: it doesn't. */
async function waitsFor(source: string, externalId: string): Promise<string[]> {
  await runJobs(deps, tasks);
  const { rows } = await pool.query<{ whys: string[] }>(
    `SELECT w.whys FROM check_wait w JOIN resource r ON r.id = w.resource_id WHERE r.source = $1 AND r.external_id = $2`,
    [source, externalId],
  );
  return rows[0]?.whys ?? [];
}

describe('rows that look like data of students', () => {
  it('are told in the dry run, come in with a gap that names them, and staff are asked to look', async () => {
    const content = [
      { external_id: 'marks', title: 'Quiz on cells', text: roster },
      { external_id: 'plain', title: 'A story', text: 'Ana Rivera went to the river.' },
    ];
    const tried = await runImport(deps, { districtId, source: 'marks', content, dryRun: true });
    expect(tried.counts).toMatchObject({ new: 2, gaps: 1 });
    expect((await runImport(deps, { districtId, source: 'marks', content })).counts).toMatchObject({
      new: 2,
      gaps: 1,
    });
    const { rows } = await pool.query<{ reason: string; value: string }>(
      `SELECT g.reason, g.value FROM import_gap g JOIN import_run r ON r.id = g.run_id JOIN import_source s ON s.id = r.source_id WHERE s.name = 'marks'`,
    );
    expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(['studentData']));
    expect(rows[0]?.value).not.toContain('Rivera');
    expect(await waitsFor('marks', 'marks')).toEqual(['students']);
    expect(await waitsFor('marks', 'plain')).toEqual([]);
    expect((await runImport(deps, { districtId, source: 'marks', content })).counts).toMatchObject({
      unchanged: 2,
    });
  });

  it('are found in files too, once these have been read', async () => {
    const content = rawZip([
      {
        name: 'rows.ndjson',
        content: JSON.stringify({ external_id: 'file', title: 'Grades', files: ['marks.txt'] }),
      },
      { name: 'marks.txt', content: roster },
    ]);
    await runImport(deps, { districtId, source: 'sheets', name: 'rows.zip', content });
    await runJobs(deps, tasks);
    await pool.query(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now()`);
    expect(await waitsFor('sheets', 'file')).toEqual(['students']);
  });
});
