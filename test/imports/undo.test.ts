import { beforeAll, describe, expect, it } from 'vitest';
import { resumeRun, startUndo, tidyRuns } from '../../server/imports/run-service.ts';
import { findRun, type ImportRun } from '../../server/imports/run-store.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { finishImport, importRows, runImport } from '../support/import-runs.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
});

const bring = (source: string, content: object[], options = {}) =>
  runImport(deps, { districtId, source, content, options });

async function undo(run: ImportRun): Promise<ImportRun> {
  await startUndo(deps, { runId: run.id, personId: null, work: false }, noOrigin);
  return finishImport(deps, run.id);
}

const lesson = (id: string, more: object = {}) => ({
  external_id: id,
  title: `Lesson ${id}`,
  url: `https://a.example/${id}`,
  license: 'CC BY 4.0',
  ...more,
});

/** Everything an import writes, of the resources of one source; moments of the last change left out. */
async function everything(source: string): Promise<unknown> {
  const { rows } = await pool.query(
    `SELECT to_jsonb(r) - 'updated_at' AS resource, to_jsonb(i) - 'run_id' AS record,
       (SELECT jsonb_agg(to_jsonb(v) || jsonb_build_object(
          'subjects', (SELECT jsonb_agg(s ORDER BY s.subject) FROM version_subject s WHERE s.version_id = v.id),
          'files', (SELECT jsonb_agg(f ORDER BY f.position) FROM version_file f WHERE f.version_id = v.id)) ORDER BY v.number)
        FROM version v WHERE v.resource_id = r.id) AS versions,
       (SELECT jsonb_agg(a ORDER BY a.id) FROM alignment a WHERE a.resource_id = r.id) AS alignments
     FROM resource r LEFT JOIN import_record i ON i.resource_id = r.id WHERE r.source = $1 ORDER BY r.external_id`,
    [source],
  );
  return rows;
}
const idOf = async (externalId: string): Promise<string> =>
  (await pool.query<{ id: string }>('SELECT id FROM resource WHERE external_id = $1', [externalId])).rows[0]
    ?.id ?? '';

