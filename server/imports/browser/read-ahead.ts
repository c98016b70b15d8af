import type { Pool } from 'pg';
import type { Deps } from '../../deps.ts';
import { cleanFileName } from '../../lib/file-name.ts';
import { GRADES } from '../../lib/grade.ts';
import { nearCodes } from '../../search/near-codes.ts';
import type { Visibility } from '../../resources/resource-policy.ts';
import type { Batch } from '../apply-batch.ts';
import type { ImportWords } from '../import-words.ts';
import { mappingMapper, type Mapping } from '../mapping.ts';
import { nativeMapper } from '../native-columns.ts';
import type { NativeField, NativeRow } from '../native-row.ts';
import { prepareBatch } from '../prepare-batch.ts';
import { fileBringer } from '../row-files.ts';
import type { Row } from '../row-reader.ts';
import type { RowFiles } from '../resolve-row.ts';
import { SeenIds } from '../seen-ids.ts';
import type { WordChoice } from './mapping-form.ts';

type ReadDeps = Pick<Deps, 'pool' | 'files' | 'config'>;

/** Fields whose words are the state's: one of a file's own may be said to be one of them. */
const WORD_FIELDS = [
  'type',
  'subjects',
  'license',
  'grades',
  'levels',
  'topics',
  'setting',
  'school',
  'standards',
] as const satisfies readonly NativeField[];

export const isWordField = (field: string): field is (typeof WORD_FIELDS)[number] =>
  (WORD_FIELDS as readonly string[]).includes(field);

/** Reads rows as a run would, without looking at the shelf and without writing anything. */
export async function readAhead(
  deps: ReadDeps,
  rows: readonly Row[],
  {
    fields,
    districtId,
    widest,
    words,
    packed,
    strict = false,
  }: {
    /** Null: the native names. */
    fields: Mapping['fields'] | null;
    districtId: string;
    widest: Visibility;
    words: ImportWords;
    packed: boolean;
    strict?: boolean;
  },
): Promise<Batch> {
  return prepareBatch(deps.pool, rows, {
    mapRow: fields ? mappingMapper({ fields }) : nativeMapper(null),
    words,
    districtId,
    widest,
    strict,
    // What is in a package is looked at when it is imported: here it is enough that it is named.
    bring: packed
      ? namedFiles
      : fileBringer(deps, { districtId, folder: null, host: null, packed: undefined, dry: true }),
    seen: new SeenIds(),
    codes: new Map(),
  });
}

const namedFiles = async (row: Pick<NativeRow, 'files' | 'educator_files'>): Promise<RowFiles> => ({
  files: [...row.files, ...row.educator_files].map((name) => ({
    sha256: `sent:${name}`,
    name: cleanFileName(name),
  })),
  educatorFiles: row.educator_files.map((name) => cleanFileName(name)),
  gaps: [],
  complete: true,
});

/** A word of the file with what it may mean here. */
export type AskedWord = WordChoice & {
  /** Whether somebody has said what it means. */
  decided: boolean;
  rows: number;
  near: string[];
  all: readonly string[];
};

/** Words of rows that nobody knows here, most frequent first; at most `limit`. */
export function unknownWords(
  batch: Batch,
  limit: number,
): { field: NativeField; word: string; rows: number }[] {
  const counts = new Map<string, { field: NativeField; word: string; rows: number }>();
  for (const { field, reason, value } of batch.ready.flatMap(({ gaps }) => gaps)) {
    if (reason !== 'unknown' || !isWordField(field)) continue;
    const key = `${field} ${value}`;
    const one = counts.get(key) ?? { field, word: value, rows: 0 };
    one.rows += 1;
    counts.set(key, one);
  }
  return [...counts.values()].toSorted((a, b) => b.rows - a.rows).slice(0, limit);
}

/** Adds to words what they may mean: near ones, and all that the state has. */
export async function withChoices(
  pool: Pool,
  words: ImportWords,
  asked: readonly (Omit<AskedWord, 'near' | 'all'> & { near?: string[] })[],
): Promise<AskedWord[]> {
  const all: AskedWord[] = [];
  for (const word of asked) {
    const known = choicesOf(words, word.field);
    const near =
      word.near ??
      (word.field === 'standards'
        ? (await nearCodes(pool, word.word)).slice(0, 4).map(({ code }) => code)
        : words.near(word.field, word.word));
    all.push({ ...word, near: near.filter((one) => one !== ''), all: known });
  }
  return all;
}

const choicesOf = (words: ImportWords, field: NativeField): readonly string[] =>
  field === 'grades' ? GRADES : words.labels(field);
