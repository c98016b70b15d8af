import { queryLanguage } from './reading/query-language.ts';
import { readWords } from './query-words.ts';
import { foldedList } from './ranking/rank-fields.ts';
import { OVERVIEW_WORDS } from './ranking/ranking-rules.ts';
import { tellingWords } from './reading/telling-words.ts';
import { wordTables } from './reading/word-table.ts';
import type { SearchRequest } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';
import type { RankWishes } from './search-service.ts';
import type { UnderstoodSearch } from './search-understanding.ts';
import { expandWords } from './synonyms/synonym-expansion.ts';

/** The words of a search, and what may stand in their place. */
export const wordsOf = ({ q, synonyms }: UnderstoodSearch): Pick<SearchRequest, 'q' | 'synonyms'> => ({
  q,
  synonyms: expandWords(readWords(q).words, synonyms),
});

/** What decides about the order beside the words: the language of the query, and whether it asks for what begins a subject. */
export function wishesOf(
  params: SearchParams,
  understood: UnderstoodSearch,
  request: Pick<SearchRequest, 'q'>,
): RankWishes {
  const standards = [...understood.codes, ...understood.standards].flatMap((one) => one.standards);
  return {
    language: params.filters.language[0] ?? queryLanguage(params.q) ?? 'en',
    overview: foldedList(params.q).some((word) => OVERVIEW_WORDS.has(word)),
    ...(request.q === ''
      ? { about: tellingWords(standards.map(({ statement }) => statement).join(' '), wordTables) }
      : {}),
  };
}
