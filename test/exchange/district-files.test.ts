import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { directAnswer, sentFile } from '../../server/exchange/direct-api-schema.ts';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { grantRole, programWith, tokenFor, workOnImports } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { rawZip } from '../support/raw-zip.ts';
import { samplePdf } from '../support/sample-files.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { MAX_UPLOAD_MB: '1' });
type Program = ReturnType<typeof programWith>;
let north: Program;
let south: Program;
let token: string;
let server: Server;
let pdf: Buffer;
beforeAll(async () => {
  await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  await grantRole(deps, 'sara', 'importer', 'south');
  server = createServer(app).listen(0, '127.0.0.1');
  token = await tokenFor(deps, 'nora');
  north = programWith(server, token);
  south = programWith(server, await tokenFor(deps, 'sara'));
  pdf = await samplePdf(['half of a half']);
});
afterAll(() => void server?.close());

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const at = (bytes: Buffer | string, query = '?name=half.pdf', district = 'north') =>
  `/api/v1/districts/${district}/files/${typeof bytes === 'string' ? bytes : hashOf(bytes)}${query}`;
const send = (bytes: Buffer, path = at(bytes), program = north) =>
  program('put', path).set('Content-Type', 'application/octet-stream').send(bytes);
const pieceOf = (whole: Buffer, from: number, to: number, headers: Record<string, string> = {}) =>
  north('put', at(whole))
    .set('Content-Type', 'application/octet-stream')
    .set('Content-Range', `bytes ${from}-${to - 1}/${whole.length}`)
    .set(headers)
    .send(whole.subarray(from, to));
const leftOvers = async () => [
  ...(await readdir(`${deps.config.dataDir}/files/tmp`)),
  ...(await readdir(`${deps.config.dataDir}/files/parts`)),
];
const nameOfPart = async () => (await readdir(`${deps.config.dataDir}/files/parts`))[0] ?? 'none';
/** A file that is a little different each time. */
const another = async (words: string): Promise<Buffer> =>
  samplePdf([words, 'and more words to make it longer']);

