import type { Pool } from 'pg';
import { asUuid } from '../lib/uuid5.ts';
import { findStandardsInText, resolveCodes, type CodeMatch } from '../standards/code-queries.ts';
import { standardTab } from '../standards/standard-row.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import type { Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import { presentFilters } from './present-filters.ts';
import type { FacetNames } from './facet-name-queries.ts';
import { nearCodes } from './near-codes.ts';
import { operatorStretches } from './query-words.ts';
import { isFileWord, withoutFileWords } from './reading/file-words.ts';
import { queryTokens, type Stretch } from './reading/query-tokens.ts';
import { readFilters, type Reader, type Reading } from './reading/read-filters.ts';
import { tellingWords } from './reading/telling-words.ts';
import { wordTables } from './reading/word-table.ts';
import { isSynonymWord, type SynonymIndex } from './synonyms/synonym-expansion.ts';
import { mendQuery, spelledWords, type Mended, type SpelledWord } from './spelling/mend-query.ts';
import { lookUpSpelling, type LookedUpWord } from './spelling/spelling-queries.ts';
import { searchLists } from './search-lists.ts';
import { FACETS, type SearchFilters } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';

/** One of several standards that a code means, with the title of its framework. */
export interface OfferedStandard {
  tab: StandardTab;
  framework: string;
}

/** What a search means: its words, its filters with codes resolved, and how that was read. */
export interface UnderstoodSearch {
  /** The words that are left. */
  q: string;
  /** All that was typed, with its spelling mended; places in it are those of `codes` and `readings`. */
  text: string;
  mended: Mended[];
  /** As in the address, `standard` by GUID; with the standards that were read from the words. */
  filters: SearchFilters;
  /** Codes that were found among the words. `rest`: the query without that code; `offered`: what else it may mean. */
  codes: (Stretch & { text: string; rest: string; standards: StandardTab[]; offered: OfferedStandard[] })[];
  /** Filters by standard: the value in the address, and what it means (several, when a code is in several frameworks). */
  standards: { value: string; standards: StandardTab[] }[];
  /** Codes that nobody knows, among the words (`value` null) or in the filter, with near ones. */
  unknown: { text: string; value: string | null; near: StandardTab[] }[];
  /** Values of filters that were read from the words, and are among `filters`. */
  readings: Reading[];
  /** Read as filters these left nothing, so they are among the words. */
  asWords: Reading[];
  /** Words for kinds of files, as typed: nothing is asked of them. */
  files: string[];
  /** Required, these left little: what has them comes first. `count`: how many have all that was asked for. */
  preferred: { readings: Reading[]; codes: string[]; count: number } | null;
  vocabularies: Vocabularies;
  /** Of standards and districts. */
  names: FacetNames;
  synonyms: SynonymIndex;
}

/**
 * Reads codes of standards, in any spelling, from the words and from the `standard` parameter; mends the spelling of words
 * that nobody has written; then reads grades, subjects, kinds, levels, licenses, languages and lengths of time from the
 * rest of the words. `viewer`: only words that they may read are known, and only such are offered.
 */
export async function understand(
  pool: Pool,
  params: SearchParams,
  viewer: { audience: readonly string[]; educator: boolean },
): Promise<UnderstoodSearch> {
  const given = params.filters.standard;
  const readable = !params.literal && params.q !== '';
  const alone = leftAlone(params);
  const spelled = readable ? spelledWords(params.q, alone) : { words: [], unfinished: null };
  const [read, resolved, frameworks, spelling] = await Promise.all([
    readable ? findStandardsInText(pool, params.q, alone) : { codes: [], unknown: [] },
    given.length > 0 ? resolveCodes(pool, given) : new Map<string, CodeMatch[]>(),
    frameworkTabs(pool, given),
    lookUpSpelling(pool, {
      words: spelled.words.map(({ word }) => word),
      unfinished: spelled.unfinished,
      ...viewer,
    }),
  ]);
  const { vocabularies, former, names, synonyms, synonymWords, reader } = await searchLists(
    pool,
    spelling.stamps,
  );
  // A word that curators know is spelled as it should be, though nobody may have written it.
  const words = spelled.words
    .map((word, place) => ({ ...word, looked: spelling.words[place] }))
    .filter(({ word }) => !isSynonymWord(word, synonymWords) && !isFileWord(word, wordTables));
  const {
    q,
    mended,
    codes: found,
    readings,
    rest,
  } = readable
    ? readWords(params, reader, words, read)
    : { q: params.q, mended: [], codes: [], readings: [], rest: params.q };
  const standards = given.map((value) => {
    const framework = frameworks.get(asUuid(value) ?? '');
    return {
      value,
      ...(framework ? { tabs: [framework], guids: [framework.guid] } : preferred(resolved.get(value) ?? [])),
    };
  });
  const codes = found.map(({ text, start, end, found: matches }) => ({
    text,
    start,
    end,
    rest: cut(q, [{ start, end }]),
    ...preferred(matches),
  }));
  const unknown = await Promise.all(
    [
      ...read.unknown.slice(0, 3).map(({ text }) => ({ text, value: null })),
      ...standards.filter(({ tabs }) => tabs.length === 0).map(({ value }) => ({ text: value, value })),
    ].map(async (one) => ({ ...one, near: await nearCodes(pool, one.text) })),
  );
  const files = readable ? withoutFileWords(cut(rest, []), wordTables, params.words) : null;
  return {
    q: files ? tellingWords(files.rest, wordTables, params.words) : cut(rest, []),
    files: files?.taken ?? [],
    text: q,
    mended,
    filters: {
      ...withReadings(presentFilters(params.filters, former), readings),
      standard: [
        ...new Set([
          // A code that nobody knows stays, and nothing is found: better than everything.
          ...standards.flatMap(({ value, guids }) => (guids.length > 0 ? guids : [value])),
          ...codes.flatMap(({ guids }) => guids),
        ]),
      ],
    },
    codes: codes.map(({ text, start, end, rest, tabs, offered: others }) => ({
      text,
      start,
      end,
      rest,
      standards: tabs,
      offered: others,
    })),
    standards: standards.map(({ value, tabs }) => ({ value, standards: tabs })),
    unknown,
    readings,
    asWords: [],
    preferred: null,
    vocabularies,
    names,
    synonyms,
  };
}

