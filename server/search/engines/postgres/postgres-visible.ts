import type { PoolClient } from 'pg';
import { integersOf } from './postgres-entries.ts';

/** So many audiences at once are kept; each has 4 bytes an entry. */
const KEPT = 16;

export interface VisibleList {
  changes: number;
  numbers: Int32Array;
  /** How often each value occurs among them, when that was counted. */
  counts: Int32Array | null;
}

/** The numbers of all entries that holders of some keys may see; kept, and followed as the index changes. */
export class VisibleEntries {
  readonly #lists = new Map<string, VisibleList>();

  /** `changes`: the state of the index that the client's snapshot shows. */
  async of(client: PoolClient, audience: readonly string[], changes: number): Promise<VisibleList> {
    const key = JSON.stringify(audience);
    const kept = this.#lists.get(key);
    if (kept?.changes === changes) {
      this.#keep(key, kept);
      return kept;
    }
    const numbers =
      (kept && kept.changes < changes ? await followed(client, audience, kept, changes) : null) ??
      (await readVisible(client, audience));
    const list: VisibleList = { changes, numbers, counts: null };
    // A snapshot that began earlier may come to its end later.
    if (!((this.#lists.get(key)?.changes ?? -1) > changes)) this.#keep(key, list);
    return list;
  }

  #keep(key: string, list: VisibleList): void {
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const oldest of this.#lists.keys()) if (this.#lists.size > KEPT) this.#lists.delete(oldest);
  }
}

/** A list of before with what each change since then brought and took; null when one of them isn't known. */
async function followed(
  client: PoolClient,
  audience: readonly string[],
  { changes: since, numbers }: VisibleList,
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
