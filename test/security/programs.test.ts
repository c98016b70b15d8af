import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tokenFor, workOnImports } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { emailOf, personIdOf, seedPeople } from '../support/guarded-shelf.ts';
import { runImport } from '../support/import-runs.ts';
import { catalogId } from '../support/catalog.ts';
import { routesOf } from '../support/routes.ts';
import { signedIn } from '../support/sign-in.ts';
import { everyone, isSignedIn, type Who } from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const north = catalogId('organization', 'north');
/** Who brings in catalogs of the northern district. Read it as the policy. */
const mayImport: Who[] = ['importer of the district', 'state administrator'];
/** Tokens that say they may do everything, whatever their person may. */
const tokens = new Map<Who, string>();
let server: Server;
let runId = '';

beforeAll(async () => {
  await seedPeople(pool);
  server = createServer(app).listen(0, '127.0.0.1');
  for (const who of everyone) {
    if (!isSignedIn(who)) continue;
    const token = `cshelf_${randomBytes(32).toString('base64url')}`;
    await pool.query(
      `INSERT INTO api_token (person_id, name, secret_hash, scopes, expires_at) VALUES ($1, 'all', $2, '{read,import}', now() + interval '1 day')`,
      [personIdOf(who), createHash('sha256').update(token).digest('hex')],
    );
    tokens.set(who, token);
  }
  const row = {
    external_id: 'N-1',
    title: 'Secret of the north',
    url: 'https://n.example/1',
    visibility: 'district',
  };
  runId = (await runImport(deps, { districtId: north, content: [row, { ...row, external_id: 'N-2' }] })).id;
});
afterAll(() => void server?.close());

type Method = 'get' | 'post' | 'put' | 'delete';
const row = { title: 'Changed by somebody', url: 'https://n.example/2' };
const sha = 'a'.repeat(64);

/** Every door for programs: what is asked, and what it is answered to those who may. */
const doors: Record<
  string,
  { ask: [Method, string]; send?: object | string; allowed: number; hidden?: true }
> = {
  'GET /api/v1/imports': { ask: ['get', '/api/v1/imports?district=north'], allowed: 200 },
  'POST /api/v1/imports': {
    ask: ['post', '/api/v1/imports?district=north&source=door&name=a.csv'],
    send: 'external_id,title,url\n',
    allowed: 202,
  },
  'GET /api/v1/imports/:id': { ask: ['get', '/api/v1/imports/RUN'], allowed: 200, hidden: true },
  'GET /api/v1/imports/:id/rejected.csv': {
    ask: ['get', '/api/v1/imports/RUN/rejected.csv'],
    allowed: 200,
    hidden: true,
  },
  'GET /api/v1/imports/:id/gaps.csv': {
    ask: ['get', '/api/v1/imports/RUN/gaps.csv'],
    allowed: 200,
    hidden: true,
  },
  'GET /api/v1/imports/:id/likely.csv': {
    ask: ['get', '/api/v1/imports/RUN/likely.csv'],
    allowed: 200,
    hidden: true,
  },
  'POST /api/v1/imports/:id/cancel': {
    ask: ['post', '/api/v1/imports/RUN/cancel'],
    allowed: 409,
    hidden: true,
  },
  'POST /api/v1/imports/:id/resume': {
    ask: ['post', '/api/v1/imports/RUN/resume'],
    allowed: 409,
    hidden: true,
  },
  'POST /api/v1/imports/:id/undo': { ask: ['post', '/api/v1/imports/RUN/undo'], allowed: 202, hidden: true },
  'GET /api/v1/districts/:district/resources/:externalId': {
    ask: ['get', '/api/v1/districts/north/resources/N-2'],
    allowed: 200,
  },
  'PUT /api/v1/districts/:district/resources/:externalId': {
    ask: ['put', '/api/v1/districts/north/resources/N-2'],
    send: row,
    allowed: 200,
  },
  'POST /api/v1/districts/:district/resources': {
    ask: ['post', '/api/v1/districts/north/resources'],
    send: [{ ...row, external_id: 'N-2' }],
    allowed: 200,
  },
  'DELETE /api/v1/districts/:district/resources/:externalId': {
    ask: ['delete', '/api/v1/districts/north/resources/N-2'],
    allowed: 204,
  },
  'GET /api/v1/districts/:district/files/:sha256': {
    ask: ['get', `/api/v1/districts/north/files/${sha}`],
    allowed: 404,
  },
  'PUT /api/v1/districts/:district/files/:sha256': {
    ask: ['put', `/api/v1/districts/north/files/${sha}?name=a.txt`],
    send: 'other bytes',
    allowed: 422,
  },
};

