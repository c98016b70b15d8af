import type { Pool } from 'pg';
import { readVocabularies, type Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import { readFacetNames, type FacetNames } from './facet-name-queries.ts';
import { phraseVocabulary } from './reading/phrase-vocabulary.ts';
import type { Reader } from './reading/read-filters.ts';
import { wordTables } from './reading/word-table.ts';

/** What every search needs and hardly ever changes; kept in memory, and read anew when its stamp has grown. */
export interface SearchLists {
  vocabularies: Vocabularies;
  reader: Reader;
  names: FacetNames;
}

/** The lists of a state that `list_stamp` says (the query for words has asked): read only when it has changed. */
export async function searchLists(
  pool: Pool,
  stamps: Readonly<Record<string, string>>,
): Promise<SearchLists> {
  const [vocabularies, names] = await Promise.all([
    keptVocabularies(pool, stamps['vocabularies'] ?? ''),
    keptNames(pool, stamps['names'] ?? ''),
  ]);
  return { ...vocabularies, names };
}

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
  const vocabularies = await readVocabularies(pool);
  return {
    vocabularies,
    reader: { phrases: phraseVocabulary(vocabularies, wordTables), tables: wordTables },
  };
});
const keptNames = kept(readFacetNames);
