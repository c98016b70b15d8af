import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  fetchFile,
  FetchError,
  publicInternet,
  type FetchAllowance,
} from '../../server/platform/fetch-file.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';
import { samplePdf } from '../support/sample-files.ts';

const database = await testDatabase();
const { pool } = database;
const settings = { IMPORT_FETCH_HOSTS: 'files.example.org, *.schools.example.org', MAX_UPLOAD_MB: '1' };
const { deps } = await testApp(database, settings);
const { deps: closed } = await testApp(database);
const districtId = catalogId('organization', 'north');

const routes = new Map<string, RequestListener>();
const asked: IncomingMessage[] = [];
let server: Server;
let port = 0;
/** What a name leads to: this machine, or what a test says. */
let names: Record<string, string[]> = {};

beforeAll(async () => {
  await seedCatalog(pool);
  server = createServer((request, response) => {
    asked.push(request);
    const route = routes.get(request.url ?? '');
    if (route) route(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  names = {};
});

const onlyHere: FetchAllowance = {
  ...publicInternet,
  protocols: ['http:'],
  ports: null,
  mayConnect: (address) => address === '127.0.0.1' || publicInternet.mayConnect(address),
  resolve: async (host) =>
    (names[host] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
};
const at = (path: string, host = 'files.example.org') => `http://${host}:${port}${path}`;
const bring = (source: string, files: string, { off = false, dryRun = false, url = '' } = {}) =>
  runImport(off ? closed : ({ ...deps, allowance: onlyHere } as typeof deps), {
    districtId,
    source,
    dryRun,
    content: [{ external_id: '1', title: 'One', files, url }],
  });
const filesOf = async (source: string) =>
  (
    await pool.query<{ name: string; sha256: string }>(
      `SELECT f.name, f.sha256 FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id JOIN file f ON f.id = vf.file_id WHERE r.source = $1 ORDER BY vf.position`,
      [source],
    )
  ).rows;
const why = async (run: Awaited<ReturnType<typeof bring>>) =>
  (await importRows(deps, run))
    .flatMap(({ gaps }) => (gaps ?? []) as { reason: string; detail?: { key: string } }[])
    .map(({ reason, detail }) => detail?.key ?? reason);
const faultOf = (address: string, options: Partial<Parameters<typeof fetchFile>[1]> = {}) =>
  fetchFile(address, { hosts: ['files.example.org'], maxBytes: 1000, allowance: onlyHere, ...options }).then(
    () => 'fetched',
    (error: unknown) => (error instanceof FetchError ? error.fault : String(error)),
  );

describe('files of rows at an address', () => {
  it('are not fetched unless the operator allows it, and then from listed hosts only', async () => {
    routes.set('/a.txt', (_, response) => response.end('Read me'));
    const off = await bring('off', at('/a.txt'), { off: true });
    expect(off.counts).toMatchObject({ new: 1, gaps: 1 });
    expect(await why(off)).toEqual(['fileAddress']);
    expect(await why(await bring('other', at('/a.txt', 'elsewhere.example.org')))).toEqual(['fileAddress']);
    expect(await why(await bring('above', at('/a.txt', 'schools.example.org')))).toEqual(['fileAddress']);
    expect(asked).toHaveLength(0);
    for (const [source, host] of [
      ['listed', 'files.example.org'],
      ['below', 'north.schools.example.org'],
    ] as const) {
      expect((await bring(source, at('/a.txt', host))).counts, host).toMatchObject({ new: 1, gaps: 0 });
      expect((await filesOf(source)).map(({ name }) => name)).toEqual(['a.txt']);
    }
  });

  it('are named by the server, asked for again only whether they changed, and change the resource when they did', async () => {
    let content = await samplePdf(['Week one']);
    let tag = '"1"';
    routes.set('/download?id=7', (request, response) => {
      if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
      response.writeHead(200, {
        'content-type': 'application/pdf',
        etag: tag,
        'content-disposition': `attachment; filename="x.pdf"; filename*=UTF-8''Week%20%C2%BD.pdf`,
      });
      response.end(content);
    });
    expect((await bring('weekly', at('/download?id=7'))).counts).toMatchObject({ new: 1, gaps: 0 });
    const [file] = await filesOf('weekly');
    expect(file?.name).toBe('Week ½.pdf');
    expect((await bring('weekly', at('/download?id=7'))).counts).toMatchObject({ unchanged: 1 });
    expect(asked.at(-1)?.headers).toMatchObject({ 'if-none-match': '"1"', 'accept-encoding': 'identity' });
    expect(Object.keys(asked.at(-1)!.headers)).not.toContain('cookie');
    content = await samplePdf(['Week two']);
    tag = '"2"';
    expect((await bring('weekly', at('/download?id=7'))).counts).toMatchObject({ changed: 1 });
    expect((await filesOf('weekly'))[0]?.sha256).not.toBe(file?.sha256);
  });

  it('are not fetched in a dry run', async () => {
    routes.set('/dry.txt', (_, response) => response.end('x'));
    expect((await bring('dry', at('/dry.txt'), { dryRun: true })).counts).toMatchObject({ new: 1, gaps: 0 });
    expect(asked).toHaveLength(0);
  });

  it('are left out with the reason, and their address becomes the link', async () => {
    routes.set('/gone', (_, response) => response.writeHead(410).end());
    routes.set('/page.html', (_, response) => response.end('<html>'));
    routes.set('/large.txt', (_, response) => {
      // Says nothing of its length, and goes on and on.
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    routes.set('/cut.txt', (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    for (const [path, reason] of [
      ['/gone', 'import.fetch.status'],
      ['/page.html', 'file.refused.web-page'],
      ['/large.txt', 'import.fetch.tooLarge'],
      ['/cut.txt', 'import.fetch.unreachable'],
    ] as const) {
      const source = `bad${path.replaceAll(/[^a-z]/g, '')}`;
      const run = await bring(source, at(path), { url: 'https://a.example' });
      expect(await why(run), path).toEqual([reason]);
      expect(await filesOf(source)).toEqual([]);
    }
    names = { 'files.example.org': ['169.254.169.254'] };
    const inside = await bring('inside', at('/a.txt'));
    expect(await why(inside)).toEqual(['import.fetch.private']);
    const { rows } = await pool.query(
      `SELECT v.url FROM version v JOIN resource r ON r.id = v.resource_id WHERE r.source = 'inside'`,
    );
    expect(rows).toEqual([{ url: at('/a.txt') }]);
  });
});

describe('an address', () => {
  it('is not asked where its name, or one of its names, leads into a private network', async () => {
    routes.set('/a.txt', (_, response) => response.end('Read me'));
    for (const address of [
      '10.0.0.5',
      '127.0.0.2',
      '169.254.169.254',
      '::1',
      '::ffff:127.0.0.1',
      'fd00:ec2::254',
    ]) {
      names = { 'files.example.org': ['93.184.216.34', address] };
      expect(await faultOf(at('/a.txt')), address).toBe('private');
    }
    names = { 'files.example.org': [] };
    expect(await faultOf(at('/a.txt'))).toBe('unreachable');
    expect(asked).toHaveLength(0);
  });

  it('is resolved once, and the connection goes where the check looked', async () => {
    routes.set('/a.txt', (_, response) => response.end('Read me'));
    let count = 0;
    const rebinding: FetchAllowance = {
      ...onlyHere,
      resolve: async () => {
        count += 1;
        return [{ address: count === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
      },
    };
    expect(await faultOf(at('/a.txt'), { allowance: rebinding })).toBe('fetched');
    expect(count).toBe(1);
  });

  it('is refused by number, with a password, without https, at other ports, and off the list', async () => {
    const plain = { allowance: publicInternet };
    expect(await faultOf('http://files.example.org/a', plain)).toBe('address');
    expect(await faultOf('https://files.example.org:8443/a', plain)).toBe('address');
    expect(await faultOf('https://me:secret@files.example.org/a', plain)).toBe('address');
    expect(await faultOf('file:///etc/passwd', plain)).toBe('address');
    expect(await faultOf('https://files.example.org.evil.example/a', plain)).toBe('host');
    for (const number of ['127.0.0.1', '2130706433', '0x7f000001', '[::1]', '[::ffff:127.0.0.1]'])
      expect(
        await faultOf(`https://${number}/a`, { ...plain, hosts: [number, '127.0.0.1', '*.1'] }),
        number,
      ).toBe('host');
  });

  it('may lead on three times, each checked like the first', async () => {
    const lead =
      (to: string): RequestListener =>
      (_, response) =>
        void response.writeHead(302, { location: to }).end();
    routes.set('/end', (_, response) => response.end('There'));
    routes.set('/1', lead('/end'));
    routes.set('/2', lead('/1'));
    routes.set('/3', lead(at('/2')));
    routes.set('/4', lead('/3'));
    expect(await faultOf(at('/3'))).toBe('fetched');
    expect(await faultOf(at('/4'))).toBe('redirects');
    routes.set('/out', lead('http://elsewhere.example/x'));
    routes.set('/number', lead(`http://127.0.0.1:${port}/end`));
    routes.set('/file', lead('file:///etc/passwd'));
    expect(await faultOf(at('/out'))).toBe('host');
    expect(await faultOf(at('/number'))).toBe('host');
    expect(await faultOf(at('/file'))).toBe('address');
  });

  it('is given up when it is too large, packed, silent, or never ends', async () => {
    routes.set('/large', (_, response) =>
      response.writeHead(200, { 'content-length': '5000' }).end('x'.repeat(5000)),
    );
    routes.set('/packed', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    routes.set('/silent', () => undefined);
    routes.set('/drip', (_, response) => void response.write('x'));
    expect(await faultOf(at('/large'))).toBe('tooLarge');
    expect(await faultOf(at('/packed'))).toBe('status');
    expect(await faultOf(at('/silent'), { allowance: { ...onlyHere, answerMs: 50 } })).toBe('timeout');
    const answer = await fetchFile(at('/drip'), {
      hosts: ['files.example.org'],
      maxBytes: 1000,
      allowance: { ...onlyHere, wholeMs: 300 },
    });
    await expect(
      (async () => {
        if (answer.changed) for await (const _ of answer.body);
      })(),
    ).rejects.toThrow();
  });
});
