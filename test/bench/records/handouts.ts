import { africanStories, bootstrapLessons, csUnplugged, openStaxPhysics } from './lesson-sources.ts';
import { chance, clean, type RealRecord } from './record.ts';

/**
 * Most catalogs say what a thing is about and keep its text elsewhere. A handout stands in for that text: one to four
 * pages of about 150 words, each a stretch of the same real lesson, of those that did come with their text. Hardly two
 * are alike, and words are as common in them, and stand together, as they do in lessons.
 */
export interface Handouts {
  /** The record with a handout where it has no document of its own. */
  addTo(record: RealRecord): RealRecord;
}

const WORDS_A_PAGE = 150;

/** Reads the paragraphs of the lessons once; about 8 MB. */
export async function readHandouts(folder: string): Promise<Handouts> {
  const paragraphs = await lessonParagraphs(folder);
  return {
    addTo: (record) =>
      record.document
        ? record
        : {
            ...record,
            document: { name: nameOf(record), kind: 'pdf', pages: pagesFor(record.key, paragraphs) },
          },
  };
}

interface Paragraph {
  text: string;
  words: number;
}

/** Lesson after lesson, so that neighbors belong together. */
async function lessonParagraphs(folder: string): Promise<Paragraph[]> {
  const seen = new Set<string>();
  const paragraphs: Paragraph[] = [];
  for (const source of [bootstrapLessons, openStaxPhysics, csUnplugged, africanStories])
    for await (const { document, language } of source(folder)) {
      if (language !== 'en') continue;
      for (const text of (document?.pages ?? []).flatMap((page) => page.split(/\n\s*\n/)).map(clean)) {
        const words = text.split(' ').length;
        if (words < 8 || words > 120 || seen.has(text)) continue;
        seen.add(text);
        paragraphs.push({ text, words });
      }
    }
  return paragraphs;
}

/** How far apart, in paragraphs, the pages of a handout may begin. */
const NEARBY = 60;

function pagesFor(key: string, paragraphs: readonly Paragraph[]): string[] {
  const home = chance(key, 'lesson') * paragraphs.length;
  return Array.from({ length: 1 + Math.floor(chance(key, 'pages') * 4) }, (_, page) => {
    const texts: string[] = [];
    let at = Math.floor(home + chance(key, page) * NEARBY);
    for (let words = 0; words < WORDS_A_PAGE; at += 1) {
      const found = paragraphs[at % paragraphs.length];
      if (!found) break;
      texts.push(found.text);
      words += found.words;
    }
    return texts.join('\n\n');
  });
}

const nameOf = ({ title, key }: RealRecord): string =>
  `${
    (title || key)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60) || 'handout'
  }.pdf`;
