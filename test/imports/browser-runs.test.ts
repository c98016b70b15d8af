import { load, type CheerioAPI } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { beginImport, finishImport, importRows, runImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';
import { importTasks } from '../../server/imports/import-jobs.ts';
import { jobPriority } from '../../server/platform/job-queue/job-queue.ts';
import { latestMapping } from '../../server/imports/mapping-service.ts';
import { findRun, type ImportRun } from '../../server/imports/run-store.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const districtId = catalogId('organization', 'north');

type Browser = Awaited<ReturnType<typeof signedIn>>;
let importer: Browser;
let southern: Browser;

beforeAll(async () => {
  await seedCatalog(pool);
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'importer'), ($3, $4, 'admin')`,
    [
      catalogId('person', 'hugo'),
      districtId,
      catalogId('person', 'sara'),
      catalogId('organization', 'south'),
    ],
  );
  importer = await signedIn(app, database, 'hugo@test.example');
  southern = await signedIn(app, database, 'sara@test.example');
});

const send = (browser: Pick<Browser, 'post'>, path: string, form: Record<string, string> = {}) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const page = async (browser: Pick<Browser, 'get'>, path: string): Promise<CheerioAPI> => {
  const answer = await browser.get(path);
  expect(answer.status, path).toBe(200);
  return load(answer.text);
};
/** What somebody reads there; cells of a table are apart. */
function words($: CheerioAPI, selector = 'main'): string {
  $('td, th, b, span').append(' ');
  return $(selector)
    .text()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=[.,])/g, '')
    .trim();
}
const idIn = (location: string | undefined): string => /[0-9a-f-]{36}/.exec(location ?? '')?.[0] ?? '';
/** Works on a run as the worker would. */
const worked = (location: string | undefined): Promise<ImportRun> => finishImport(deps, idIn(location));

const row = (id: string, more: object = {}) => ({
  external_id: id,
  title: `Title of ${id}`,
  url: `https://maps.north.example/${id}`,
  ...more,
});
const at = ({ id }: { id: string }): string => `/imports/${id}`;

describe('the page of a run', () => {
  it('of a dry run says what would happen, and is the way to the run itself', async () => {
    const content = [row('D1', { subjects: 'Sciense' }), { external_id: 'D2', url: 'https://a.example' }];
    const tried = await runImport(deps, { districtId, source: 'dry', content, dryRun: true });
    const $ = await page(importer, at(tried));
    expect(words($, 'h1')).toBe('1 of 2 rows can come in');
    expect(words($)).toContain('Nothing is written yet');
    expect(words($, '.cause')).toMatch(/The title is missing.*D2.*There is no title/);
    expect(words($)).toContain('“Sciense”');
    expect($('optgroup[label=Perhaps] option').first().text()).toBe('Science');
    const key = $('form[action$="/run"] [name=key]').attr('value') ?? '';
    const pressed = await send(importer, `${at(tried)}/run`, { key });
    expect(pressed.status).toBe(303);
    // A double click lands where the first one did.
    const again = await send(importer, `${at(tried)}/run`, { key });
    expect(again.headers['location']).toBe(pressed.headers['location']);
    const run = await worked(pressed.headers['location']);
    expect(run).toMatchObject({
      state: 'done',
      dryRun: false,
      door: 'browser',
      counts: { new: 1, rejected: 1 },
    });
    const done = await page(importer, at(run));
    expect(words(done, 'h1')).toBe('1 of 2 rows is on the shelf');
    expect(done('.bars rect').length).toBeGreaterThan(3);
  });

  it('that is under way shows how far it is, and fetches itself again without scripts', async () => {
    const id = await beginImport(deps, { districtId, source: 'slow', content: [row('S1')] });
    const answer = await importer.get(`/imports/${id}`);
    const $ = load(answer.text);
    expect($('[data-follow] progress').attr('value')).toBe('0');
    expect(words($, '[data-follow] [role=status]')).toContain('0 rows, 0%');
    expect(answer.text).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    await send(importer, `/imports/${id}/cancel`).expect(303);
    expect(await findRun(pool, id)).toMatchObject({ state: 'cancelled' });
    const stopped = await page(importer, `/imports/${id}`);
    expect(words(stopped, 'h1')).toContain('stopped before its first row');
    expect((await importer.get(`/imports/${id}`)).text).not.toContain('http-equiv');
    await send(importer, `/imports/${id}/resume`).expect(303);
    expect(await finishImport(deps, id)).toMatchObject({ state: 'done', counts: { new: 1 } });
  });

  it('begun in the browser comes before what scripts have begun, also when the workers are reminded of it', async () => {
    const content = [row('P1')];
    const tried = await runImport(deps, { districtId, source: 'people', content, dryRun: true });
    const { headers } = await send(importer, `${at(tried)}/run`);
    const priority = async (): Promise<unknown> =>
      (
        await pool.query(
          `SELECT priority FROM graphile_worker.jobs j JOIN import_run r ON j.key = 'import-source:' || r.source_id WHERE r.id = $1`,
          [idIn(headers['location'])],
        )
      ).rows;
    expect(await priority()).toEqual([{ priority: jobPriority.people }]);
    await importTasks['resume-imports']!(deps, {}, { signal: new AbortController().signal } as never);
    expect(await priority()).toEqual([{ priority: jobPriority.people }]);
    expect(await worked(headers['location'])).toMatchObject({ state: 'done', counts: { new: 1 } });
  });

  it('is only there for those who import for its district, with all that hangs on it', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'own',
      content: [row('O1'), { external_id: 'O2' }],
    });
    for (const path of ['', '/rows', '/rows/2', '/undo', '/rejected.csv', '/gaps.csv'])
      expect((await southern.get(at(run) + path)).status, path).toBe(404);
    for (const path of ['/run', '/cancel', '/resume', '/words', '/columns', '/undo', '/rows/2'])
      expect((await send(southern, at(run) + path, { sure: 'on' })).status, path).toBe(404);
    expect(await findRun(pool, run.id)).toMatchObject({ state: 'done', undoFrom: null });
    expect((await importer.get('/imports/not-an-id')).status).toBe(404);
    expect((await importer.get(`/imports/${catalogId('run', 'none')}`)).status).toBe(404);
  });

  it('is closed to somebody whose role has ended, at the next click', async () => {
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO role_grant (person_id, organization_id, role) SELECT id, $1, 'importer' FROM person WHERE email = 'nora@test.example' RETURNING person_id AS id`,
      [districtId],
    );
    const nora = await signedIn(app, database, 'nora@test.example');
    const run = await runImport(deps, { districtId, source: 'ended', content: [row('E1')] });
    expect((await nora.get(at(run))).status).toBe(200);
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'importer'`, [rows[0]?.id]);
    const refused = await send(nora, `${at(run)}/undo`, { sure: 'on' });
    expect(refused.status).toBe(403);
    expect(await findRun(pool, run.id)).toMatchObject({ state: 'done' });
  });

  it('tells another tab that what it asks for is over', async () => {
    const run = await runImport(deps, { districtId, source: 'tabs', content: [row('T1')] });
    for (const [path, says] of [
      ['cancel', 'can’t be stopped'],
      ['resume', 'isn’t waiting'],
      ['run', 'only be run after its dry run'],
    ]) {
      await send(importer, `${at(run)}/${path}`).expect(303);
      expect(words(await page(importer, at(run)), '.flash')).toContain(says);
    }
  });
});