const attempt = async (who: Who, name: string): Promise<{ status: number; text: string }> => {
  const {
    ask: [method, path],
    send,
  } = doors[name]!;
  const token = tokens.get(who);
  const request = supertest(server)[method](path.replace('RUN', runId));
  if (token !== undefined) void request.set('Authorization', `Bearer ${token}`);
  const { status, text } = await (send === undefined ? request : request.send(send));
  return { status, text: text ?? '' };
};
const everything = async (): Promise<unknown> =>
  (
    await pool.query(
      `SELECT (SELECT json_agg(r ORDER BY r.id) FROM resource r) AS resources, (SELECT json_agg(v ORDER BY v.id) FROM version v) AS versions,
         (SELECT json_agg(r ORDER BY r.id) FROM import_run r) AS runs, (SELECT json_agg(s ORDER BY s.id) FROM import_source s) AS sources,
         (SELECT count(*) FROM district_content) AS files`,
    )
  ).rows;

it('every door for programs stands in this table', () => {
  const routes = routesOf(app)
    .filter(({ access }) => access?.scope !== undefined)
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(Object.keys(doors).toSorted()).toEqual(routes.toSorted());
});

describe.each(everyone.filter((who) => !mayImport.includes(who)))('a program of %s', (who) => {
  it('opens no door, changes nothing and learns nothing, whatever its token says it may', async () => {
    const before = await everything();
    for (const name of Object.keys(doors)) {
      const { status, text } = await attempt(who, name);
      // Nobody else has a role that brings catalogs in, so they end at the door.
      expect(`${name} ${status}`).toBe(`${name} ${isSignedIn(who) ? 403 : 401}`);
      expect(text).not.toContain('Secret of the north');
    }
    expect(await everything()).toEqual(before);
  });
});

it('an importer of another district is turned away, and finds no run', async () => {
  await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'importer')`, [
    personIdOf('teacher elsewhere'),
    catalogId('organization', 'south'),
  ]);
  const before = await everything();
  for (const [name, { hidden }] of Object.entries(doors)) {
    const { status, text } = await attempt('teacher elsewhere', name);
    expect(`${name} ${status}`).toBe(`${name} ${hidden ? 404 : 403}`);
    expect(text).not.toContain('Secret of the north');
  }
  expect(await everything()).toEqual(before);
});

it('a browser of somebody who may opens none of them: cookies don’t count', async () => {
  const browser = await signedIn(server, database, emailOf('importer of the district'));
  const before = await everything();
  for (const [
    name,
    {
      ask: [method, path],
    },
  ] of Object.entries(doors)) {
    const { status } = await browser[method](path.replace('RUN', runId)).set('Sec-Fetch-Site', 'same-origin');
    expect(`${name} ${status}`).toBe(`${name} 401`);
  }
  expect(await everything()).toEqual(before);
});

it('a token for reading opens none of them', async () => {
  const token = await tokenFor(deps, 'ivan', ['read']);
  for (const [
    name,
    {
      ask: [method, path],
    },
  ] of Object.entries(doors)) {
    const { status } = await supertest(server)
      [method](path.replace('RUN', runId))
      .set('Authorization', `Bearer ${token}`);
    expect(`${name} ${status}`).toBe(`${name} 403`);
  }
});

it.each(mayImport)('a program of the %s opens them', async (who) => {
  const first = await runImport(deps, {
    districtId: north,
    source: `of ${who}`.replaceAll(' ', '-'),
    content: [{ external_id: 'O-1', title: 'One', url: 'https://n.example/1' }],
  });
  runId = first.id;
  for (const [name, { allowed }] of Object.entries(doors)) {
    const { status } = await attempt(who, name);
    expect(`${name} ${status}`).toBe(`${name} ${allowed}`);
  }
  await workOnImports(deps);
});
