import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../server/config.ts';
import { projectRoot } from '../server/lib/project-root.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-config-'));
  await chmod(folder, 0o755);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const read = (env: Record<string, string>) => readConfig({ DATA_DIR: join(folder, 'data'), ...env });

function faultsOf(env: Record<string, string>): string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const secret = 'a-secret-of-thirty-two-characters-or-more';

describe('with nothing set', () => {
  test('the portal is a demo on this machine alone, with a database of its own', () => {
    expect(read({})).toMatchObject({
      nodeEnv: 'development',
      port: 3000,
      host: '127.0.0.1',
      baseUrl: 'http://localhost:3000',
      secure: false,
      trustProxy: false,
      databaseUrl: undefined,
      meiliUrl: undefined,
      clamd: undefined,
      demo: true,
      maxUploadBytes: 1024 * 1024 * 1024,
      uploadStopPercent: 90,
      fetchHosts: [],
    });
  });

  test('a session secret is made once, kept, and readable by its owner only', async () => {
    const first = read({}).sessionSecret;
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(read({}).sessionSecret).toBe(first);
    const file = join(folder, 'data/session-secret');
    expect(await readFile(file, 'utf8')).toBe(first);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('an empty value counts as not set', () => {
    expect(read({ PORT: '', DATABASE_URL: '  ' })).toMatchObject({ port: 3000, databaseUrl: undefined });
  });
});

describe('faults', () => {
  test('all of them are told at once, each in one sentence that names its setting', () => {
    const faults = faultsOf({
      PORT: 'eighty',
      BASE_URL: 'shelf.example.gov',
      DATABASE_URL: 'mysql://somewhere',
      MAX_UPLOAD_MB: '0',
      DEMO: 'perhaps',
      MEILI_KEY: 'key-without-address',
    });
    expect(faults).toHaveLength(6);
    for (const [index, name] of [
      'PORT',
      'BASE_URL',
      'DATABASE_URL',
      'MAX_UPLOAD_MB',
      'DEMO',
      'MEILI_KEY',
    ].entries())
      expect(faults[index]).toMatch(new RegExp(`^${name} .*\\.$`));
  });

  test.each([
    ['PORT', '70000', /from 0 to 65535/],
    ['PORT', '80.5', /whole number/],
    ['BASE_URL', 'https://shelf.example.gov/portal', /without a path/],
    ['BASE_URL', 'ftp://shelf.example.gov', /https:\/\/shelf/],
    ['TRUST_PROXY', 'true', /pretend to be any address/],
    ['TRUST_PROXY', '10.0.0.0/8, everyone', /list of their addresses/],
    ['CLAMD_URL', '127.0.0.1:3310', /tcp:\/\/127/],
    ['SMTP_URL', 'mail.example.gov', /smtp:\/\//],
    ['MAIL_FROM', 'no-reply', /one mail address/],
    ['MAIL_FROM', 'a@example.gov, b@example.gov', /one mail address/],
    ['MAIL_FROM', 'Shelf <no-reply@example.gov', /one mail address/],
    ['SESSION_SECRET', 'short', /32 characters/],
    ['NODE_ENV', 'prod', /development, test or production/],
    ['LOG_LEVEL', 'loud', /must be fatal/],
    ['HOST', 'two words', /one host name/],
  ])('%s=%s is refused', (name, value, words) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(words)]);
  });

  test('a data folder that is a file is refused', async () => {
    await writeFile(join(folder, 'a-file'), '');
    expect(faultsOf({ DATA_DIR: join(folder, 'a-file') })).toEqual([expect.stringContaining('in the way')]);
  });
});

