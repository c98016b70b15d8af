import type supertest from 'supertest';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { emailOf, insertShelf, personIdOf, planShelf, seedPeople } from '../support/guarded-shelf.ts';
import { runImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';
import { runOptions } from '../../server/imports/run-options.ts';
import { noteUpload } from '../../server/imports/upload-service.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { everyone, isSignedIn, sees, seesTombstone, type Who } from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const shelf = planShelf('imports');
const districtId = catalogId('organization', 'north');
const browsers = new Map<Who, ReturnType<typeof supertest.agent>>();
let runId = '';
let uploadId = '';

beforeAll(async () => {
  await seedPeople(pool);
  await insertShelf(pool, shelf);
  const run = await runImport(deps, {
    districtId,
    content: [{ external_id: 'A', title: 'In', url: 'https://a.example' }, { external_id: 'B' }],
  });
  runId = run.id;
  // As if the run had brought in everything that is guarded.
  await pool.query(
    `INSERT INTO import_row (run_id, position, outcome, external_id, resource_id)
     SELECT $1, 10 + n, 'new', 'guarded ' || n, id FROM unnest($2::uuid[]) WITH ORDINALITY AS r (id, n)`,
    [runId, shelf.map(({ id }) => id)],
  );
  const personId = personIdOf('importer of the district');
  const waiting = { districtId, source: 'main', personId, options: runOptions.parse({}), input: run.input };
  uploadId = await noteUpload(deps, waiting, noOrigin);
  for (const who of everyone.filter(isSignedIn))
    browsers.set(who, await signedIn(app, database, emailOf(who)));
});

const imports: Who[] = ['importer of the district', 'state administrator'];
const doors = () => [
  `/imports/${runId}`,
  `/imports/${runId}/rows?outcome=new`,
  `/imports/${runId}/rows/2`,
  `/imports/${runId}/rejected.csv`,
  `/imports/${runId}/gaps.csv`,
  `/imports/${runId}/likely.csv`,
  `/imports/${runId}/undo`,
  `/imports/files/${uploadId}`,
  `/imports/files/${uploadId}/mapping.yml`,
];
const deeds = () => [
  ...['run', 'cancel', 'resume', 'words', 'columns', 'undo', 'rows/2'].map(
    (deed) => `/imports/${runId}/${deed}`,
  ),
  ...['', '/mapping', '/remove'].map((deed) => `/imports/files/${uploadId}${deed}`),
  '/imports',
];

describe.each(everyone.filter(isSignedIn))('%s', (who) => {
  const allowed = imports.includes(who);
  const browser = () => browsers.get(who)!;

  it(`${allowed ? 'opens' : 'opens none of'} the imports of the district`, async () => {
    for (const path of ['/imports', ...doors()])
      expect(`${path} ${(await browser().get(path)).status}`).toBe(`${path} ${allowed ? 200 : 403}`);
  });

  it('reads on them no title of what is not meant for them', async () => {
    const texts = await Promise.all(
      ['/imports', ...doors()].map(async (path) => String((await browser().get(path)).text)),
    );
    const all = texts.join('\n');
    for (const one of shelf) {
      const meant = allowed && (sees(who, one) || (seesTombstone(who, one) && one.state === 'withdrawn'));
      expect(`${one.name} ${all.includes(one.words.title)}`).toBe(`${one.name} ${meant}`);
    }
  });

  if (allowed) return;

  it('does nothing to them', async () => {
    const before = await pool.query('SELECT * FROM import_run ORDER BY id');
    for (const path of deeds()) {
      const answer = await browser()
        .post(path)
        .set('Sec-Fetch-Site', 'same-origin')
        .type('form')
        .send({ sure: 'on', answer: 'withdraw' });
      expect(`${path} ${answer.status}`).toBe(`${path} 403`);
    }
    expect((await pool.query('SELECT * FROM import_run ORDER BY id')).rows).toEqual(before.rows);
  });
});