describe('a file that is sent by its hash', () => {
  it('is there afterwards, for rows of its district to name', async () => {
    await north('head', at(pdf, '')).expect(404);
    const answer = await send(pdf).expect(201);
    expect(sentFile.parse(answer.body)).toEqual(answer.body);
    expect(answer.body).toMatchObject({
      complete: true,
      name: 'half.pdf',
      use: `sha256:${hashOf(pdf)}/half.pdf`,
    });
    const head = await north('head', at(pdf, '')).expect(200);
    expect(head.headers['upload-complete']).toBe('?1');
    await send(pdf).expect(200);
    const row = { title: 'With a sheet', files: [`sha256:${hashOf(pdf)}/sheet.pdf`] };
    const put = await north('put', '/api/v1/districts/north/resources/F-1').send(row).expect(201);
    expect(directAnswer.parse(put.body).resource).toMatchObject({ gaps: [], state: 'published' });
    const { rows } = await pool.query(
      `SELECT f.name FROM file f JOIN resource r ON r.id = f.resource_id WHERE r.external_id = 'F-1'`,
    );
    expect(rows).toEqual([{ name: 'sheet.pdf' }]);
    expect(await leftOvers()).toEqual([]);
  });

  it('may be named by its path in a zip of rows, beside a list of hashes', async () => {
    const rows = 'external_id,title,files\nS-1,By path,./sheets/half.pdf\nS-2,Not sent,sheets/none.pdf\n';
    const zip = (hash: string) =>
      rawZip([
        { name: 'catalog/rows.csv', content: rows },
        { name: 'catalog/SHA256SUMS', content: `${hash}  sheets/half.pdf\n` },
      ]);
    const begin = async (program: Program, district: string) => {
      const path = `/api/v1/imports?district=${district}&source=sums&name=catalog.zip`;
      const answer = await program('post', path)
        .send(zip(hashOf(pdf)))
        .expect(202);
      await workOnImports(deps);
      return (await program('get', `/api/v1/imports/${(answer.body as { id: string }).id}`).expect(200))
        .body as object;
    };
    expect(await begin(north, 'north')).toMatchObject({ state: 'done', counts: { new: 1, rejected: 1 } });
    expect(await begin(south, 'south')).toMatchObject({ state: 'done', counts: { new: 0, rejected: 2 } });
  });

  it('is its district’s own: another one neither finds nor names it', async () => {
    await south('head', at(pdf, '', 'south')).expect(404);
    await south('head', at(pdf, '')).expect(403);
    await send(pdf, at(pdf), south).expect(403);
    const put = await south('put', '/api/v1/districts/south/resources/F-1').send({
      title: 'Not mine',
      url: 'https://maps.south.example/x',
      files: [`sha256:${hashOf(pdf)}`],
    });
    expect(directAnswer.parse(put.body).resource?.gaps).toMatchObject([
      { field: 'files', reason: 'fileUnknown' },
    ]);
    const whole = await another('half of it is sent by north');
    await pieceOf(whole, 0, 100).expect(202);
    await south('head', at(whole, '', 'south')).expect(404);
  });

  it('may come piece by piece', async () => {
    const whole = await another('in pieces');
    const first = await pieceOf(whole, 0, 1000).expect(202);
    expect(first.body).toMatchObject({ complete: false, received: 1000 });
    expect(first.headers['upload-offset']).toBe('1000');
    const head = await north('head', at(whole, '')).expect(200);
    expect(head.headers).toMatchObject({ 'upload-complete': '?0', 'upload-offset': '1000' });
    const wrong = await pieceOf(whole, 500, 1500).expect(409);
    expect(problem.parse(wrong.body)).toMatchObject({ code: 'wrong_offset' });
    expect(wrong.headers['upload-offset']).toBe('1000');
    await north('put', at(whole))
      .set({ 'Content-Type': 'application/octet-stream', 'Upload-Offset': '1000', 'Upload-Complete': '?0' })
      .send(whole.subarray(1000, 1200))
      .expect(202);
    await pieceOf(whole, 1200, whole.length).expect(201);
    expect(await deps.files.partSize('nothing')).toBeUndefined();
  });

  it('goes on where it broke off', async () => {
    const whole = await another('cut off');
    for (const part of await readdir(`${deps.config.dataDir}/files/parts`)) await deps.files.dropPart(part);
    const port = (server.address() as AddressInfo).port;
    await new Promise<void>((resolve) => {
      const broken = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method: 'PUT',
          path: at(whole),
          headers: { authorization: `Bearer ${token}`, 'content-length': whole.length },
        },
        () => resolve(),
      );
      broken.on('error', () => resolve());
      broken.on('close', () => resolve());
      broken.write(whole.subarray(0, 700));
      // The line is cut when the portal has what was sent.
      void vi
        .waitFor(async () => expect(await deps.files.partSize(await nameOfPart())).toBe(700), 5000)
        .finally(() => broken.destroy());
    });
    const offset = await vi.waitFor(async () => {
      const { headers } = await north('head', at(whole, '')).expect(200);
      expect(headers['upload-complete']).toBe('?0');
      expect(headers['upload-offset']).toBe('700');
      return 700;
    });
    await pieceOf(whole, offset, whole.length).expect(201);
  });

  it('is refused when its bytes are others, of a kind that is not taken, or too many: nothing is kept', async () => {
    for (const part of await readdir(`${deps.config.dataDir}/files/parts`)) await deps.files.dropPart(part);
    const before = (await pool.query('SELECT count(*) FROM blob')).rows;
    const other = await send(pdf, at('0'.repeat(64)));
    expect(problem.parse(other.body)).toMatchObject({ status: 422, errors: [{ field: 'sha256' }] });
    const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(5000, 7)]);
    const refused = await send(program, at(program, '?name=run.exe'));
    expect(problem.parse(refused.body)).toMatchObject({ status: 422, errors: [{ field: 'file' }] });
    const disguised = await send(program, at(program));
    expect(disguised.status).toBe(422);
    const large = Buffer.alloc(1024 * 1024 + 1, 1);
    expect((await send(large)).status).toBe(413);
    expect((await pieceOf(large, 0, 100)).status).toBe(413);
    const lying = await north('put', at(large))
      .set('Content-Range', 'bytes 0-9/10')
      .set('Content-Type', 'application/octet-stream')
      .send(large.subarray(0, 2000));
    expect([413, 422]).toContain(lying.status);
    expect((await pool.query('SELECT count(*) FROM blob')).rows).toEqual(before);
    expect(await leftOvers()).toEqual([]);
    for (const hash of [hashOf(program), hashOf(large), '0'.repeat(64)])
      await north('head', at(hash, '')).expect(404);
  });

  it('needs a name, a hash and a range that can be read', async () => {
    await send(pdf, at('1'.repeat(64), '')).expect(422);
    await send(pdf, at('no-hash')).expect(404);
    await send(pdf, at('..%2f..%2fetc')).expect(404);
    for (const range of ['bytes 5-1/10', 'bytes 0-10/10', 'bytes */10', 'words'])
      await north('put', at('1'.repeat(64)))
        .set('Content-Range', range)
        .send('a')
        .expect(400);
    await north('put', at('1'.repeat(64)))
      .set('Upload-Offset', '-1')
      .send('a')
      .expect(400);
    const named = await another('named by a header');
    const answer = await north('put', at(named, ''))
      .set('Content-Type', 'application/octet-stream')
      .set('Content-Disposition', `attachment; filename="x.pdf"; filename*=UTF-8''..%2F%C3%BCbung%00.pdf`)
      .send(named)
      .expect(201);
    expect(answer.body).toMatchObject({ name: 'übung.pdf' });
  });
});
