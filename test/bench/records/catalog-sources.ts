import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gradesBetween, parseGrades, type Grade } from '../../../server/lib/grade.ts';
import { blank, clean, pick, readJson, readLines, shorten, type RealRecord } from './record.ts';

/** Sources whose records are entries of a catalog: titles, descriptions, links, the place in a tree. */

type KhanItem = {
  title: string;
  path: string;
  description?: string | null;
  prerequisites?: string[];
  children?: { title?: string }[];
};

const khanSubjects: Record<string, string> = {
  math: 'mathematics',
  science: 'science',
  computing: 'computer-science',
  'economics-finance-domain': 'social-studies',
  humanities: 'arts',
  'test-prep': 'science',
  'partner-content': 'social-studies',
};

export async function* khanExercises(folder: string): AsyncGenerator<RealRecord> {
  for (const [id, item] of Object.entries(
    await readJson<Record<string, KhanItem>>(join(folder, 'khan-exercises.json.gz')),
  ))
    yield {
      ...khan(item),
      key: `khan-exercise:${id}`,
      title: clean(item.title) || id,
      type: 'assessment',
      keywords: [
        ...khanPath(item),
        ...(item.prerequisites ?? []).map((name) => name.replaceAll(/[_-]/g, ' ')),
      ],
    };
}

export async function* khanTutorials(folder: string): AsyncGenerator<RealRecord> {
  for (const item of await readJson<KhanItem[]>(join(folder, 'khan-tutorials.json.gz')))
    yield {
      ...khan(item),
      key: `khan-tutorial:${item.path}`,
      title: clean(item.title),
      description: (item.children ?? [])
        .flatMap(({ title }) => (title ? [`- ${clean(title)}`] : []))
        .slice(0, 60)
        .join('\n'),
      type: 'video',
      keywords: khanPath(item),
    };
}

function khan(item: KhanItem): RealRecord {
  const domain = item.path.split('/')[1] ?? '';
  return {
    ...blank,
    summary: shorten(item.description ?? '', 500),
    url: `https://www.khanacademy.org/${item.path.split('/').slice(1).join('/')}`,
    subjects: [khanSubjects[domain] ?? 'mathematics'],
    grades: khanGrades(item.path),
    license: 'CC-BY-NC-SA-4.0',
    publisher: 'Khan Academy',
  };
}

const khanPath = ({ path }: KhanItem): string[] =>
  path
    .split('/')
    .slice(2, 5)
    .filter(Boolean)
    .map((part) => part.replaceAll(/[_-]+/g, ' '));

function khanGrades(path: string): Grade[] {
  if (path.includes('early-math')) return gradesBetween('K', '2');
  if (/arithmetic|basic-geo/.test(path)) return gradesBetween('3', '5');
  if (path.includes('pre-algebra')) return gradesBetween('6', '8');
  if (/algebra|geometry|trigonometry|probability/.test(path)) return gradesBetween('8', '11');
  return gradesBetween(pick(['6', '9', '10'], path), '12');
}

type EngageNode = { title: string; url: string; kind: string } & Record<string, unknown>;

/** Every module, topic and lesson of the EngageNY trees; a title says its whole place, since "Lesson 5" says nothing. */
export async function* engageNy(folder: string): AsyncGenerator<RealRecord> {
  const tree = await readJson<{ children: Record<'math' | 'ela', { grades: EngageNode[] }> }>(
    join(folder, 'engageny-web-resource-tree.json.gz'),
  );
  const seen = new Set<string>();
  for (const [part, subject] of [
    ['math', 'mathematics'],
    ['ela', 'english-language-arts'],
  ] as const)
    for (const grade of tree.children[part].grades)
      for (const { node, above } of below(grade, [])) {
        if (seen.has(node.url)) continue;
        seen.add(node.url);
        yield {
          ...blank,
          key: `engageny:${node.url}`,
          title: clean(
            [...above, node]
              .map(({ title }) => title)
              .slice(-3)
              .join(', '),
          ).slice(0, 200),
          summary: clean([...above, node].map(({ title }) => title).join(' › ')),
          url: node.url,
          subjects: [subject],
          grades: engageGrades(grade.title),
          type: node.kind.includes('Lesson') ? (/Document/.test(node.title) ? 'text' : 'lesson') : 'unit',
          license: 'CC-BY-NC-SA-4.0',
          publisher: 'EngageNY',
          keywords: above.map(({ title }) => clean(title)).filter((title) => title !== ''),
        };
      }
}

function* below(node: EngageNode, above: EngageNode[]): Generator<{ node: EngageNode; above: EngageNode[] }> {
  const path = [...above, node];
  for (const list of Object.values(node))
    if (Array.isArray(list))
      for (const child of list as EngageNode[]) {
        yield { node: child, above: path };
        yield* below(child, path);
      }
}

