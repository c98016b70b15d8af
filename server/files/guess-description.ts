import { extractDocument } from './extract/extract-document.ts';
import { isFileKind } from './file-kinds.ts';

export type GuessedDescription = {
  title: string;
  summary: string;
  /** The title that the document has among its properties; '' where that is none that anybody gave. */
  ownTitle: string;
};

/** How long a teacher may wait for a guess, and how much is read for it. */
const wallMs = 4000;
const text = { maxPages: 2, maxCharacters: 20_000 };

/**
 * A title and a summary to begin with, from what is in a stored document: its own title, else its first line, else
 * the file's name; and its first whole sentences. A guess to be changed: it never fails, and is empty where there is
 * nothing to go by.
 */
export async function guessDescription(
  path: string,
  kind: string,
  name: string,
): Promise<GuessedDescription> {
  const fromName = titleFromName(name);
  const nothing = { title: fromName, summary: '', ownTitle: '' };
  if (!isFileKind(kind)) return nothing;
  const result = await extractDocument(path, kind, { limits: { wallMs }, text });
  if (!result.ok) return nothing;
  const lines = result.pages.flatMap((page) => page.text.split('\n')).map(tidy);
  const own = tidy(result.hints.title ?? '');
  const title = [own, ...lines.slice(0, 4)].find(looksLikeTitle) ?? fromName;
  return { title, summary: summaryOf(lines, title), ownTitle: looksLikeTitle(own) ? own : '' };
}

/** `Unit5-More_About-Forces (1).docx` reads "Unit5 More About Forces". */
export function titleFromName(name: string): string {
  const words = tidy(
    name
      .replace(/\.[a-z0-9]{1,10}$/i, '')
      .replace(/[_\-+.]+/g, ' ')
      .replace(/\(\d+\)\s*$/, ''),
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const tidy = (line: string): string => line.replace(/\s+/g, ' ').trim();

/** What word processors put into a title that nobody gave, and lines that are forms to fill in. */
const noTitle =
  /^(untitled|document ?\d*|microsoft word|powerpoint presentation|presentation ?\d*|slide \d+|name\b|nombre\b|date\b|page \d+)|_{3,}|\.(docx?|pptx?|pdf|indd|tex)$/i;

const looksLikeTitle = (line: string): boolean =>
  line.length >= 4 && line.length <= 110 && /\p{L}{3}/u.test(line) && !noTitle.test(line);

function summaryOf(lines: string[], title: string): string {
  const prose = lines.find(
    (line) => line !== title && line.length >= 60 && /\p{Ll}[^.?!]*[.?!]/u.test(line) && !noTitle.test(line),
  );
  if (!prose) return '';
  const sentences = prose.match(/[^.?!]+[.?!]+(\s|$)/gu) ?? [prose];
  let summary = '';
  for (const sentence of sentences) {
    if (summary !== '' && summary.length + sentence.length > 280) break;
    summary += sentence;
  }
  return summary.trim().slice(0, 400);
}
