import type { PoolClient } from 'pg';

/** Numbers of entries are kept by pages of so many. */
const PAGE = 4096;
/** Entries read at once. */
const AT_ONCE = 10_000;
/** At an entry's place: how many facets, pairs and sets it has, what orders lists, and then those values. */
export const AT = {
  facets: 0,
  pairs: 1,
  sets: 2,
  /** -1: nobody knows how long it takes. */
  minutes: 3,
  /** Seconds since 1970. */
  published: 4,
  used: 5,
  quality: 6,
  checked: 7,
  /** The first eight bytes of the resource's id, in two signed parts: the order of equals. */
  idStart: 8,
  idNext: 9,
  values: 10,
} as const;

/**
 * What search_document says of its entries' facets, by their number, kept in memory: about 200 bytes an entry. A number
 * never means anything else, so what is here is right for every snapshot, and nothing has to be refreshed; entries that
 * aren't here yet are read when they are first counted, those that nobody counts any more are dropped now and then.
 */
export class Entries {
  #places = new Map<number, Int32Array>();
  #values = new Int32Array(1 << 16);
  #end = 1;
  #count = 0;
  #most = 200_000;
  #highest = 0;
  #reading: Promise<void> = Promise.resolve();

  /** The highest number of a value that was ever seen here. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * Reads what isn't here of these entries. Right after it everything is here that `numbers` names, until the next await.
   * @throws Error when an entry isn't in the client's snapshot
   */
  async load(client: PoolClient, numbers: Int32Array): Promise<void> {
    while (this.#missing(numbers).length > 0) {
      // One after another: many who come at once to a cold portal would all read the same.
      const before = this.#reading;
      const reading = before.then(() => this.#read(client, this.#missing(numbers)));
      this.#reading = reading.catch(() => {});
      await reading;
    }
  }

  /** Where the values of an entry lie in `values`; the entry must have been loaded. */
  placeOf(number: number): number {
    return this.#places.get(Math.floor(number / PAGE))?.[number % PAGE] ?? 0;
  }

  /** The places of many entries; 0 for those that aren't here. */
  placesOf(numbers: Int32Array): Int32Array {
    const found = new Int32Array(numbers.length);
    let page = -1;
    let places: Int32Array | undefined;
    for (let index = 0; index < numbers.length; index += 1) {
      const number = numbers[index]!;
      const its = Math.floor(number / PAGE);
      if (its !== page) {
        page = its;
        places = this.#places.get(page);
      }
      found[index] = places ? places[number - page * PAGE]! : 0;
    }
    return found;
  }

  get values(): Int32Array {
    return this.#values;
  }

  #missing(numbers: Int32Array): number[] {
    const places = this.placesOf(numbers);
    if (!places.includes(0)) return [];
    return [...numbers].filter((_, index) => places[index] === 0);
  }

  async #read(client: PoolClient, missing: number[]): Promise<void> {
    if (missing.length === 0) return;
    if (this.#count + missing.length > this.#most) await this.#makeRoom(client, missing.length);
    missing.sort((a, b) => a - b);
    for (let from = 0; from < missing.length; from += AT_ONCE) {
      const wanted = missing.slice(from, from + AT_ONCE);
      const { rows } = await client.query<EntryRow, [number[]]>({
        text: `SELECT number, facets::text, pairs::text, sets::text, coalesce(minutes, -1), extract(epoch FROM published_at)::integer,
                 used, quality, checked::integer, ('x' || left(resource_id::text, 8))::bit(32)::integer,
                 ('x' || translate(substr(resource_id::text, 10, 9), '-', ''))::bit(32)::integer
               FROM search_document WHERE number = ANY ($1::integer[])`,
        values: [wanted],
        rowMode: 'array',
      });
      if (rows.length !== wanted.length)
        throw new Error('An entry of the search index is gone from its snapshot');
      for (const row of rows) this.#add(row);
    }
  }

  #add([number, facets, pairs, sets, ...order]: EntryRow): void {
    if (this.placeOf(number) !== 0) return;
    const place = this.#end;
    // No list has more values than characters.
    this.#reserve(AT.values + facets.length + pairs.length + sets.length);
    const values = this.#values;
    let end = place + AT.values;
    for (const [which, list] of [facets, pairs, sets].entries()) {
      const after = readIntegers(list, values, end);
      values[place + which] = after - end;
      for (; end < after; end += 1) this.#highest = Math.max(this.#highest, values[end] ?? 0);
    }
    values.set(order, place + AT.minutes);
    this.#end = end;
    this.#count += 1;
    const page = Math.floor(number / PAGE);
    let places = this.#places.get(page);
    if (!places) this.#places.set(page, (places = new Int32Array(PAGE)));
    places[number % PAGE] = place;
  }

  #reserve(room: number): void {
    if (this.#end + room <= this.#values.length) return;
    const larger = new Int32Array(Math.max(this.#values.length * 1.5, this.#end + room));
    larger.set(this.#values.subarray(0, this.#end));
    this.#values = larger;
  }

  /** Forgets everything when most of it must be of entries that were written anew since. */
  async #makeRoom(client: PoolClient, more: number): Promise<void> {
    const { rows } = await client.query<{ n: number }>(
      `SELECT greatest(reltuples, 0)::integer AS n FROM pg_class WHERE oid = 'search_document'::regclass`,
    );
    const living = Math.max(rows[0]?.n ?? 0, more);
    if (this.#count > living * 2) {
      this.#places.clear();
      this.#values = new Int32Array(1 << 16);
      this.#end = 1;
      this.#count = 0;
    }
    this.#most = Math.max(200_000, this.#count + more, living * 3);
  }
}

type EntryRow = [
  number: number,
  facets: string,
  pairs: string,
  sets: string,
  ...order: [
    minutes: number,
    published: number,
    used: number,
    quality: number,
    checked: number,
    idStart: number,
    idNext: number,
  ],
];

/** Reads `{1,2,3}`, as PostgreSQL writes a list of integers, into a place. Gives the place behind the last one. */
function readIntegers(list: string, into: Int32Array, at: number): number {
  let value = -1;
  let end = at;
  for (let index = 1; index < list.length; index += 1) {
    const digit = list.charCodeAt(index) - 48;
    if (digit >= 0 && digit <= 9) value = Math.max(value, 0) * 10 + digit;
    else if (value >= 0) {
      into[end] = value;
      end += 1;
      value = -1;
    }
  }
  return end;
}

/** A list of integers as PostgreSQL writes it; null is empty. */
export function integersOf(list: string | null): Int32Array {
  if (list === null) return new Int32Array(0);
  const integers = new Int32Array(Math.ceil(list.length / 2));
  return integers.subarray(0, readIntegers(list, integers, 0));
}