function engageGrades(title: string): Grade[] {
  const { grades } = parseGrades(title.replace(/ (?:Mathematics|English Language Arts)$/, ''));
  return grades.length > 0 ? grades : gradesBetween('9', '12');
}

/** Science interactives. */
export async function* concordInteractives(folder: string): AsyncGenerator<RealRecord> {
  type Interactive = {
    path: string;
    title?: string;
    subtitle?: string;
    about?: string | string[];
    category?: string;
    subCategory?: string;
  };
  for await (const item of readLines<Interactive>(join(folder, 'concord-interactives.ndjson.gz'))) {
    const about = [item.about ?? []].flat().join('\n\n').toWellFormed();
    yield {
      ...blank,
      key: `concord:${item.path}`,
      title: clean(item.title ?? '') || item.path,
      summary: shorten(item.subtitle || about, 300),
      description: about,
      url: `https://lab.concord.org/interactives.html#${item.path.replace('src/', '')}`,
      subjects: ['science'],
      grades: gradesBetween(pick(['5', '6', '9'], item.path), pick(['8', '10', '12'], item.path)).slice(0, 6),
      type: pick(['lab', 'game', 'activity'], item.path),
      license: pick(['CC-BY-4.0', 'unknown'], item.path),
      publisher: 'Concord Consortium',
      keywords: [item.category ?? '', item.subCategory ?? '', ...item.path.split('/').slice(2, 3)]
        .map((word) => clean(word.replaceAll('-', ' ')))
        .filter(Boolean),
    };
  }
}

type ChefNode = {
  kind?: string;
  title: string;
  description?: string | null;
  url?: string;
  source_id?: string;
  subject_en?: string;
  language?: string;
  license?: { license_id?: string };
  children?: ChefNode[];
};

/** Pratham Open School: English, Hindi, Tamil, Urdu. */
export async function* pradigi(folder: string): AsyncGenerator<RealRecord> {
  for (const name of readdirSync(join(folder, 'pradigi')).sort()) {
    const tree = await readJson<ChefNode>(join(folder, 'pradigi', name));
    const language = tree.language ?? 'en';
    for (const { node, above } of leaves(tree, [])) {
      if (!node.kind?.startsWith('Pratham')) continue;
      const subject = above.find(({ subject_en: english }) => english)?.subject_en ?? '';
      yield {
        ...blank,
        key: `pradigi:${language}:${above.map(({ source_id: id }) => id).join('/')}/${node.source_id}`,
        title: clean(node.title) || 'PraDigi',
        summary: clean(
          above
            .slice(1)
            .map(({ title }) => title)
            .join(' › '),
        ),
        url: node.url && /^https?:\/\/\S+$/.test(node.url) ? node.url : null,
        subjects: [
          /math/i.test(subject)
            ? 'mathematics'
            : /science/i.test(subject)
              ? 'science'
              : /english|angrezi|language/i.test(subject)
                ? 'english-language-arts'
                : 'health-pe',
        ],
        grades: gradesBetween('3', '8').slice(0, 4),
        type: node.kind.includes('Video') ? 'video' : node.kind.includes('Zip') ? 'game' : 'text',
        language,
        license: 'CC-BY-NC-SA-4.0',
        publisher: 'Pratham',
        keywords: above
          .slice(1)
          .map(({ title }) => clean(title))
          .filter(Boolean),
      };
    }
  }
}

/** Teacher education, English and Swahili. */
export async function* tessa(folder: string): AsyncGenerator<RealRecord> {
  for (const name of readdirSync(join(folder, 'tessa')).sort()) {
    const tree = await readJson<ChefNode>(join(folder, 'tessa', name));
    const language = tree.language ?? 'en';
    for (const { node, above } of leaves(tree, [])) {
      const place = clean([...above.slice(1), node].map(({ title }) => title).join(' › '));
      yield {
        ...blank,
        key: `tessa:${language}:${place}:${node.source_id}`,
        title: clean(node.title).slice(0, 200) || 'TESSA',
        summary: shorten(node.description || place, 400),
        url: `https://www.tessafrica.net/${encodeURIComponent(node.source_id ?? place)}`,
        subjects: [
          /scien|sayansi/i.test(place)
            ? 'science'
            : /num|math|hisabati/i.test(place)
              ? 'mathematics'
              : /lit|kusoma/i.test(place)
                ? 'english-language-arts'
                : 'social-studies',
        ],
        grades: gradesBetween('1', /secondary/i.test(place) ? '10' : '6'),
        type: 'unit',
        language,
        license: 'CC-BY-NC-SA-4.0',
        publisher: 'TESSA',
        keywords: ['teacher education'],
      };
    }
  }
}

function* leaves(node: ChefNode, above: ChefNode[]): Generator<{ node: ChefNode; above: ChefNode[] }> {
  const children = node.children ?? [];
  if (children.length === 0) yield { node, above };
  for (const child of children) yield* leaves(child, [...above, node]);
}
