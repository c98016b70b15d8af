import { setImmediate } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../../platform/database/transaction.ts';
import { indexable } from '../../query-words.ts';
import {
  FACETS,
  pairKey,
  setKey,
  type IndexBatch,
  type PageText,
  type SearchDocument,
} from '../../search-port.ts';
import { rankFields } from '../../ranking/rank-fields.ts';
import { countWords, writeWords, type CommonWords, type WordRow } from './postgres-vocabulary.ts';

/** The text search configuration for a language: stems where we have them. */
const configOf = (language: string): 'shelf_en' | 'shelf_es' | 'shelf_any' => {
  if (/^en\b/i.test(language)) return 'shelf_en';
  return /^es\b/i.test(language) ? 'shelf_es' : 'shelf_any';
};

/** A facet's value, or `pair` or `set` with its key. */
export interface NumberedValue {
  facet: string;
  value: string;
}

/** Numbers of facet values; they never change, so each is asked for once. */
export class ValueNumbers {
  readonly #known = new Map<string, number>();
  readonly #names = new Map<number, NumberedValue>();
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Gives numbers to all that have none yet. Outside the caller's transaction, so that nobody waits for it. */
  async learn(values: Iterable<readonly [facet: string, value: string]>): Promise<void> {
    const missing = new Map<string, readonly [string, string]>();
    for (const pair of values) {
      const key = keyOf(...pair);
      if (!this.#known.has(key)) missing.set(key, pair);
    }
    if (missing.size === 0) return;
    const facets = [...missing.values()].map(([facet]) => facet);
    const texts = [...missing.values()].map(([, value]) => value);
    await this.#pool.query(
      `INSERT INTO search_value (facet, value) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
      [facets, texts],
    );
    await this.#read(facets, texts);
  }

  /** Looks numbers up without giving any: undefined for a value that no resource ever had. */
  async find(
    values: readonly (readonly [facet: string, value: string])[],
  ): Promise<(facet: string, value: string) => number | undefined> {
    const missing = values.filter((pair) => !this.#known.has(keyOf(...pair)));
    if (missing.length > 0)
      await this.#read(
        missing.map(([facet]) => facet),
        missing.map(([, value]) => value),
      );
    return (facet, value) => this.#known.get(keyOf(facet, value));
  }

  async #read(facets: string[], texts: string[]): Promise<void> {
    const { rows } = await this.#pool.query<{ id: number; facet: string; value: string }>(
      `SELECT s.id, s.facet, s.value FROM search_value s JOIN unnest($1::text[], $2::text[]) g (facet, value) USING (facet, value)`,
      [facets, texts],
    );
    for (const row of rows) this.#keep(row);
  }

  /** Of which values these are the numbers; asks with the client of the snapshot in which they were seen. */
  async names(
    client: PoolClient,
    ids: readonly number[],
  ): Promise<(id: number) => NumberedValue | undefined> {
    const missing = ids.filter((id) => !this.#names.has(id));
    if (missing.length > 0) {
      const { rows } = await client.query<NumberedValue & { id: number }>(
        'SELECT id, facet, value FROM search_value WHERE id = ANY ($1::integer[])',
        [missing],
      );
      for (const row of rows) this.#keep(row);
    }
    return (id) => this.#names.get(id);
  }

  #keep({ id, facet, value }: NumberedValue & { id: number }): void {
    this.#known.set(keyOf(facet, value), id);
    this.#names.set(id, { facet, value });
  }

  of(facet: string, value: string): number {
    const id = this.#known.get(keyOf(facet, value));
    if (id === undefined) throw new Error(`No number for ${facet} ${value}`);
    return id;
  }
}

const keyOf = (facet: string, value: string): string => `${facet}=${value}`;

/** After so many documents others get their turn. */
const AT_ONCE = 4;

/** Writes documents and removes others, in one transaction, and notes which entries that brought and took (`search_change`). */
export async function writeBatch(
  pool: Pool,
  numbers: ValueNumbers,
  batch: IndexBatch,
  epoch: number,
  common: CommonWords,
): Promise<void> {
  await numbers.learn(valuesIn(batch.upsert));
  const documents: string[] = [];
  const pages: string[] = [];
  const words = new Map<string, WordRow>();
  for (const [place, document] of batch.upsert.entries()) {
    // Long texts take their time, and the same thread may do jobs that somebody waits for.
    if (place % AT_ONCE === AT_ONCE - 1) await setImmediate();
    documents.push(JSON.stringify(documentRow(document, numbers, epoch)));
    pages.push(...pageRows(document).map((row) => JSON.stringify(row)));
    countWords(words, document);
  }
  await withTransaction(pool, async (client) => {
    await client.query(oneByOne);
    const upserted = batch.upsert.map(({ id }) => id);
    const removed = await client.query<{ numbers: number[] }>(entriesBefore, [
      [...batch.remove, ...upserted],
    ]);
    if (batch.remove.length > 0)
      await client.query('DELETE FROM search_document WHERE resource_id = ANY ($1::uuid[])', [batch.remove]);
    let added: number[] = [];
    if (documents.length > 0) {
      await client.query('DELETE FROM search_page WHERE resource_id = ANY ($1::uuid[])', [upserted]);
      const written = await client.query<{ numbers: number[] }>(writeDocuments, [
        `[${documents.join(',')}]`,
        `[${pages.join(',')}]`,
      ]);
      added = written.rows[0]?.numbers ?? [];
      await writeWords(client, words, epoch, common);
    }
    // Last, for whoever writes meanwhile waits here.
    await client.query(noteChange, [added, removed.rows[0]?.numbers ?? []]);
  });
  common.wrote(words, epoch);
}

/** A process that has lost the right to index may still write its last batch: what it brings must be seen to be noted. */
const oneByOne = `SELECT pg_advisory_xact_lock(hashtext('search_document'))`;

const entriesBefore = `
  SELECT coalesce(array_agg(number), '{}') AS numbers
  FROM (SELECT number FROM search_document WHERE resource_id = ANY ($1::uuid[]) FOR UPDATE) before`;

/** Whoever knows an older state reads all entries anew. */
const CHANGES_KEPT = 1000;

const noteChange = `
  WITH now AS (UPDATE search_engine SET changes = changes + 1 WHERE name = 'postgres' RETURNING changes),
    old AS (DELETE FROM search_change WHERE changes <= (SELECT changes FROM now) - ${CHANGES_KEPT})
  INSERT INTO search_change (changes, added, removed) SELECT changes, $1::integer[], $2::integer[] FROM now`;

export function* valuesIn(documents: readonly SearchDocument[]): Iterable<readonly [string, string]> {
  for (const { values, standardLevels } of documents) {
    for (const facet of FACETS) for (const value of values[facet]) yield [facet, value];
    for (const { standard, levels } of standardLevels) {
      if (levels.length > 0) yield ['set', setKey(standard, levels)];
      for (const level of levels) yield ['pair', pairKey(standard, level)];
    }
  }
}

const joined = (...texts: (string | string[])[]): string => indexable(texts.flat().join(' \n '));

export function documentRow(document: SearchDocument, numbers: ValueNumbers, epoch: number) {
  const { standardLevels, values } = document;
  const withLevels = standardLevels.filter(({ levels }) => levels.length > 0);
  return {
    resource_id: document.id,
    audience: document.audience,
    facets: FACETS.flatMap((facet) => values[facet].map((value) => numbers.of(facet, value))),
    pairs: withLevels.flatMap(({ standard, levels }) =>
      levels.map((level) => numbers.of('pair', pairKey(standard, level))),
    ),
    sets: withLevels.map(({ standard, levels }) => numbers.of('set', setKey(standard, levels))),
    config: configOf(document.language),
    mark: languageMark(document.language),
    title: indexable(document.title),
    b: joined(document.keywords, document.terms, document.codes),
    c: joined(document.summary, document.statements, document.authors, document.organizations),
    title_sort: document.title,
    checked: document.checked,
    complete: document.complete,
    quality: document.quality,
    fields: rankFields(document),
    used: document.used,
    minutes: document.minutes,
    published_at: document.publishedAt,
    epoch,
  };
}

/**
 * A sign in every entry for its language, where its stop words may be left out of a query:
 * see `clauseOf` in postgres-words.ts. No word can look like it.
 */
const languageMark = (language: string): string => `@${configOf(language)}`;

// Reading a text into words is what costs: each page is read once, for search_page and for its resource. Pages without a
// file stand before those of files, so `DESCRIPTION_PAGE` and `FULL_TEXT_PAGE` are numbers below 1.
export const newEntries = `
  page AS MATERIALIZED (
    SELECT resource_id, file_id, page, staff, to_tsvector(config, text) AS words
    FROM json_to_recordset($2::json) AS d (resource_id uuid, file_id uuid, page integer, staff boolean, config regconfig, text text)
  ), body AS (
    SELECT resource_id, join_words(words) FILTER (WHERE NOT staff) AS words, join_words(words) FILTER (WHERE staff) AS staff_words
    FROM page GROUP BY resource_id
  ), document AS (
    SELECT d.*, setweight(to_tsvector(d.config, d.title), 'A') || setweight(to_tsvector(d.config, d.b), 'B')
      || CASE WHEN d.config = 'shelf_any'::regconfig THEN setweight(to_tsvector('shelf_en', d.b), 'B') ELSE '' END
      || setweight(to_tsvector(d.config, d.c), 'C') AS head
    FROM json_to_recordset($1::json) AS d (resource_id uuid, audience text[], facets integer[], pairs integer[],
      sets integer[], config regconfig, mark text, title text, b text, c text, title_sort text,
      checked boolean, complete smallint, quality smallint, fields json, used integer, minutes integer, published_at timestamptz, epoch integer)
  ), entry AS (
    SELECT resource_id, d.audience, d.facets, d.pairs, d.sets, d.config, d.head, w.words, w.words || b.staff_words AS staff_words,
      plain(d.title_sort) AS title_sort, d.checked, d.complete, d.quality, d.fields, d.used, d.minutes, d.published_at, d.epoch
    FROM document d
      LEFT JOIN body b USING (resource_id)
      CROSS JOIN LATERAL (
        SELECT d.head || coalesce(b.words, ''::tsvector) || array_to_tsvector(ARRAY[d.mark]) AS words) w
  )`;

const writeDocuments = `
  WITH ${newEntries}, written AS (
    INSERT INTO search_document (resource_id, audience, facets, pairs, sets, config, head, words, staff_words, title_sort,
      checked, complete, quality, fields, used, minutes, published_at, epoch)
    SELECT resource_id, audience, facets, pairs, sets, config, head, words, staff_words, title_sort,
      checked, complete, quality, fields, used, minutes, published_at, epoch FROM entry
    ON CONFLICT (resource_id) DO UPDATE SET audience = excluded.audience, facets = excluded.facets, pairs = excluded.pairs,
      sets = excluded.sets, config = excluded.config, head = excluded.head, words = excluded.words,
      staff_words = excluded.staff_words, title_sort = excluded.title_sort, checked = excluded.checked,
      complete = excluded.complete, quality = excluded.quality, fields = excluded.fields, used = excluded.used, minutes = excluded.minutes,
      published_at = excluded.published_at, epoch = excluded.epoch, number = excluded.number
    RETURNING number
  ), pages AS (
    INSERT INTO search_page (resource_id, file_id, page, words) SELECT resource_id, file_id, page, words FROM page
  )
  SELECT coalesce(array_agg(number), '{}') AS numbers FROM written`;

const NO_FILE = '00000000-0000-0000-0000-000000000000';

export const pageRows = (document: SearchDocument) => {
  const config = configOf(document.language);
  const row = (staff: boolean) => (page: PageText) => ({
    resource_id: document.id,
    file_id: page.fileId ?? NO_FILE,
    page: page.page,
    staff,
    config,
    text: indexable(page.text),
  });
  return [...document.pages.map(row(false)), ...document.staffPages.map(row(true))];
};
