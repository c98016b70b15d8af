import { join } from 'node:path';
import { gradesBetween, type Grade } from '../../../server/lib/grade.ts';
import { blank, clean, pick, readLines, shorten, type RealRecord } from './record.ts';

/** Sources with tens of thousands of records, which fill up. Each takes the folder of the scale sets. */

/** Problems of the WeBWorK Open Problem Library; its tags are as untidy as they are. */
export async function* webwork(folder: string): AsyncGenerator<RealRecord> {
  for await (const row of readLines<Record<string, string | undefined>>(
    join(folder, 'webwork-opl.ndjson.gz'),
  )) {
    const tag = (name: string) => clean((row[name] ?? '').replaceAll(/^'|'$/g, ''));
    const path = row['path'] ?? '';
    const chapter = tag('DBchapter');
    const section = tag('DBsection');
    const name = path.split('/').at(-1)?.replace(/\.pg$/, '').replaceAll(/[_-]+/g, ' ') ?? path;
    const statement = (row['statement'] ?? '')
      .replaceAll(/\$[A-Z_]{2,}/g, ' ')
      .replaceAll(/\\\{[^}]*\\\}/g, ' ');
    yield {
      ...blank,
      key: `webwork:${path}`,
      title: shorten([section || chapter || tag('DBsubject') || 'Problem', name].join(': '), 180),
      summary: shorten(row['description'] ?? statement, 300),
      fullText: statement.replaceAll('\u0000', '').toWellFormed().slice(0, 20_000),
      url: `https://github.com/openwebwork/webwork-open-problem-library/blob/main/${encodeURI(path)}`,
      subjects: [/engineer|circuit|mech/i.test(tag('DBsubject')) ? 'science' : 'mathematics'],
      grades: webworkGrades(tag('DBsubject'), tag('Level')),
      type: 'exit-ticket',
      license: 'CC-BY-NC-SA-4.0',
      authors: tag('Author').slice(0, 200),
      publisher: tag('Institution').slice(0, 200),
      keywords: (row['KEYWORDS'] ?? '')
        .split(',')
        .map((word) => clean(word.replaceAll(/['"]/g, '')))
        .filter((word) => word !== '' && word.length <= 60)
        .slice(0, 12),
    };
  }
}

function webworkGrades(subject: string, level: string): Grade[] {
  if (/arithmetic|middle|necap/i.test(subject)) return gradesBetween('5', '8');
  if (/algebra|geometry|trigon/i.test(subject)) return gradesBetween(level === '1' ? '7' : '8', '11');
  return gradesBetween('11', '12');
}

type Subjects = { name?: string; children?: Subjects[] };
type Artwork = {
  acno: string;
  title: string;
  all_artists?: string;
  dateText?: string | null;
  medium?: string | null;
  classification?: string;
  url?: string;
  subjects?: Subjects;
};

/** Works of art with their deep tree of subjects. */
export async function* tateArtworks(folder: string): AsyncGenerator<RealRecord> {
  for await (const work of readLines<Artwork>(join(folder, 'tate-artworks.ndjson.gz'))) {
    const names = [...subjectNames(work.subjects ?? {})];
    yield {
      ...blank,
      key: `tate:${work.acno}`,
      title: clean(work.title).slice(0, 200) || work.acno,
      summary: shorten([work.all_artists, work.dateText, work.medium].filter(Boolean).join(', '), 300),
      description: names.join(', '),
      url:
        work.url && /^https?:\/\/\S+$/.test(work.url)
          ? work.url
          : `https://www.tate.org.uk/art/artworks/${work.acno}`,
      subjects: ['arts'],
      grades: gradesBetween(pick(['3', '6', '9'], work.acno), '12'),
      type: 'reference',
      license: 'CC0-1.0',
      authors: clean(work.all_artists ?? '').slice(0, 200),
      publisher: 'Tate',
      keywords: names.slice(-10),
    };
  }
}

function* subjectNames(node: Subjects): Generator<string> {
  if (node.name) yield clean(node.name);
  for (const child of node.children ?? []) yield* subjectNames(child);
}
