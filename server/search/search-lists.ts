import type { Pool } from 'pg';
import { readVocabularies, type Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import { phraseVocabulary } from './reading/phrase-vocabulary.ts';
import type { Reader } from './reading/read-filters.ts';
import { wordTables } from './reading/word-table.ts';

/** What every search needs and hardly ever changes; kept in memory, and read anew when its stamp has grown. */
export interface SearchLists {
  vocabularies: Vocabularies;
  reader: Reader;
}

interface Kept {
  stamp: string;
  lists: Promise<SearchLists>;
}

const kept = new WeakMap<Pool, Kept>();

/** The lists as they are now: one small question for their stamp, and nothing else unless they have changed. */
export async function searchLists(pool: Pool): Promise<SearchLists> {
  const { rows } = await pool.query<{ stamp: string }>(
    `SELECT stamp::text FROM list_stamp WHERE name = 'vocabularies'`,
  );
  const stamp = rows[0]?.stamp ?? '';
  const known = kept.get(pool);
  if (known?.stamp === stamp) return known.lists;
  const lists = readLists(pool);
  kept.set(pool, { stamp, lists });
  lists.catch(() => kept.delete(pool));
  return lists;
}

async function readLists(pool: Pool): Promise<SearchLists> {
  const vocabularies = await readVocabularies(pool);
  return {
    vocabularies,
    reader: { phrases: phraseVocabulary(vocabularies, wordTables), tables: wordTables },
  };
}
