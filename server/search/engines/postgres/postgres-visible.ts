import type { PoolClient } from 'pg';
import { integersOf } from './postgres-entries.ts';

/** So many audiences at once are kept; each has 4 bytes an entry. */
const KEPT = 16;

/** The numbers of all entries that holders of some keys may see, kept until the index changes. */
export class VisibleEntries {
  readonly #lists = new Map<string, { changes: number; numbers: Int32Array }>();

  /** `changes`: the state of the index that the client's snapshot shows. */
  async of(client: PoolClient, audience: readonly string[], changes: number): Promise<Int32Array> {
    const key = JSON.stringify(audience);
    const kept = this.#lists.get(key);
    const numbers = kept?.changes === changes ? kept.numbers : await readVisible(client, audience);
    this.#lists.delete(key);
    this.#lists.set(key, { changes, numbers });
    for (const oldest of this.#lists.keys()) if (this.#lists.size > KEPT) this.#lists.delete(oldest);
    return numbers;
  }
}

async function readVisible(client: PoolClient, audience: readonly string[]): Promise<Int32Array> {
  const { rows } = await client.query<{ numbers: string | null }>(
    'SELECT array_agg(number)::text AS numbers FROM search_document WHERE audience && $1::text[]',
    [audience],
  );
  return integersOf(rows[0]?.numbers ?? null);
}
