import { foldText } from '../reading/query-tokens.ts';
import type { SearchDocument } from '../search-port.ts';
import { qualityParts } from './quality.ts';
import type { AttributeName } from './ranking-rules.ts';

/** The places whose words are kept for ranking; of a long text nobody asks where in it they stand. */
export type FieldName = Exclude<AttributeName, 'text'>;

/** What ranking must know of a record, kept in `search_document.fields`. */
export interface RankFields {
  /** Folded words, joined by a blank; a place without words is left out. */
  words: Partial<Record<FieldName, string>>;
  language: string;
  kind: string | null;
  grades: string[];
  levels: string[];
  subjects: string[];
  /** What its quality is made of. */
  worth: ReturnType<typeof qualityParts>;
}

/** Of a place so many words are kept, from its beginning. */
const MOST_WORDS = 60;

export function rankFields(document: SearchDocument): RankFields {
  const texts: Record<FieldName, string> = {
    title: document.title,
    keywords: document.keywords.join(' '),
    terms: document.terms.join(' '),
    codes: document.codes.slice(0, 12).join(' '),
    summary: document.summary,
    statements: document.statements.slice(0, 3).join(' '),
    authors: document.authors,
    organizations: document.organizations.join(' '),
  };
  const words = Object.entries(texts).flatMap(([name, text]) => {
    const folded = foldedList(text).slice(0, MOST_WORDS).join(' ');
    return folded === '' ? [] : [[name, folded]];
  });
  return {
    words: Object.fromEntries(words) as RankFields['words'],
    language: document.values.language[0] ?? '',
    kind: document.values.type[0] ?? null,
    grades: document.values.grade,
    levels: document.values.level,
    subjects: document.values.subject,
    worth: qualityParts(document),
  };
}

/** The words of a text as ranking compares them: lower case, without accents, split at everything but letters and digits. */
export const foldedList = (text: string): string[] => foldText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
