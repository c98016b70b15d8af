// Generates the Prisma client and compiles to dist/ when something they are made from has changed.
// Plain JavaScript: it runs before anything is compiled.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp.json');
const client = join(root, 'server/platform/database/generated');

/**
 * Makes what is missing or stale and says so; returns at once when all is fresh. A production image has
 * neither sources nor compiler any more: its dist/ is taken as it is.
 * @param {{ compile?: boolean, say?: (text: string) => void }} [options] compile false: only the Prisma client
 */
export function build({ compile = true, say = console.log } = {}) {
  if (!existsSync(join(root, 'node_modules/typescript')) && existsSync(dist)) return;
  const stamp = readStamp();
  const now = {
    client: hash(['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json']),
    code: hash([
      'tsconfig.json',
      'package-lock.json',
      ...['server', 'scripts', 'prisma/seed'].flatMap(sources),
    ]),
  };
  const clientIsStale = stamp.client !== now.client || !existsSync(client);
  const codeIsStale = compile && (stamp.client !== now.client || stamp.code !== now.code);
  if (clientIsStale || codeIsStale) mustWrite();
  if (clientIsStale) {
    say('Generating the database client');
    run('prisma', ['generate']);
  }
  if (codeIsStale) {
    say('Compiling');
    compileInto(`dist.${process.pid}`, now);
  }
}

function mustWrite() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new Error(
      `The portal has to be built, and this account may not write in ${root}. Run "npm run build" as its owner.`,
    );
  }
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** Into a folder of its own, which then takes the place of dist/: a start at the same moment sees all or nothing. */
function compileInto(name, stamp) {
  const fresh = join(root, name);
  try {
    mkdirSync(fresh);
    run('tsc', ['-p', 'tsconfig.json', '--outDir', fresh]);
    writeFileSync(join(fresh, '.stamp.json'), JSON.stringify(stamp));
    if (existsSync(dist)) renameSync(dist, join(fresh, '.before'));
    renameSync(fresh, dist);
    rmSync(join(dist, '.before'), { recursive: true, force: true });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another build was quicker, and made the same.
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return;
    throw error;
  }
}

/** Every source file under a folder, in a steady order, without what is generated. */
function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return join(root, path) === client ? [] : sources(path);
      return /\.(ts|json)$/.test(entry.name) ? [path] : [];
    });
}

function hash(paths) {
  const sum = createHash('sha256').update(process.version);
  for (const path of paths)
    sum.update(`${path}\0`).update(existsSync(join(root, path)) ? readFileSync(join(root, path)) : '');
  return sum.digest('hex');
}

function run(command, args) {
  const result = spawnSync(join(root, 'node_modules/.bin', command), args, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  throw new Error(
    `${command} failed:\n${result.error?.message ?? `${result.stdout}${result.stderr}`.trim()}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
