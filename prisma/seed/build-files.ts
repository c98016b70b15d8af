import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import starterLists from '../../server/vocabularies/starter-lists.json' with { type: 'json' };
import { readOrganizations, readPeople } from './catalog.ts';
import { renderDocx } from './build/docx.ts';
import { parseMarkup } from './build/markup.ts';
import { renderPdf, takeTitle } from './build/pdf.ts';
import { renderPng } from './build/poster.ts';
import { renderPptx } from './build/pptx.ts';
import { seedRoot } from './build/seed-root.ts';
import { WORDS, type Sheet } from './build/sheet.ts';
import { parseSource, type Source, type SourceFile } from './build/source.ts';
import { renderXlsx } from './build/xlsx.ts';

/** Raise it when the renderers change, so that every file is made anew. */
const BUILDER = 9;

/** What is known of the built files of one source: the hash of what they were made from, and their paths. */
type Manifest = Record<string, { source: string; files: string[] }>;

/** Names that sources refer to by code, for the words on the sheets. */
interface Names {
  people: Map<string, string>;
  schools: Map<string, string>;
  subjects: Map<string, string>;
  types: Map<string, string>;
  licenses: Map<string, string>;
  titles: Map<string, string>;
}

export interface BuildReport {
  built: string[];
  unchanged: number;
  removed: string[];
  faults: string[];
}

/**
 * Renders the parts of every catalog source (of one subject folder, or all) into `prisma/seed/files`. Only sources
 * that changed are made anew; files of sources that are gone are removed. Faults are collected, not thrown.
 */
export async function buildFiles(onlyFolder?: string): Promise<BuildReport> {
  const report: BuildReport = { built: [], unchanged: 0, removed: [], faults: [] };
  const catalog = join(seedRoot, 'catalog');
  const folders = (await readdir(catalog, { withFileTypes: true }))
    .filter((item) => item.isDirectory())
    .map((item) => item.name);
  const names = await readNames();
  for (const folder of folders.sort()) {
    if (onlyFolder && folder !== onlyFolder) continue;
    await buildFolder(folder, names, report);
  }
  return report;
}

async function readNames(): Promise<Names> {
  const [people, organizations] = await Promise.all([readPeople(), readOrganizations()]);
  const byCode = (list: { code: string; name: string }[]) =>
    new Map(list.map((item) => [item.code, item.name]));
  return {
    people: new Map(people.map((person) => [person.email, person.name])),
    schools: new Map(
      organizations.districts
        .flatMap((district) => district.schools)
        .map((school) => [school.slug, school.name]),
    ),
    subjects: byCode(starterLists.subjects),
    types: byCode(starterLists.types),
    licenses: byCode(starterLists.licenses),
    titles: await readTitles(),
  };
}

/** Title by external id, for the credit line of adaptations. */
async function readTitles(): Promise<Map<string, string>> {
  const titles = new Map<string, string>();
  const root = join(seedRoot, 'catalog');
  for (const folder of await readdir(root)) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      const head = (await readFile(join(root, folder, name), 'utf8')).slice(0, 3000);
      const id = /"external_id":\s*"([^"]+)"/.exec(head)?.[1];
      const title = /"title":\s*"((?:[^"\\]|\\.)+)"/.exec(head)?.[1];
      if (id && title) titles.set(id, JSON.parse(`"${title}"`) as string);
    }
  }
  return titles;
}

async function buildFolder(folder: string, names: Names, report: BuildReport): Promise<void> {
  const sources = join(seedRoot, 'catalog', folder);
  const target = join(seedRoot, 'files', folder);
  const manifestPath = join(target, 'manifest.json');
  const before = JSON.parse(await readFile(manifestPath, 'utf8').catch(() => '{}')) as Manifest;
  const after: Manifest = {};
  for (const name of (await readdir(sources)).filter((item) => item.endsWith('.md')).sort()) {
    const slug = name.replace(/\.md$/, '');
    const text = await readFile(join(sources, name), 'utf8');
    try {
      const source = parseSource(text, `catalog/${folder}/${name}`);
      const from = createHash('sha256')
        .update(`${BUILDER}\n${footerOf(source, names)}\n${text}`)
        .digest('hex')
        .slice(0, 16);
      const known = before[slug];
      if (known?.source === from && known.files.every((file) => existsSync(join(target, file)))) {
        after[slug] = known;
        report.unchanged++;
        continue;
      }
      await rm(join(target, slug), { recursive: true, force: true });
      after[slug] = { source: from, files: await buildSource(source, slug, target, names) };
      report.built.push(`${folder}/${slug}`);
    } catch (error) {
      report.faults.push(error instanceof Error ? error.message : String(error));
      if (before[slug]) after[slug] = before[slug];
    }
  }
  for (const slug of Object.keys(before).filter((known) => !(known in after))) {
    await rm(join(target, slug), { recursive: true, force: true });
    report.removed.push(`${folder}/${slug}`);
  }
  await mkdir(target, { recursive: true });
  await writeFile(manifestPath, `${JSON.stringify(after, null, 1)}\n`);
}