describe('in production', () => {
  test('a missing secret and the demo are refused', () => {
    expect(faultsOf({ NODE_ENV: 'production', DEMO: 'true' })).toEqual([
      expect.stringContaining('SESSION_SECRET must be set in production'),
      expect.stringContaining("DEMO can't be used in production"),
    ]);
  });

  test('with a secret it starts, without the demo', () => {
    expect(read({ NODE_ENV: 'production', SESSION_SECRET: secret })).toMatchObject({
      production: true,
      demo: false,
      sessionSecret: secret,
    });
  });

  test.each([
    ['http://shelf.example.gov', 'without https: passwords and sessions travel where others'],
    ['', 'BASE_URL is not set: links in mails lead to this machine alone'],
    ['https://shelf.example.gov', undefined],
    ['http://localhost:3000', undefined],
    ['http://127.0.0.1:3000', undefined],
  ])('the address "%s" is warned of as it deserves', (baseUrl, words) => {
    const { warnings } = read({ NODE_ENV: 'production', SESSION_SECRET: secret, BASE_URL: baseUrl });
    expect(warnings).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
    expect(read({ BASE_URL: baseUrl }).warnings).toEqual([]);
  });
});

test.each(['America/Denver', 'UTC', ':/etc/localtime', 'MST7MDT'])('%s is a time zone', (TZ) => {
  expect(faultsOf({ TZ })).toEqual([]);
});

test.each(['Denver', 'America/Denvre'])('%s is refused, where Node would show times of UTC', (TZ) => {
  expect(faultsOf({ TZ })).toEqual(['TZ must be the name of a time zone, like America/Denver.']);
});

test('the demo needs the database that the portal starts itself', () => {
  const databaseUrl = 'postgresql://a:b@localhost/c';
  expect(read({ DATABASE_URL: databaseUrl }).demo).toBe(false);
  expect(faultsOf({ DATABASE_URL: databaseUrl, DEMO: 'true' })).toEqual([
    expect.stringContaining('unset DATABASE_URL or DEMO'),
  ]);
});

test('what is set arrives in the shape the code wants', () => {
  expect(
    read({
      BASE_URL: 'https://Shelf.example.gov/',
      TRUST_PROXY: '2',
      CLAMD_URL: 'unix:/run/clamd.ctl',
      MAIL_FROM: '"Example Shelf" <no-reply@example.gov>',
      MAX_UPLOAD_MB: '50',
      UPLOAD_STOP_PERCENT: '80',
      IMPORT_FETCH_HOSTS: 'Files.example.org, *.example.net',
      DEMO: 'off',
      STATE_NAME: 'Northland',
    }),
  ).toMatchObject({
    baseUrl: 'https://shelf.example.gov',
    secure: true,
    trustProxy: 2,
    clamd: { path: '/run/clamd.ctl' },
    mailFrom: { name: 'Example Shelf', address: 'no-reply@example.gov' },
    maxUploadBytes: 50 * 1024 * 1024,
    uploadStopPercent: 80,
    fetchHosts: ['files.example.org', '*.example.net'],
    demo: false,
    stateName: 'Northland',
  });
  expect(read({ TRUST_PROXY: '10.0.0.0/8, loopback', CLAMD_URL: 'tcp://clam:99' })).toMatchObject({
    trustProxy: ['10.0.0.0/8', 'loopback'],
    clamd: { host: 'clam', port: 99 },
  });
});

test.each(['*', '*.org', '10.0.0.1', 'localhost', 'https://files.example.org', 'files.example.org/path'])(
  'files are not fetched from “%s”, which is no host name',
  (hosts) => {
    expect(faultsOf({ IMPORT_FETCH_HOSTS: hosts })).toEqual([
      expect.stringContaining('must be a list of host names'),
    ]);
  },
);

test('every setting stands in .env.example', async () => {
  const example = await readFile(join(projectRoot, '.env.example'), 'utf8');
  const source = await readFile(join(projectRoot, 'server/config.ts'), 'utf8');
  const names = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) expect(example).toMatch(new RegExp(`^#${name}=`, 'm'));
});

describe.skipIf(process.getuid?.() !== 0)('started as root', () => {
  test('a data folder that the account of PostgreSQL cannot reach is refused, with the folder that is closed', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    expect(faultsOf({ DATA_DIR: join(closed, 'data') })).toEqual([
      expect.stringMatching(new RegExp(`may not run as root.*can't enter ${closed}\\.`)),
    ]);
  });

  test('with a database elsewhere the same folder is fine', async () => {
    const { dataDir } = read({
      DATA_DIR: join(folder, 'closed/data'),
      DATABASE_URL: 'postgresql://a:b@localhost/c',
    });
    expect(dataDir).toBe(join(folder, 'closed/data'));
  });
});
