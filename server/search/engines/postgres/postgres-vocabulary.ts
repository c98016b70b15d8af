import type { PoolClient } from 'pg';
import { foldText } from '../../reading/query-tokens.ts';
import type { SearchDocument } from '../../search-port.ts';
import { soundKeys } from '../../spelling/sound-keys.ts';

/** After so many resources a word is common enough; counting on would only cost. */
const COMMON = 200;

export interface WordRow {
  open: boolean;
  docs: number;
}

/** Words of resources that the whole state may see; what only some may see teaches nobody a word. */
export function countWords(found: Map<string, WordRow>, document: SearchDocument): void {
  const isPublic = document.audience.includes('public');
  if (!isPublic && !document.audience.includes('state')) return;
  const open = isPublic ? vocabulary(openTexts(document)) : new Set<string>();
  const staff = vocabulary([
    ...(isPublic ? [] : openTexts(document)),
    ...document.staffPages.map(({ text }) => text),
  ]);
  for (const word of open) count(found, word, true);
  for (const word of staff) if (!open.has(word)) count(found, word, false);
}

const openTexts = (document: SearchDocument): string[] => [
  document.title,
  document.summary,
  ...document.keywords,
  ...document.terms,
  ...document.statements,
  ...document.pages.map(({ text }) => text),
];

function count(found: Map<string, WordRow>, word: string, open: boolean): void {
  const row = found.get(word);
  if (row) {
    row.docs += 1;
    row.open ||= open;
  } else found.set(word, { open, docs: 1 });
}

const VOCABULARY_WORD = /(?<!\p{L})\p{L}{3,30}(?!\p{L})/gu;

function vocabulary(texts: string[]): Set<string> {
  const words = new Set<string>();
  for (const text of texts)
    for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(VOCABULARY_WORD)) words.add(word);
  return words;
}

/**
 * Writes words that were counted, but for those of which `common` says that nothing would change; tell it afterwards, when
 * the transaction is through.
 */
export async function writeWords(
  client: PoolClient,
  words: ReadonlyMap<string, WordRow>,
  epoch: number,
  common: CommonWords,
): Promise<void> {
  const entries = [...words].filter(([word, row]) => !common.has(word, row, epoch));
  if (entries.length === 0) return;
  await client.query(
    `INSERT INTO search_word AS w (word, open, docs, epoch, sounds)
     SELECT plain(g.word), bool_or(g.open), sum(g.docs), $4, string_to_array(min(g.sounds), ' ')
     FROM unnest($1::text[], $2::boolean[], $3::integer[], $5::text[]) g (word, open, docs, sounds)
     GROUP BY 1 ORDER BY 1
     ON CONFLICT (word) DO UPDATE SET
       open = excluded.open OR (w.open AND w.epoch = excluded.epoch),
       docs = CASE WHEN w.epoch = excluded.epoch THEN w.docs + excluded.docs ELSE excluded.docs END,
       epoch = excluded.epoch, sounds = excluded.sounds
     WHERE w.docs < ${COMMON} OR w.epoch <> excluded.epoch OR (excluded.open AND NOT w.open)`,
    [
      entries.map(([word]) => word),
      entries.map(([, row]) => row.open),
      entries.map(([, row]) => row.docs),
      epoch,
      entries.map(([word]) => soundKeys(foldText(word)).join(' ')),
    ],
  );
}

/** More words than this aren't remembered. */
const REMEMBERED = 200_000;

/** Words that were written so often since the index was last built anew that counting them on says nothing new. */
export class CommonWords {
  readonly #written = new Map<string, WordRow>();
  #epoch = -1;

  has(word: string, { open }: WordRow, epoch: number): boolean {
    const row = epoch === this.#epoch ? this.#written.get(word) : undefined;
    return row !== undefined && row.docs >= COMMON && (row.open || !open);
  }

  wrote(words: ReadonlyMap<string, WordRow>, epoch: number): void {
    if (epoch !== this.#epoch || this.#written.size > REMEMBERED) this.#written.clear();
    this.#epoch = epoch;
    for (const [word, { docs, open }] of words) {
      const row = this.#written.get(word);
      if (!row) this.#written.set(word, { docs, open });
      else {
        row.docs += docs;
        row.open ||= open;
      }
    }
  }
}