type CodesRead = Awaited<ReturnType<typeof findStandardsInText>>;

/** The query with its spelling mended, and what is read from it; the codes have been found already. */
function readWords(
  { q, words: keep }: SearchParams,
  reader: Reader,
  words: readonly (SpelledWord & { looked: LookedUpWord | undefined })[],
  { codes, unknown }: CodesRead,
) {
  const asTyped = readFilters(q, reader, { taken: codes, closed: unknown, keep });
  const read = [...codes, ...unknown, ...asTyped.readings];
  const free = words.filter((word) => !read.some(({ start, end }) => start < word.end && word.start < end));
  const { q: text, mended, moved } = mendQuery(q, free);
  if (mended.length === 0) return { q, mended, codes, ...asTyped };
  const place = <At extends Stretch>(one: At): At => ({
    ...one,
    start: moved(one.start),
    end: moved(one.end),
  });
  const taken = codes.map(place);
  return {
    q: text,
    mended,
    codes: taken,
    ...readFilters(text, reader, { taken, closed: unknown.map(place), keep }),
  };
}

/** What no code is read from: quotes, what follows a minus, and what is to be kept as words. */
function leftAlone({ q, words }: SearchParams): Stretch[] {
  const kept = words.length === 0 ? [] : queryTokens(q, { keep: words }).filter((token) => token.kept);
  return [...operatorStretches(q), ...kept];
}

/** Values that were read join those of the address: any of them. */
function withReadings(filters: SearchFilters, readings: readonly Reading[]): SearchFilters {
  const all = { ...filters };
  for (const { facet, values } of readings) all[facet] = [...new Set([...all[facet], ...values])];
  return all;
}

/** The same search with what was read as filters taken as words; codes stay codes. */
export function withoutReadings(params: SearchParams, understood: UnderstoodSearch): UnderstoodSearch {
  const { filters, readings, codes, text } = understood;
  return {
    ...understood,
    q: tellingWords(withoutFileWords(cut(text, codes), wordTables, params.words).rest, wordTables),
    filters: {
      ...Object.fromEntries(FACETS.map((facet) => [facet, params.filters[facet]])),
      standard: filters.standard,
    } as SearchFilters,
    readings: [],
    asWords: readings,
  };
}

const MOST_MEANT = 8;

/**
 * A code that is in several frameworks: the state's own where it has one, else all of them; what it may mean besides, or
 * of several each by itself, is offered. What was replaced is looked for together with what stands in its place.
 */
function preferred(found: readonly CodeMatch[]): {
  tabs: StandardTab[];
  guids: string[];
  offered: OfferedStandard[];
} {
  const own = found.filter(({ framework, retired }) => framework.own && !retired);
  const chosen = (own.length > 0 ? own : found).slice(0, MOST_MEANT);
  const frameworks = new Set(chosen.map(({ framework }) => framework.guid));
  const others =
    frameworks.size > 1 ? chosen : found.filter(({ framework }) => !frameworks.has(framework.guid));
  return {
    tabs: chosen.map(standardTab),
    guids: [...new Set(chosen.flatMap(({ guid, replacedBy }) => [guid, ...replacedBy]))],
    offered: others
      .slice(0, MOST_MEANT)
      .map((match) => ({ tab: standardTab(match), framework: match.framework.title })),
  };
}

/** Whole frameworks among the values of the filter, by GUID. */
async function frameworkTabs(pool: Pool, values: readonly string[]): Promise<Map<string, StandardTab>> {
  const guids = values.flatMap((value) => asUuid(value) ?? []);
  if (guids.length === 0) return new Map();
  const { rows } = await pool.query<{ guid: string; title: string }>(
    'SELECT guid, title FROM framework WHERE visible AND guid = ANY ($1::uuid[])',
    [guids],
  );
  return new Map(
    rows.map(({ guid, title }) => [
      guid,
      { guid, code: title, url: `/standards/${guid}`, statement: title, retired: false },
    ]),
  );
}

/** The text without some stretches. */
function cut(text: string, stretches: readonly Stretch[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of stretches) {
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  // What stood around the code and means nothing by itself goes too.
  return (rest + text.slice(from))
    .replaceAll(/"\s*"/g, ' ')
    .replaceAll(/(?<!\S)[^\p{L}\p{N}"]+(?!\S)/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
