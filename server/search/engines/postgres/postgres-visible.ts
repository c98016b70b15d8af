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

/** The numbers of all entries that holders of some keys may see, kept until the index changes. */
export class VisibleEntries {
  readonly #lists = new Map<string, VisibleList>();

  /** `changes`: the state of the index that the client's snapshot shows. */
  async of(client: PoolClient, audience: readonly string[], changes: number): Promise<VisibleList> {
    const key = JSON.stringify(audience);
    const kept = this.#lists.get(key);
    const list =
      kept?.changes === changes
        ? kept
        : { changes, numbers: await readVisible(client, audience), counts: null };
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const oldest of this.#lists.keys()) if (this.#lists.size > KEPT) this.#lists.delete(oldest);
    return list;
  }
}

async function readVisible(client: PoolClient, audience: readonly string[]): Promise<Int32Array> {
  const { rows } = await client.query<{ numbers: string | null }>(
    'SELECT array_agg(number)::text AS numbers FROM search_document WHERE audience && $1::text[]',
    [audience],
  );
  return integersOf(rows[0]?.numbers ?? null);
}
