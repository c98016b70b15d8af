import type { Pool } from 'pg';
import { prepared } from '../platform/database/prepared.ts';
import {
  readFormerTerms,
  readVocabularies,
  type FormerTerms,
  type Vocabularies,
} from '../vocabularies/vocabulary-queries.ts';
import { readFacetNames, type FacetNames } from './facet-name-queries.ts';
import { phraseVocabulary } from './reading/phrase-vocabulary.ts';
import type { Reader } from './reading/read-filters.ts';
import { wordTables } from './reading/word-table.ts';
import { synonymIndex, synonymWords, type SynonymIndex } from './synonyms/synonym-expansion.ts';
import { readSynonyms } from './synonyms/synonym-queries.ts';

/** What every search needs and hardly ever changes; kept in memory, and read anew when its stamp has grown. */
export interface SearchLists {
  vocabularies: Vocabularies;
  /** Slugs and words that values had before. */
  former: FormerTerms;
  reader: Reader;
  names: FacetNames;
  synonyms: SynonymIndex;
  /** Folded; spelled as they should be, whoever has written them. */
  synonymWords: ReadonlySet<string>;
}

/** By the name of a list. */
export type ListStamps = Readonly<Record<string, string>>;

/**
 * The lists as they are now: one small question for their stamps, unless somebody has just asked for those, and nothing
 * else unless they have changed.
 */
export async function searchLists(pool: Pool, stamps?: ListStamps): Promise<SearchLists> {
  const now = stamps ?? (await stampsOf(pool));
  const [vocabularies, names, synonyms] = await Promise.all([
    keptVocabularies(pool, now['vocabularies'] ?? ''),
    keptNames(pool, now['names'] ?? ''),
    keptSynonyms(pool, now['synonyms'] ?? ''),
  ]);
  return { ...vocabularies, names, ...synonyms };
}

async function stampsOf(pool: Pool): Promise<ListStamps> {
  const { rows } = await pool.query<{ stamps: ListStamps | null }>(readStamps([]));
  return rows[0]?.stamps ?? {};
}

/** SQL: all stamps, by name. */
export const stampsSql = '(SELECT json_object_agg(name, stamp::text) FROM list_stamp)';
const readStamps = prepared(`SELECT ${stampsSql} AS stamps`);

/** Reads a list once for each stamp. */
function kept<List>(read: (pool: Pool) => Promise<List>): (pool: Pool, stamp: string) => Promise<List> {
  const known = new WeakMap<Pool, { stamp: string; list: Promise<List> }>();
  return (pool, stamp) => {
    const last = known.get(pool);
    if (last?.stamp === stamp) return last.list;
    const list = read(pool);
    known.set(pool, { stamp, list });
    list.catch(() => known.delete(pool));
    return list;
  };
}

const keptVocabularies = kept(async (pool) => {
  const [vocabularies, former] = await Promise.all([readVocabularies(pool), readFormerTerms(pool)]);
  return {
    vocabularies,
    former,
    reader: { phrases: phraseVocabulary(vocabularies, wordTables), tables: wordTables },
  };
});
const keptNames = kept(readFacetNames);
const keptSynonyms = kept(async (pool) => {
  const synonyms = synonymIndex(await readSynonyms(pool));
  return { synonyms, synonymWords: synonymWords(synonyms) };
});
