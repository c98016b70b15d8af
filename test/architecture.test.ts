import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../server/lib/project-root.ts';

/** The directions of the house: who may import whom. A room may import from rooms of a lower floor. */
const floors: readonly (readonly string[])[] = [
  ['lib'],
  ['locale', 'platform'],
  ['web'],
  ['audit'],
  ['site'],
  ['accounts'],
  ['notices'],
  ['vocabularies'],
  ['files', 'standards'],
  ['resources'],
  ['search'],
  ['collections'],
  ['curation', 'imports', 'insights'],
  ['exchange', 'operation', 'administration'],
  ['pages'],
];

/** Files of `server/` itself that a room may import, and which rooms those are. */
const shared: Record<string, (room: string, typeOnly: boolean) => boolean> = {
  'server/errors.ts': (room) => room !== 'lib' && room !== 'platform' && room !== 'locale',
  'server/deps.ts': (_room, typeOnly) => typeOnly,
  'server/config.ts': (_room, typeOnly) => typeOnly,
};

/** What looks like a breach and is none, each with its reason. */
const allowed: Record<string, string> = {
  'server/web/views.ts': 'names the props of every view, as types alone',
};

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const sources = readdirSync(join(projectRoot, 'server'), { recursive: true, encoding: 'utf8' })
  .map((name) => `server/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts') && !name.includes('/generated/'))
  .map((name) => ({ name, text: readFileSync(join(projectRoot, name), 'utf8') }));

const statements =
  /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

const imports: Import[] = sources.flatMap(({ name, text }) =>
  [...text.matchAll(statements)].map(([, type, written = '', dynamic = '']) => {
    const to = written || dynamic;
    return {
      from: name,
      to: to.startsWith('.') ? normalize(join(dirname(name), to)) : to,
      typeOnly: type !== undefined,
    };
  }),
);

const roomOf = (path: string): string | undefined => /^server\/([^/]+)\//.exec(path)?.[1];
const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** Why an import is against the directions, or undefined. */
function breach({ from, to, typeOnly }: Import): string | undefined {
  const room = roomOf(from);
  if (room === undefined || !to.includes('/') || !/^(?:server|scripts|prisma|test|views|public)\//.test(to))
    return undefined;
  if (from in allowed && typeOnly) return undefined;
  const target = roomOf(to);
  if (target === undefined) return shared[to]?.(room, typeOnly) ? undefined : `${from} imports ${to}`;
  if (target === room || floorOf(target) < floorOf(room)) return undefined;
  return `${from} imports ${to}`;
}

describe('the house', () => {
  it('has no room that isn’t on a floor', () => {
    const rooms = new Set(sources.flatMap(({ name }) => roomOf(name) ?? []));
    expect([...rooms].filter((room) => floorOf(room) === -1)).toEqual([]);
    expect(rooms.size).toBeGreaterThan(10);
  });

  it('imports only downwards', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(imports.flatMap((one) => breach(one) ?? [])).toEqual([]);
  });

  it('would notice an import upwards, sideways, into the entry points, or out of the server', () => {
    const found = (from: string, to: string, typeOnly = false) =>
      breach({ from, to, typeOnly }) !== undefined;
    expect(found('server/resources/a.ts', 'server/search/b.ts')).toBe(true);
    expect(found('server/resources/a.ts', 'server/search/b.ts', true)).toBe(true);
    expect(found('server/files/a.ts', 'server/standards/b.ts')).toBe(true);
    expect(found('server/lib/a.ts', 'server/errors.ts')).toBe(true);
    expect(found('server/search/a.ts', 'server/deps.ts')).toBe(true);
    expect(found('server/pages/a.ts', 'server/app.ts')).toBe(true);
    expect(found('server/files/a.ts', 'scripts/b.ts')).toBe(true);
    expect(found('server/search/a.ts', 'server/resources/b.ts')).toBe(false);
    expect(found('server/search/a.ts', 'server/deps.ts', true)).toBe(false);
  });

  it('keeps the world out of lib: no files, no network, no database', () => {
    const pure = new Set(['node:crypto', 'node:path', 'node:url', 'markdown-it']);
    const outside = imports
      .filter(({ from, to }) => from.startsWith('server/lib/') && !to.startsWith('server/') && !pure.has(to))
      .map(({ from, to }) => `${from} imports ${to}`);
    // It looks for the folder of package.json, once, so that everybody else can find views and migrations.
    expect(outside).toEqual(['server/lib/project-root.ts imports node:fs']);
  });

  it('reads settings in one place', () => {
    const readers = sources.filter(({ text }) => /process\.env\b/.test(text)).map(({ name }) => name);
    // A child process gets the PATH, or it would not find its programs, and nothing else of ours.
    expect(readers.toSorted()).toEqual(['server/config.ts', 'server/platform/child-process.ts']);
    const child = sources.find(({ name }) => name === 'server/platform/child-process.ts');
    expect(child?.text.match(/process\.env.{8}/g)).toEqual(["process.env['PATH']"]);
  });

  it('never hands SQL to Prisma as text, nor runs text as code', () => {
    const found = sources.filter(
      ({ name, text }) =>
        !name.includes('/generated/') &&
        /RawUnsafe\(|\beval\(|new Function\(|NODE_TLS_REJECT|rejectUnauthorized/.test(text),
    );
    expect(found.map(({ name }) => name)).toEqual([]);
  });

  it('knows requests only at the door: in routes, and where bodies and answers are streams', () => {
    const others = imports
      .filter(
        ({ from, to }) => to === 'express' && !from.startsWith('server/web/') && !from.endsWith('-routes.ts'),
      )
      .map(({ from }) => from);
    expect([...new Set(others)].toSorted()).toEqual([
      'server/accounts/sign-in.ts',
      'server/app.ts',
      'server/files/send-content.ts',
      'server/files/upload.ts',
      'server/resources/draft-uploads.ts',
    ]);
  });

  it('names things where they are: no default exports, no index files', () => {
    expect(sources.filter(({ text }) => /^export default /m.test(text)).map(({ name }) => name)).toEqual([]);
    expect(sources.filter(({ name }) => name.endsWith('/index.ts')).map(({ name }) => name)).toEqual([]);
  });
});
