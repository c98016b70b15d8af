import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gradesBetween, type Grade } from '../../../server/lib/grade.ts';
import {
  blank,
  clean,
  pagesOf,
  pick,
  readJson,
  readLines,
  shorten,
  xmlText,
  type RealRecord,
} from './record.ts';

/** Sources whose records are lessons with their text. Each takes the folder of the real resource records. */

/** Bootstrap lessons, whole, with the standards that their authors align them to. */
export async function* bootstrapLessons(folder: string): AsyncGenerator<RealRecord> {
  const codes = await bootstrapCodes(join(folder, 'bootstrap-alignments'));
  for await (const { path, asciidoc } of readLines<{ path: string; asciidoc: string }>(
    join(folder, 'bootstrap-lessons.ndjson.gz'),
  )) {
    const name = path.split('/').at(-4) ?? path;
    const text = asciidoc
      .replaceAll(/^\+\+\+\+$[\s\S]*?^\+\+\+\+$/gm, '')
      .replaceAll(/@[\w-]+\{([^{}]*)\}/g, '$1');
    const inside = (command: string) => [...asciidoc.matchAll(new RegExp(`@${command}\\{([^{}]+)\\}`, 'g'))];
    const subjects = ['computer-science', ...(codes.has(name) ? ['mathematics'] : [])];
    yield {
      ...blank,
      key: `bootstrap:${path}`,
      title: clean(/^= (.+)$/m.exec(asciidoc)?.[1] ?? name),
      summary: shorten(inside('description')[0]?.[1] ?? '', 500),
      description: inside('objective')
        .slice(0, 12)
        .map((match) => `- ${clean(match[1] ?? '')}`)
        .join('\n'),
      document: { name: `${name}.docx`, kind: 'docx', pages: pagesOf(text) },
      subjects,
      grades: gradesBetween('6', pick(['8', '9', '12'], path)),
      license: 'CC-BY-NC-SA-4.0',
      publisher: 'Bootstrap',
      keywords: (inside('keywords')[0]?.[1] ?? '').split(',').map(clean).filter(Boolean).slice(0, 12),
      codes: codes.get(name) ?? [],
    };
  }
}

/** The codes of each lesson by its folder. */
async function bootstrapCodes(folder: string): Promise<Map<string, string[]>> {
  const codes = new Map<string, string[]>();
  for (const file of readdirSync(folder).filter((name) => /^standards-(cc-math|ngss)-/.test(name)))
    for (const [code, { lessons }] of Object.entries(
      await readJson<Record<string, { lessons: string[] }>>(join(folder, file)),
    ))
      for (const lesson of lessons) codes.set(lesson, [...(codes.get(lesson) ?? []), code]);
  return codes;
}

/** OpenStax high-school physics, each module whole. */
export async function* openStaxPhysics(folder: string): AsyncGenerator<RealRecord> {
  for await (const { path, cnxml } of readLines<{ path: string; cnxml: string }>(
    join(folder, 'openstax-hs-physics.ndjson.gz'),
  )) {
    const module = path.split('/')[1] ?? path;
    const title = clean(/<title>([^<]+)<\/title>/.exec(cnxml)?.[1] ?? module);
    const text = xmlText(/<content>([\s\S]*)<\/content>/.exec(cnxml)?.[1] ?? '');
    const objectives = xmlText(/class="learning-objectives">([\s\S]*?)<\/list>/.exec(cnxml)?.[1] ?? '');
    yield {
      ...blank,
      key: `openstax:${path}`,
      title,
      summary: shorten(objectives.replace(/^Section Learning Objectives/, ''), 500),
      url: `https://openstax.org/books/physics/pages/${module}`,
      document: { name: `${module}.pdf`, kind: 'pdf', pages: pagesOf(text) },
      subjects: ['science'],
      grades: gradesBetween('9', '12'),
      type: 'text',
      license: 'CC-BY-4.0',
      publisher: 'OpenStax',
      keywords: [
        'physics',
        ...[...cnxml.matchAll(/<term[^>]*>([^<]{3,40})</g)].map((match) => clean(match[1] ?? '')),
      ],
    };
  }
}

/** Children's stories in many African languages; the same number is the same story. */
export async function* africanStories(folder: string): AsyncGenerator<RealRecord> {
  for await (const { path, markdown } of readLines<{ path: string; markdown: string }>(
    join(folder, 'african-storybook.ndjson.gz'),
  )) {
    const [language = 'en', name = path] = path.split('/');
    const parts = markdown.split(/^##\s*$/m).map((part) => part.trim());
    const pages = parts.filter(
      (part) => part !== '' && !part.startsWith('# ') && !part.startsWith('* License'),
    );
    const said = (label: string) => clean(new RegExp(`^\\* ${label}: (.+)$`, 'm').exec(markdown)?.[1] ?? '');
    const grade: Grade = pick(['PK', 'K', '1', '2', '3'], name.slice(0, 4));
    yield {
      ...blank,
      key: `african-storybook:${path}`,
      title: clean(/^# (.+)$/m.exec(markdown)?.[1] ?? name),
      summary: shorten(pages.slice(0, 2).join(' '), 200),
      url: `https://www.africanstorybook.org/reader.php?id=${name.slice(0, 4)}&l=${language}`,
      document: {
        name: name.replace(/\.md$/, '.pdf'),
        kind: 'pdf',
        pages: pages.map((page) => page.toWellFormed()),
      },
      subjects: ['english-language-arts', ...(language === 'en' ? [] : ['world-languages'])],
      grades: [grade],
      type: 'text',
      language: /^[a-z]{2,3}$/.test(language) ? language : 'en',
      license: said('License').includes('NC') ? 'CC-BY-NC-4.0' : 'CC-BY-4.0',
      authors: said('Text'),
      publisher: 'African Storybook',
      keywords: ['story', 'reading'],
    };
  }
}

/** CS Unplugged lessons, glossary and printouts, in English, German, Māori. */
export async function* csUnplugged(folder: string): AsyncGenerator<RealRecord> {
  for await (const { path, text } of readLines<{ path: string; text: string }>(
    join(folder, 'cs-unplugged.ndjson.gz'),
  )) {
    if (!path.endsWith('.md')) continue;
    const parts = path.split('/');
    const words = text.replaceAll(/\{[^{}]*\}/g, ' ').replace(/^# .+$/m, '');
    const junior = path.includes('junior');
    yield {
      ...blank,
      key: `cs-unplugged:${path}`,
      title: clean(
        /^# (.+)$/m.exec(text)?.[1] ?? parts.at(-1)?.replace('.md', '').replaceAll('-', ' ') ?? path,
      ),
      summary: shorten(words.replaceAll(/[#*_>-]+/g, ' '), 300),
      url: `https://www.csunplugged.org/${parts[3]}/${parts.slice(4).join('/').replace('.md', '')}/`,
      document:
        words.length > 800
          ? {
              name: parts.at(-1)?.replace('.md', '.docx') ?? 'lesson.docx',
              kind: 'docx',
              pages: pagesOf(words),
            }
          : null,
      description: words.length > 800 ? '' : words.trim().toWellFormed(),
      subjects: ['computer-science'],
      grades: junior ? gradesBetween('K', '4') : gradesBetween('4', '8'),
      type: path.includes('/resources/') ? 'worksheet' : path.includes('glossary') ? 'reference' : 'activity',
      language: parts[3] ?? 'en',
      license: 'CC-BY-SA-4.0',
      publisher: 'CS Unplugged',
      keywords: parts.slice(4, 6).map((part) => part.replace('.md', '').replaceAll('-', ' ')),
    };
  }
}
