import { createHash } from 'node:crypto';
import { foldedList } from '../../ranking/rank-fields.ts';
import { indexable } from '../../query-words.ts';
import { FACETS, pairKey, setKey, type SearchDocument } from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';

/** A resource as it lies in the index. Always whole: writing it again replaces it. */
export type MeiliDocument = Record<FacetName, string[]> & {
  id: string;
  audience: string[];
  title: string;
  keywords: string[];
  terms: string[];
  codes: string[];
  summary: string;
  statements: string[];
  authors: string;
  organizations: string[];
  /** Other numbers of the words above: Meilisearch has no stems. */
  forms: string;
  text: string;
  staff_text: string;
  /** `standard|level` for the standard and all above. */
  pair: string[];
  /** `standard|level+level`, once for each of those standards: counts of standards under chosen levels. */
  set: string[];
  title_sort: string;
  checked_rank: number;
  quality: number;
  used: number;
  published: number;
  /** Left out where the time isn't known: such resources come last. */
  minutes_sort?: number;
  /** Of all the rest: whether what lies in the index is what would be written now. */
  sum: string;
};

/** The document of a resource, with its sum. */
export function meiliDocument(document: SearchDocument): MeiliDocument {
  const content = contentOf(document);
  return { ...content, sum: sumOf(content) };
}

/** Lists have no order that matters, and `forms` follows from the others. */
function sumOf(content: Omit<MeiliDocument, 'sum'>): string {
  const parts = Object.entries(content)
    .filter(([name]) => name !== 'forms')
    .map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

/** Positions in a text end at 65,535, so separators are thinned to one space. */
function contentOf(document: SearchDocument): Omit<MeiliDocument, 'sum'> {
  const withLevels = document.standardLevels.filter(({ levels }) => levels.length > 0);
  const facets = Object.fromEntries(FACETS.map((facet) => [facet, document.values[facet]])) as Record<
    FacetName,
    string[]
  >;
  return {
    ...facets,
    id: document.id,
    audience: document.audience,
    title: document.title,
    keywords: document.keywords,
    terms: document.terms,
    codes: document.codes,
    summary: document.summary,
    statements: document.statements,
    authors: document.authors,
    organizations: document.organizations,
    forms: otherNumbers([document.title, ...document.keywords, ...document.terms, document.summary]),
    text: textOf(document.pages),
    staff_text: textOf(document.staffPages),
    pair: withLevels.flatMap(({ standard, levels }) => levels.map((level) => pairKey(standard, level))),
    set: withLevels.map(({ standard, levels }) => setKey(standard, levels)),
    title_sort: sortable(document.title),
    checked_rank: document.checked ? 1 : 0,
    quality: document.quality,
    used: document.used,
    published: document.publishedAt.getTime(),
    ...(document.minutes === null ? {} : { minutes_sort: document.minutes }),
  };
}

/** `story` for `stories` and the other way, for words too short or endings too long to be forgiven as a slip. */
function otherNumbers(texts: readonly string[]): string {
  const words = new Set(texts.flatMap(foldedList));
  const others = [...words].flatMap((word) => {
    if (!/^[a-z]{3,}$/.test(word)) return [];
    if (word.endsWith('ies')) return [`${word.slice(0, -3)}y`];
    if (word.endsWith('y')) return [`${word.slice(0, -1)}ies`];
    if (word.length > 5) return [];
    if (/(?:s|x|z|ch|sh)es$/.test(word)) return [word.slice(0, -2)];
    if (word.endsWith('s')) return word.endsWith('ss') ? [`${word}es`] : [word.slice(0, -1)];
    return [/(?:x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`];
  });
  return [...new Set(others)].filter((word) => !words.has(word)).join(' ');
}

const textOf = (pages: readonly { text: string }[]): string =>
  indexable(pages.map(({ text }) => text).join('\n'))
    .replaceAll(/\s+/g, ' ')
    .trim();

/** As `plain()` in PostgreSQL: without accents and capitals. */
const sortable = (title: string): string => title.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
