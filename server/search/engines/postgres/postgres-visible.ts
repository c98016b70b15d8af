import type { PoolClient } from 'pg';
import { apartSql, sortKeys } from '../../../lib/viewer.ts';
import { integersOf } from './postgres-entries.ts';

/** What all holders of some shared keys may see. */
export interface SharedList {
  changes: number;
  numbers: Int32Array;
  /** How often each value occurs among them, when that was counted. */
  counts: Int32Array | null;
}

/** All that somebody may see: what is shared, and behind it what only their other keys open. */
export interface VisibleList {
  numbers: Int32Array;
  shared: SharedList;
}

/**
 * The numbers of all entries that holders of some keys may see. What public and state keys open is kept, and followed
 * as the index changes; what is open to a school, a district or a person is little, and is asked for.
 */
export class VisibleEntries {
  readonly #lists = new Map<string, SharedList>();

  /** `changes`: the state of the index that the client's snapshot shows. */
  async of(client: PoolClient, audience: readonly string[], changes: number): Promise<VisibleList> {
    const keys = sortKeys(audience);
    const shared = await this.#shared(client, keys.shared, changes);
    const apart = keys.own.length === 0 ? [] : await readApart(client, keys);
    if (apart.length === 0) return { numbers: shared.numbers, shared };
    const numbers = new Int32Array(shared.numbers.length + apart.length);
    numbers.set(shared.numbers);
    numbers.set(apart, shared.numbers.length);
    return { numbers, shared };
  }

  async #shared(client: PoolClient, keys: readonly string[], changes: number): Promise<SharedList> {
    const key = keys.join(' ');
    const kept = this.#lists.get(key);
    if (kept?.changes === changes) return kept;
    const numbers =
      (kept && kept.changes < changes ? await followed(client, keys, kept, changes) : null) ??
      (await readVisible(client, keys));
    const list: SharedList = { changes, numbers, counts: null };
    // A snapshot that began earlier may come to its end later.
    if (!((this.#lists.get(key)?.changes ?? -1) > changes)) this.#lists.set(key, list);
    return list;
  }
}

/** A list of before with what each change since then brought and took; null when one of them isn't known. */
async function followed(
  client: PoolClient,
  audience: readonly string[],
  { changes: since, numbers }: SharedList,
  changes: number,
): Promise<Int32Array | null> {
  const { rows } = await client.query<{ steps: number; added: string | null; removed: string | null }>(
    `WITH step AS MATERIALIZED (SELECT added, removed FROM search_change WHERE changes > $1)
     SELECT (SELECT count(*)::integer FROM step) AS steps,
       (SELECT array_agg(number)::text FROM search_document
        WHERE number = ANY (ARRAY(SELECT unnest(added) FROM step)) AND audience && $2::text[]) AS added,
       (SELECT array_agg(number)::text FROM (SELECT unnest(removed) AS number FROM step) gone) AS removed`,
    [since, audience],
  );
  const [step] = rows;
  if (step?.steps !== changes - since) return null;
  const removed = new Set(integersOf(step.removed));
  const stay = removed.size === 0 ? numbers : numbers.filter((number) => !removed.has(number));
  const added = integersOf(step.added);
  const all = new Int32Array(stay.length + added.length);
  all.set(stay);
  all.set(added, stay.length);
  return all;
}

async function readVisible(client: PoolClient, audience: readonly string[]): Promise<Int32Array> {
  const { rows } = await client.query<{ numbers: string | null }>(
    'SELECT array_agg(number)::text AS numbers FROM search_document WHERE audience && $1::text[]',
    [audience],
  );
  return integersOf(rows[0]?.numbers ?? null);
}

/** What only a viewer's own keys open. */
async function readApart(
  client: PoolClient,
  { own, shared }: ReturnType<typeof sortKeys>,
): Promise<Int32Array> {
  const { rows } = await client.query<{ numbers: string | null }>(
    `SELECT array_agg(number)::text AS numbers FROM search_document WHERE ${apartSql('audience', '$1', shared)}`,
    [own],
  );
  return integersOf(rows[0]?.numbers ?? null);
}