async function buildSource(source: Source, slug: string, target: string, names: Names): Promise<string[]> {
  const made: string[] = [];
  for (const file of source.files) {
    for (let version = 1; version <= source.versionCount; version++) {
      const isCurrent = version === source.versionCount;
      if (!isCurrent && !source.hasOwnBody(file.part, version)) continue;
      const path = join(slug, ...(isCurrent ? [] : [`v${version}`]), file.name);
      const body = source.body(file.part, isCurrent ? 0 : version);
      const bytes = await render(source, file, body, names, `${slug}, part ${file.part}`);
      await mkdir(dirname(join(target, path)), { recursive: true });
      await writeFile(join(target, path), bytes);
      made.push(path);
    }
  }
  return made;
}

function render(
  source: Source,
  file: SourceFile,
  body: string,
  names: Names,
  where: string,
): Promise<Buffer> | Buffer {
  switch (file.format) {
    case 'csv':
    case 'txt':
      return Buffer.from(`${body}\n`);
    case 'xlsx':
      return renderXlsx(body, source.title);
    case 'pdf':
      return renderPdf(toSheet(source, file, body, names, where));
    case 'docx':
      return renderDocx(toSheet(source, file, body, names, where));
    case 'pptx':
      return renderPptx(toSheet(source, file, body, names, where));
    case 'png':
      return renderPng(toSheet(source, file, body, names, where));
  }
}

function toSheet(source: Source, file: SourceFile, body: string, names: Names, where: string): Sheet {
  const blocks = parseMarkup(body, where);
  const words = WORDS[source.language];
  const forStudents = /^(student|ticket|quiz|check|worksheet|lab)/.test(file.part) && !file.educators_only;
  const plain = ['text', 'reference', 'slides', 'video'].includes(source.type);
  const subject = names.subjects.get(source.subjects[0] ?? '') ?? '';
  const grades = gradeWords(source.grades, words);
  const kind = source.language === 'en' ? names.types.get(source.type) : undefined;
  return {
    title: takeTitle(blocks) ?? source.title,
    kicker: [source.language === 'en' ? subject : (SUBJECTS_ES[subject] ?? subject), grades, kind]
      .filter(Boolean)
      .join('  ·  '),
    tag: file.educators_only ? words.key : undefined,
    nameLine: forStudents && !plain && file.format !== 'pptx' && file.format !== 'png',
    footer: footerOf(source, names),
    language: source.language,
    bodySize: bodySize(source.grades[0] ?? '6', forStudents),
    keywords: source.keywords,
    author: names.people.get(source.owner) ?? 'Demo State',
    blocks,
  };
}

const SUBJECTS_ES: Record<string, string> = {
  Mathematics: 'Matemáticas',
  'English language arts': 'Lengua y literatura',
  Science: 'Ciencias',
  'Social studies': 'Estudios sociales',
  Arts: 'Artes',
  'Computer science': 'Informática',
  'World languages': 'Lenguas del mundo',
  'Health and physical education': 'Salud y educación física',
};

function gradeWords(grades: string[], words: (typeof WORDS)['en' | 'es']): string {
  const first = grades[0] ?? '';
  const last = grades.at(-1) ?? first;
  if (first === last) return first === 'K' ? words.kinder : `${words.grade} ${first}`;
  return `${words.grade === 'Grade' ? 'Grades' : 'Grados'} ${first}–${last}`;
}

function bodySize(grade: string, forStudents: boolean): number {
  if (!forStudents) return 11;
  if (['PK', 'K', '1', '2'].includes(grade)) return 14;
  return ['3', '4', '5'].includes(grade) ? 12.5 : 11.5;
}

/** Licence, author and school; for an adaptation also what it was made from. */
function footerOf(source: Source, names: Names): string {
  const license = names.licenses.get(source.license) ?? source.license;
  const author = [names.people.get(source.owner), names.schools.get(source.school)]
    .filter(Boolean)
    .join(', ');
  const origin = source.adapted_from ? names.titles.get(source.adapted_from) : undefined;
  const [from, unknown] =
    source.language === 'es'
      ? ['Adaptado de', 'Licencia no indicada']
      : ['Adapted from', 'License not stated'];
  const parts = [
    source.license === 'unknown' ? unknown : license,
    author,
    origin ? `${from} “${origin}”` : '',
  ];
  return parts.filter(Boolean).join('  ·  ');
}