describe('an import that is taken back', () => {
  it('leaves the shelf as it was before: what was new is gone, what changed and what went is back', async () => {
    const before = [
      lesson('A1', { standards: ['TS.MATH.3.NF.1', 'TS.MATH.3.NF.2@Proficient'], subjects: 'math' }),
      lesson('A2'),
      lesson('A3', { visibility: 'district' }),
    ];
    await bring('back', before);
    const shelf = await everything('back');
    const run = await bring(
      'back',
      [
        lesson('A1', {
          title: 'Changed',
          standards: ['TS.MATH.3.NF.1', 'TS.MATH.4.NF.1'],
          subjects: 'science',
        }),
        lesson('A3', { visibility: 'public', school: 'north-high', text: 'All of it' }),
        lesson('A4', { standards: 'TS.MATH.3.NF.1' }),
        lesson('A5', { adapted_from: 'A4' }),
      ],
      { onMissing: 'withdraw', withdrawMany: true },
    );
    expect(run.counts).toMatchObject({ new: 2, changed: 2, withdrawn: 1 });
    expect(await everything('back')).not.toEqual(shelf);
    const undone = await undo(run);
    expect(undone).toMatchObject({ state: 'undone', counts: { takenBack: 5, leftAsIs: 0 } });
    expect(await everything('back')).toEqual(shelf);
    const dirty = await pool.query(
      `SELECT count(*) AS count FROM search_dirty WHERE engine = 'postgres' AND resource_id = $1`,
      [await idOf('A1')],
    );
    expect(dirty.rows).toEqual([{ count: 1 }]);
    expect((await bring('back', before)).counts).toMatchObject({ unchanged: 3 });
  });

  it('leaves what somebody adapted, edited or checked since, and says which and why', async () => {
    const rows = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6'].map((id) => lesson(id));
    const run = await bring('since', rows);
    const carla = catalog.viewers.stateCurator.id;
    const nora = catalog.viewers.northElementary.id;
    await pool.query(`UPDATE resource SET adapted_from_id = $1, adapted_from_version = 1 WHERE id = $2`, [
      await idOf('B1'),
      catalog.id('water-cycle'),
    ]);
    await pool.query(
      `UPDATE version SET title = 'Mended by hand' FROM resource r WHERE r.id = $1 AND version.id = r.current_version_id`,
      [await idOf('B2')],
    );
    await pool.query(
      `UPDATE resource SET check_state = 'checked', checked_by = $2, checked_at = now() WHERE id = $1`,
      [await idOf('B3'), carla],
    );
    await pool.query('INSERT INTO use_mark (resource_id, person_id) VALUES ($1, $2)', [
      await idOf('B4'),
      nora,
    ]);
    await bring('since', [
      ...rows.slice(0, 4),
      lesson('B5', { title: 'Changed by the next import' }),
      lesson('B6'),
    ]);
    const undone = await undo(run);
    expect(undone.counts).toMatchObject({ takenBack: 2, leftAsIs: 4 });
    expect(
      (await importRows(deps, run)).map(({ external_id: id, taken_back: fate }) => `${id} ${fate}`),
    ).toEqual(['B1 adapted', 'B2 edited', 'B3 checked', 'B4 withdrawn', 'B5 later_import', 'B6 done']);
    const { rows: states } = await pool.query(
      `SELECT external_id, state FROM resource WHERE source = 'since' ORDER BY external_id`,
    );
    expect(states.map(({ external_id, state }) => `${external_id} ${state}`)).toEqual([
      'B1 published',
      'B2 published',
      'B3 published',
      'B4 withdrawn',
      'B5 published',
    ]);
    expect((await bring('since', rows)).counts).toMatchObject({ new: 1, changed: 2 });
  });

  it('keeps what others claimed on the version that goes', async () => {
    await bring('claims', [lesson('C1', { standards: 'TS.MATH.3.NF.1' })]);
    const run = await bring('claims', [lesson('C1', { title: 'Second', standards: 'TS.MATH.3.NF.1' })]);
    await pool.query(
      `INSERT INTO alignment (resource_id, standard_guid, claimed_by, claimed_as, from_version) VALUES ($1, $2, $3, 'colleague', 2)`,
      [await idOf('C1'), catalog.guid('TS.MATH.6.RP.1'), catalog.viewers.northHigh.id],
    );
    expect((await undo(run)).counts).toMatchObject({ takenBack: 1 });
    const { rows } = await pool.query(
      `SELECT s.code, a.from_version FROM alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.resource_id = $1 ORDER BY s.code`,
      [await idOf('C1')],
    );
    expect(rows).toEqual([
      { code: 'TS.MATH.3.NF.1', from_version: 1 },
      { code: 'TS.MATH.6.RP.1', from_version: 1 },
    ]);
  });

  it('is forgotten row by row when it can’t be taken back any more; its counts stay', async () => {
    const run = await bring('tidy', [lesson('T1'), lesson('T2')]);
    expect(await tidyRuns(deps)).toBe(0);
    const later = { now: () => new Date(Date.now() + 31 * 86_400_000) };
    expect(await tidyRuns({ pool, clock: later })).toBeGreaterThanOrEqual(2);
    expect(await importRows(deps, run)).toEqual([]);
    expect((await findRun(pool, run.id))?.counts).toMatchObject({ new: 2 });
  });

  it('is taken back once, within thirty days, and not when it wrote nothing', async () => {
    const by = (run: ImportRun) => ({ runId: run.id, personId: null, work: false });
    const run = await bring('once', [lesson('O1')]);
    await undo(run);
    await expect(startUndo(deps, by(run), noOrigin)).rejects.toMatchObject({
      status: 409,
      key: 'import.notUndoable',
    });
    await expect(resumeRun(deps, by(run), noOrigin)).rejects.toMatchObject({ status: 409 });
    const dry = await runImport(deps, { districtId, source: 'once', content: [lesson('O1')], dryRun: true });
    await expect(startUndo(deps, by(dry), noOrigin)).rejects.toMatchObject({ key: 'import.notUndoable' });
    const old = await bring('once', [lesson('O1')]);
    const later = { now: () => new Date(Date.now() + 31 * 86_400_000) };
    await expect(startUndo({ pool, clock: later }, by(old), noOrigin)).rejects.toMatchObject({
      key: 'import.tooOldToUndo',
    });
  });
});
