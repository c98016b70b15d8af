import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { seedRoot } from './build/seed-root.ts';
import { parseSource, type FrontMatter } from './build/source.ts';
import starterLists from '../../server/vocabularies/starter-lists.json' with { type: 'json' };

/** A file of a catalog entry: `path` is absolute, the bytes are committed under `prisma/seed/files`. */
export interface CatalogFile {
  name: string;
  format: FrontMatter['files'][number]['format'];
  educators_only: boolean;
  path: string;
}

/** One published state of a catalog entry. */
export interface CatalogVersion {
  note: string;
  files: CatalogFile[];
}

/** A resource of the demo catalog, ready for the seeder. `versions` is oldest first; the last is current. */
export interface CatalogEntry extends Omit<FrontMatter, 'files' | 'versions'> {
  /** Name of the source without `.md`; unique within its subject folder. */
  slug: string;
  /** Subject folder, which is also the folder under `files/`. */
  folder: string;
  description: string;
  versions: CatalogVersion[];
}

const organizations = z.strictObject({
  state: z.strictObject({ slug: z.string(), name: z.string() }),
  districts: z.array(
    z.strictObject({
      slug: z.string(),
      name: z.string(),
      city: z.string(),
      about: z.string(),
      schools: z.array(
        z.strictObject({ slug: z.string(), name: z.string(), grades: z.string(), city: z.string() }),
      ),
    }),
  ),
});

const people = z.array(
  z.strictObject({
    name: z.string(),
    email: z.email(),
    /** Slug of a school; people of a district office or the state have none. */
    school: z.string().optional(),
    /** True for the seven sign-ins that are printed and documented. */
    sign_in: z.boolean().optional(),
    roles: z
      .array(
        z.strictObject({
          role: z.enum(['teacher', 'importer', 'curator', 'lead', 'admin']),
          organization: z.string(),
        }),
      )
      .min(1),
  }),
);

const named = z.strictObject({ code: z.string(), name: z.string() });
const vocabularies = z.strictObject({
  languages: z.array(named),
  /** Topic paths by subject slug: `Mathematics > Fractions`. */
  topics: z.record(z.string(), z.array(z.string())),
});

export type SeedOrganizations = z.infer<typeof organizations>;
export type SeedPerson = z.infer<typeof people>[number];
export type SeedVocabularies = z.infer<typeof vocabularies> & typeof starterLists;

/** A CASE package of the demo state, as text ready for the CASE importer. */
export interface SeedFramework {
  slug: string;
  path: string;
  json: unknown;
}

async function readJson<T>(name: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(JSON.parse(await readFile(join(seedRoot, name), 'utf8')));
  if (!parsed.success) throw new Error(`prisma/seed/${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The state, its three districts and their schools. Throws an Error that names the file and field. */
export function readOrganizations(): Promise<SeedOrganizations> {
  return readJson('organizations.json', organizations);
}

/** The demo people, the seven documented sign-ins first. Throws an Error that names the file and field. */
export function readPeople(): Promise<SeedPerson[]> {
  return readJson('people.json', people);
}

/**
 * The lists that every state may begin with (subjects, types, settings, licences, the scale), languages, and topic paths by subject:
 * the listed tree plus every topic the catalog uses, each with its ancestors, parents before children.
 */
export async function readVocabularies(): Promise<SeedVocabularies> {
  const listed = await readJson('vocabularies.json', vocabularies);
  const topics = Object.fromEntries(Object.entries(listed.topics).map(([code, list]) => [code, [...list]]));
  const subjectByName = new Map(starterLists.subjects.map((subject) => [subject.name, subject.code]));
  for (const entry of await readCatalog()) {
    for (const path of entry.topics) {
      const [root = ''] = path.split(' > ');
      const code = subjectByName.get(root);
      if (!code)
        throw new Error(`${entry.folder}/${entry.slug}.md: topic "${path}" starts with no subject's name`);
      (topics[code] ??= []).push(path);
    }
  }
  for (const [code, list] of Object.entries(topics)) topics[code] = withAncestors(list);
  return { ...starterLists, ...listed, topics };
}

function withAncestors(paths: string[]): string[] {
  const all = new Set<string>();
  for (const path of paths) {
    const steps = path.split(' > ');
    for (let depth = 1; depth <= steps.length; depth++) all.add(steps.slice(0, depth).join(' > '));
  }
  return [...all];
}

/** Every demo framework (`frameworks/*.case.json`), by name. */
export async function readFrameworks(): Promise<SeedFramework[]> {
  const folder = join(seedRoot, 'frameworks');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.case.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return {
        slug: name.replace('.case.json', ''),
        path,
        json: JSON.parse(await readFile(path, 'utf8')) as unknown,
      };
    }),
  );
}

/**
 * Every resource of the demo catalog, by folder and slug. Only what a single source can say is checked here
 * (see `parseSource`); that codes, owners and files exist is checked by `test/seed/catalog.test.ts`.
 */
export async function readCatalog(): Promise<CatalogEntry[]> {
  const root = join(seedRoot, 'catalog');
  const folders = (await readdir(root, { withFileTypes: true })).filter((item) => item.isDirectory());
  const entries: CatalogEntry[] = [];
  for (const folder of folders.map((item) => item.name).sort()) {
    const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.md')).sort();
    for (const name of names) {
      const text = await readFile(join(root, folder, name), 'utf8');
      entries.push(toEntry(text, folder, name.replace(/\.md$/, '')));
    }
  }
  return entries;
}

function toEntry(text: string, folder: string, slug: string): CatalogEntry {
  const source = parseSource(text, `prisma/seed/catalog/${folder}/${slug}.md`);
  const { files, versions: notes, body: _body, hasOwnBody, versionCount, description, ...meta } = source;
  const versions = Array.from({ length: versionCount }, (_, index) => ({
    note: notes?.[index]?.note ?? 'First version',
    files: files.map(({ name, format, educators_only, part }) => {
      const own = hasOwnBody(part, index + 1) ? [`v${index + 1}`] : [];
      return { name, format, educators_only, path: join(seedRoot, 'files', folder, slug, ...own, name) };
    }),
  }));
  return { ...meta, slug, folder, description, versions };
}