describe('the rows of a run', () => {
  it('are listed by what became of them, with their resources and what changed', async () => {
    await runImport(deps, { districtId, source: 'rows', content: [row('R1'), row('R2'), row('R3')] });
    const content = [row('R1', { title: 'Anew', language: 'es' }), row('R2'), row('R4', { type: 'Zither' })];
    const run = await runImport(deps, { districtId, source: 'rows', content });
    const changed = await page(importer, `${at(run)}/rows?outcome=changed`);
    expect(words(changed, 'h1')).toBe('1 changed row');
    expect(words(changed, 'tbody')).toMatch(/R1 Anew Changes: Title, Language\./);
    expect(changed('tbody a').first().attr('href')).toMatch(/^\/resources\//);
    expect(words(await page(importer, `${at(run)}/rows?outcome=new`), 'tbody')).toContain('R4');
    expect(words(await page(importer, `${at(run)}/rows?outcome=missing`), 'tbody')).toContain('R3');
    expect(words(await page(importer, `${at(run)}/rows?outcome=gaps`), 'tbody')).toContain(
      'Kind: “Zither” is not known here.',
    );
    expect((await importer.get(`${at(run)}/rows?outcome=nonsense&page=-3`)).status).toBe(200);
    const one = await page(importer, `${at(run)}/rows/1`);
    expect(words(one, 'tbody')).toMatch(/Title Title of R1 Anew Language English español/);
  });

  it('of a dry run say field by field what would change, against what stands there now', async () => {
    await runImport(deps, { districtId, source: 'would', content: [row('W1', { subjects: 'Science' })] });
    const tried = await runImport(deps, {
      districtId,
      source: 'would',
      content: [row('W1', { subjects: 'Mathematics', standards: 'TS.MATH.3.NF.1@Proficient' })],
      dryRun: true,
    });
    const $ = await page(importer, `${at(tried)}/rows/1`);
    expect(words($, 'thead')).toContain('On the shelf In the file');
    expect(words($, 'tbody')).toMatch(/Subjects Science Mathematics/);
    expect(words($, 'tbody')).toMatch(/Standards Nothing TS\.MATH\.3\.NF\.1 proficient/i);
    expect($('form[action$="/rows/1"]').length).toBe(0);
  });

  it('that were rejected are mended one by one in the browser and sent alone', async () => {
    const csv =
      'external_id,title,url,other\nM1,First,https://maps.north.example/m1,a\nM2,,https://maps.north.example/m2,=1+1\n';
    const run = await runImport(deps, {
      districtId,
      source: 'mend',
      name: 'mend.csv',
      content: csv,
      options: { onMissing: 'withdraw' },
    });
    const $ = await page(importer, `${at(run)}/rows/2`);
    expect($('#value-1').attr('aria-invalid')).toBe('true');
    const form = {
      key: $('[name=key]').last().attr('value') ?? '',
      'value.0': 'M2',
      'value.1': '',
      'value.2': 'https://maps.north.example/m2',
    };
    const still = await send(importer, `${at(run)}/rows/2`, form);
    expect(still.status).toBe(422);
    expect(words(load(still.text), '.errors')).toContain('Title: There is no title');
    const mended = await send(importer, `${at(run)}/rows/2`, { ...form, 'value.1': 'Second' });
    const twice = await send(importer, `${at(run)}/rows/2`, { ...form, 'value.1': 'Second' });
    expect(twice.headers['location']).toBe(mended.headers['location']);
    const alone = await worked(mended.headers['location']);
    // The first row isn't in this file, and yet it stays.
    expect(alone).toMatchObject({ state: 'done', counts: { new: 1, rejected: 0, missing: 0, withdrawn: 0 } });
    expect(await importRows(deps, alone)).toMatchObject([{ outcome: 'new', external_id: 'M2' }]);
    expect(words(await page(importer, at(alone)), 'h1')).toBe('The row that was sent alone is on the shelf');
    const csvOut = await importer.get(`${at(run)}/rejected.csv`);
    expect(csvOut.headers['content-disposition']).toContain('mend-rejected.csv');
    // A cell that a spreadsheet would run is neutralized on the way out.
    expect(csvOut.text).toContain(`M2,,https://maps.north.example/m2,'=1+1,3,`);
  });

  it('that can’t be read at all are shown as they stand', async () => {
    const csv =
      'external_id,title,url\nQ1,Fine,https://maps.north.example/q1\nQ2,"never closed,https://a.example\n';
    const run = await runImport(deps, { districtId, source: 'quote', name: 'q.csv', content: csv });
    const [, broken] = await importRows(deps, run);
    const $ = await page(importer, `${at(run)}/rows/${broken?.position}`);
    expect(words($)).toContain('can only be mended in the file itself');
    expect((await send(importer, `${at(run)}/rows/${broken?.position}`)).status).toBe(404);
  });
});

describe('a row that is perhaps on the shelf already', () => {
  it('is named on the report with what it looks like, and all of them in a file', async () => {
    const url = 'https://twins.north.example/one';
    await runImport(deps, {
      districtId,
      source: 'twin-a',
      content: [row('TW1', { title: 'Twin kites', url })],
    });
    const content = [row('TW2', { title: 'Twin kites again and again', url })];
    const tried = await runImport(deps, { districtId, source: 'twin-b', content, dryRun: true });
    const $ = await page(importer, at(tried));
    expect(words($, 'section[aria-labelledby=likely]')).toMatch(/TW2 Twin kites.*the same link/);
    const csv = await importer.get(`${at(tried)}/likely.csv`);
    expect(csv.text).toContain('TW2,the same link,Twin kites,');
  });
});

describe('words that nobody knows', () => {
  it('are decided on the report, tried again, and remembered for the catalog', async () => {
    const csv =
      'external_id,Title,url,Subjects,standards\nK1,One,https://maps.north.example/k1,Sums;Sciense,TS.MATH.3.NF.1@Profi\nK2,Two,https://maps.north.example/k2,Sums,\n';
    const tried = await runImport(deps, {
      districtId,
      source: 'words',
      name: 'w.csv',
      content: csv,
      dryRun: true,
    });
    expect(tried.counts.gaps).toBe(2);
    const none = await send(importer, `${at(tried)}/words`, {});
    expect(none.headers['location']).toBe(at(tried));
    const decided = await send(importer, `${at(tried)}/words`, {
      'word.0.field': 'subjects',
      'word.0.word': 'Sums',
      'word.0': '=Mathematics',
      'word.1.field': 'subjects',
      'word.1.word': 'Sciense',
      'word.1': '-',
      'word.2.field': 'levels',
      'word.2.word': 'Profi',
      'word.2': '=proficient',
    });
    const again = await worked(decided.headers['location']);
    expect(again).toMatchObject({ state: 'done', dryRun: true, counts: { new: 2, gaps: 0 } });
    const kept = await latestMapping(deps, { districtId, source: 'words', name: 'main' });
    expect(kept).toMatchObject({ version: 1 });
    const run = await worked((await send(importer, `${at(again)}/run`)).headers['location']);
    const { rows } = await pool.query<{ subject: string; level: string }>(
      `SELECT s.subject, l.slug AS level FROM resource r JOIN version_subject s ON s.version_id = r.current_version_id
         JOIN alignment a ON a.resource_id = r.id JOIN competency_level l ON l.id = a.level_id
       WHERE r.source = 'words' AND r.external_id = 'K1'`,
    );
    expect(rows).toEqual([{ subject: 'math', level: 'proficient' }]);
    // From the report back to the columns, where the words stand as they were decided.
    const back = await send(importer, `${at(run)}/columns`);
    expect(back.headers['location']).toMatch(/^\/imports\/files\//);
    const $ = await page(importer, back.headers['location']!);
    expect($('option[value="=Mathematics"][selected]').length).toBe(1);
  });
});

describe('a run that would take many resources off the shelf', () => {
  it.each([
    { answer: 'keep', missing: 9, withdrawn: 0 },
    { answer: 'withdraw', missing: 9, withdrawn: 9 },
  ])(
    'waits, asks in the browser, and does what is answered: $answer',
    async ({ answer, missing, withdrawn }) => {
      const source = `many-${answer}`;
      const all = Array.from({ length: 10 }, (_, index) => row(`${answer}-${index}`));
      await runImport(deps, { districtId, source, content: all });
      const options = { onMissing: 'withdraw' as const };
      const run = await runImport(deps, { districtId, source, content: all.slice(0, 1), options });
      expect(run.state).toBe('paused');
      const $ = await page(importer, at(run));
      expect(words($)).toContain('9 of 10 resources are no longer in the file');
      expect($('button[name=answer]').length).toBe(2);
      await pool.query(
        `UPDATE import_run SET started_at = started_at - interval '2 hours', updated_at = updated_at - interval '2 hours' WHERE id = $1`,
        [run.id],
      );
      await send(importer, `${at(run)}/resume`, { answer }).expect(303);
      expect(await finishImport(deps, run.id)).toMatchObject({
        state: 'done',
        counts: { missing, withdrawn },
      });
      expect(words(await page(importer, at(run)))).toMatch(/took \d+ s besides 120 minutes that it waited/);
    },
  );
});

describe('taking back', () => {
  it('says first what would go and what stays, and why; then does it when somebody is sure', async () => {
    const content = [row('U1'), row('U2'), row('U3')];
    const first = await runImport(deps, { districtId, source: 'undo', content: content.slice(0, 1) });
    expect(first.counts.new).toBe(1);
    const run = await runImport(deps, {
      districtId,
      source: 'undo',
      content: [row('U1', { title: 'Changed' }), ...content.slice(1)],
    });
    await pool.query(
      `UPDATE version SET title = 'By hand' WHERE id = (SELECT current_version_id FROM resource WHERE source = 'undo' AND external_id = 'U3')`,
    );
    const $ = await page(importer, `${at(run)}/undo`);
    expect(words($)).toContain('1 new resource goes');
    expect(words($)).toContain('1 changed resource gets its version before back');
    expect(words($, 'tbody')).toMatch(/U3 By hand somebody has changed it since/);
    const unsure = await send(importer, `${at(run)}/undo`);
    expect(unsure.status).toBe(422);
    expect(words(load(unsure.text), '.errors')).toContain('Say that you are sure');
    expect(await findRun(pool, run.id)).toMatchObject({ state: 'done' });
    await send(importer, `${at(run)}/undo`, { sure: 'on' }).expect(303);
    expect(words(await page(importer, at(run)), 'h1')).toContain('Taking back');
    // In another tab somebody presses it again: nothing more happens.
    await send(importer, `${at(run)}/undo`, { sure: 'on' }).expect(303);
    expect(await finishImport(deps, run.id)).toMatchObject({
      state: 'undone',
      counts: { takenBack: 2, leftAsIs: 1 },
    });
    const done = await page(importer, at(run));
    expect(words(done, 'h1')).toBe('2 changes were taken back');
    // How long the run itself took is no longer known.
    expect(words(done)).toContain('taken back on');
    expect(words(done)).not.toContain('took');
    const later = await runImport(deps, { districtId, source: 'undo', content: content.slice(0, 1) });
    expect(words(await page(importer, at(later)), '[aria-labelledby=bef]')).toContain('taken back');
    expect(words(await page(importer, `${at(run)}/rows?outcome=left`), 'tbody')).toContain('U3');
    expect((await importer.get(`${at(run)}/undo`)).headers['location']).toBe(at(run));
  });
});
