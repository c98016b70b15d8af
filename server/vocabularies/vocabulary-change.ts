import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { notFound } from '../errors.ts';

/** Lists whose values stand on resources and can be renamed, merged and ordered. */
export type VocabularyKind = 'topic' | 'subject' | 'type' | 'setting';

/** Lists whose values may have had other words before. */
export type FormerKind = VocabularyKind | 'level';

/** The transaction of a change, or a connection that only looks. */
export type Client = Pick<PoolClient, 'query'>;

/** How many resources have a value: on the shelf, as drafts, and in all (old versions and withdrawn ones too). */
export interface Touched {
  shelf: number;
  drafts: number;
  all: number;
}

/** A change that was looked at and may be made. */
export interface ChangePlan {
  kind: VocabularyKind;
  /** Id of the topic, slug of another value. */
  target: string;
  /** What it is called now; of a topic its path. */
  name: string;
  /** Names the state that the plan was made for; another one when anything that counts for it has changed. */
  seen: string;
  touched: Touched;
  /** For the preview: what it will be called, what it goes into, what comes along. */
  after: {
    /** Name or path afterwards; of a merged one, that of the value that takes its place. */
    name: string;
    /** The address of its page that will lead elsewhere, and where. */
    leads: { from: string; to: string } | null;
    /** How many topics stand below it. */
    below: number;
    /** Topics below it that are merged with one of the same name. */
    alike: string[];
  };
  /** Makes the change: everything but its audit row. `how`: the priority of its marks for the index. */
  apply: (client: Client, how: number) => Promise<void>;
  /** Behind the kind, in the log. */
  action: string;
  detail: Record<string, unknown>;
}

/** A short name of a state. */
export const stampOf = (state: unknown): string =>
  createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32);

/** Changes of vocabularies come one after the other; reading goes on meanwhile. */
export async function lockVocabularies(client: Client): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('vocabularies'))`);
}

/** Counts the resources of some versions. @param versions SQL that gives `version_id`, with parameter $1 */
export async function touchedBy(client: Client, versions: string, value: string): Promise<Touched> {
  const { rows } = await client.query<Touched>(
    `SELECT count(DISTINCT r.id) FILTER (WHERE r.state = 'published' AND v.id = r.current_version_id)::int AS shelf,
       count(DISTINCT r.id) FILTER (WHERE v.number IS NULL)::int AS drafts, count(DISTINCT r.id)::int AS all
     FROM (${versions}) x JOIN version v ON v.id = x.version_id JOIN resource r ON r.id = v.resource_id`,
    [value],
  );
  return rows[0] ?? { shelf: 0, drafts: 0, all: 0 };
}

/** Remembers what a value was called: its old words mean `value` from now on, also those that meant it before. */
export async function rememberFormer(
  client: Client,
  kind: FormerKind,
  words: readonly string[],
  { was, value }: { was: string; value: string },
): Promise<void> {
  if (was !== value)
    await client.query('UPDATE former_term SET value = $3 WHERE kind = $1 AND value = $2', [
      kind,
      was,
      value,
    ]);
  await client.query(
    `INSERT INTO former_term (kind, word, value) SELECT DISTINCT $1, word, $3 FROM unnest($2::text[]) AS word WHERE word <> ''
     ON CONFLICT (kind, word) DO UPDATE SET value = excluded.value`,
    [kind, words, value],
  );
}

/**
 * Puts one value in the place of another in changes of many tags: they can be taken back for some time, then to the value
 * that is there.
 * @param was a slug or an id, as `value` is
 */
export async function replaceInTagChanges(
  client: Client,
  field: VocabularyKind,
  was: string,
  value: string,
): Promise<void> {
  await client.query(
    `UPDATE tag_change SET value = replace(value::text, to_json($2::text)::text, to_json($3::text)::text)::jsonb
     WHERE field = $1 AND value::text LIKE '%' || to_json($2::text)::text || '%'`,
    [field, was, value],
  );
  await client.query(
    `UPDATE tag_change_item i SET before = replace(i.before::text, to_json($2::text)::text, to_json($3::text)::text)::jsonb,
       after = replace(i.after::text, to_json($2::text)::text, to_json($3::text)::text)::jsonb
     FROM tag_change c WHERE c.id = i.change_id AND c.field = $1
       AND (i.before::text LIKE '%' || to_json($2::text)::text || '%' OR i.after::text LIKE '%' || to_json($2::text)::text || '%')`,
    [field, was, value],
  );
}

/** The first of `words`, `words-2` … that no value of the list has or had. */
export async function freeSlug(
  client: Client,
  { kind, table }: { kind: FormerKind; table: string },
  words: readonly string[],
): Promise<string> {
  const { rows } = await client.query<{ slug: string }>(
    `SELECT c.slug FROM (
       SELECT w AS slug, 1 AS n, place FROM unnest($2::text[]) WITH ORDINALITY AS u (w, place) WHERE w <> ''
       UNION ALL SELECT ($2::text[])[1] || '-' || n, n, 1 FROM generate_series(2, 1000) n) c
     WHERE NOT EXISTS (SELECT 1 FROM ${table} t WHERE t.slug = c.slug)
       AND NOT EXISTS (SELECT 1 FROM former_term f WHERE f.kind = $1 AND f.word = c.slug)
     ORDER BY n, place LIMIT 1`,
    [kind, words],
  );
  return rows[0]?.slug ?? '';
}

/** A table that people put in order by hand, and the column that names its rows. */
export interface Ordered {
  table: string;
  key: string;
}

/**
 * Moves a row one place up or down its list; at the end nothing happens.
 * @param keys the whole list in the order that is now
 * @returns whether it has moved
 * @throws 404 when the list doesn't have it
 */
export async function moveOne(
  client: Client,
  { table, key }: Ordered,
  keys: readonly string[],
  { which, by }: { which: string; by: 'up' | 'down' },
): Promise<boolean> {
  const from = keys.indexOf(which);
  if (from < 0) throw notFound('vocabulary.gone');
  const to = from + (by === 'up' ? -1 : 1);
  if (to < 0 || to >= keys.length) return false;
  const order = keys.with(from, keys[to]!).with(to, which);
  await client.query(
    `UPDATE ${table} t SET position = o.n FROM unnest($1::text[]) WITH ORDINALITY AS o (key, n) WHERE t.${key}::text = o.key AND t.position <> o.n`,
    [order],
  );
  return true;
}
