import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Grade } from '../../../server/lib/grade.ts';

/** A real record of somebody else's catalog, in the words of the portal. What its source doesn't say is null or empty. */
export interface RealRecord {
  /** Unique over all sources: `khan-exercise:slope-intercept`. */
  key: string;
  title: string;
  summary: string;
  /** Markdown. */
  description: string;
  url: string | null;
  /** Text that is in no file. */
  fullText: string;
  /** A document with its text, page by page. */
  document: { name: string; kind: 'pdf' | 'docx'; pages: string[] } | null;
  subjects: string[];
  grades: Grade[];
  type: string;
  language: string;
  license: string;
  authors: string;
  publisher: string;
  keywords: string[];
  /** Codes that its authors claim. */
  codes: string[];
}

/** A number from a text, evenly spread in [0, 1), the same each time. */
export function chance(...parts: (string | number)[]): number {
  return createHash('md5').update(parts.join('\u0000')).digest().readUInt32BE() / 2 ** 32;
}

/** One of a list, the same each time for a key. @throws RangeError for an empty list */
export function pick<T>(list: readonly T[], ...key: (string | number)[]): T {
  const found = list[Math.floor(chance(...key) * list.length)];
  if (found === undefined) throw new RangeError('Nothing to pick from');
  return found;
}

/** The JSON of a file, plain or in gzip. */
export async function readJson<T>(path: string): Promise<T> {
  const content = await readFile(path);
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(content) : content).toString()) as T;
}

/** The objects of an NDJSON file in gzip, one at a time. */
export async function* readLines<T>(path: string): AsyncGenerator<T> {
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) if (line !== '') yield JSON.parse(line) as T;
}

/** Text cut into pages of about `size` characters between paragraphs or words, at most 400 pages. */
export function pagesOf(text: string, size = 2500): string[] {
  const pages: string[] = [];
  let rest = text.trim();
  while (rest.length > size && pages.length < 399) {
    const at = Math.max(rest.lastIndexOf('\n\n', size), size / 2);
    const end = at > size / 2 ? at : Math.max(rest.lastIndexOf(' ', size), size / 2);
    pages.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  if (rest !== '') pages.push(rest.slice(0, size * 4));
  return pages.map((page) => page.toWellFormed());
}

/** At most `length` characters, cut after a word. */
export function shorten(text: string, length: number): string {
  const plain = clean(text);
  if (plain.length <= length) return plain;
  return `${plain.slice(0, plain.lastIndexOf(' ', length - 1) + 1 || length - 1).trim()}…`.toWellFormed();
}

/** Without control characters (PostgreSQL takes no NUL) and with single spaces. */
export const clean = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toWellFormed();

/** Markup of XML taken away; blocks end their paragraph. */
export const xmlText = (xml: string): string =>
  xml
    .replaceAll(/<\/(?:para|item|title|note|list|section|problem|solution|caption|entry)>/g, '\n\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\n[ \n]*\n/g, '\n\n')
    .trim();

export const blank: RealRecord = {
  key: '',
  title: '',
  summary: '',
  description: '',
  url: null,
  fullText: '',
  document: null,
  subjects: [],
  grades: [],
  type: 'lesson',
  language: 'en',
  license: 'unknown',
  authors: '',
  publisher: '',
  keywords: [],
  codes: [],
};
