import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Deps } from '../../deps.ts';
import { searchHealth } from '../../search/index-queue.ts';
import { readDocuments } from '../../search/search-documents.ts';
import { EngineDown, type SearchEngine } from '../../search/search-port.ts';
import { difference, type Difference, type DifferenceKind } from './difference.ts';

type IndexDeps = Pick<Deps, 'pool' | 'search'>;

const AT_ONCE = 50;
/** So many that look different are looked at again together. */
const SUSPECTS = 500;
/** A change that was made while it was looked at is in the index after that. */
const SECOND_LOOK_MS = 1500;
/** What waits for longer than this isn't just on its way. */
const LATE_SECONDS = 600;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Every engine's index against the shelf. What is marked to be indexed is no difference: it is on its way. */
export async function* indexDifferences({ pool, search }: IndexDeps): AsyncGenerator<Difference> {
  const health = await searchHealth(pool, search.all);
  for (const engine of search.all) {
    const known = health.find((one) => one.engine === engine.name);
    if (!known?.built) {
      yield difference('indexUnbuilt', engine.name, {}, { mend: async () => true });
      continue;
    }
    if (known.waiting > 0 && known.oldestSeconds > LATE_SECONDS)
      yield difference(
        'indexWaiting',
        engine.name,
        { count: known.waiting, minutes: Math.round(known.oldestSeconds / 60) },
        { mend: async () => true },
      );
    try {
      yield* shelfAgainstIndex(pool, engine);
      yield* indexAgainstShelf(pool, engine);
    } catch (error) {
      if (!(error instanceof EngineDown)) throw error;
      yield difference('indexAway', engine.name, { reason: error.message });
    }
  }
}

async function* shelfAgainstIndex(pool: Pool, engine: SearchEngine): AsyncGenerator<Difference> {
  let suspects: string[] = [];
  for (let after = FIRST; ;) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM resource WHERE id > $1 AND state = 'published' ORDER BY id LIMIT $2`,
      [after, AT_ONCE],
    );
    const ids = rows.map(({ id }) => id);
    const last = ids.at(-1);
    if (last !== undefined) {
      after = last;
      const { missing, outdated } = await engine.compare(await readDocuments(pool, ids));
      suspects.push(...missing, ...outdated);
    }
    if (suspects.length >= SUSPECTS || (last === undefined && suspects.length > 0)) {
      yield* await secondLook(pool, engine, suspects);
      suspects = [];
    }
    if (last === undefined) return;
  }
}

async function secondLook(pool: Pool, engine: SearchEngine, suspects: string[]): Promise<Difference[]> {
  await sleep(SECOND_LOOK_MS);
  const found: Difference[] = [];
  for (let from = 0; from < suspects.length; from += AT_ONCE) {
    const documents = await readDocuments(pool, suspects.slice(from, from + AT_ONCE));
    if (documents.length === 0) continue;
    const { missing, outdated } = await engine.compare(documents);
    const waits = await waiting(pool, engine, [...missing, ...outdated]);
    const tell = (kind: DifferenceKind, ids: string[]) => {
      for (const id of ids) if (!waits.has(id)) found.push(ofResource(pool, engine, kind, id));
    };
    tell('indexMissing', missing);
    tell('indexOutdated', outdated);
  }
  return found;
}

/** What the index has and the shelf hasn't; seen twice, since a resource may be withdrawn while this looks. */
async function* indexAgainstShelf(pool: Pool, engine: SearchEngine): AsyncGenerator<Difference> {
  const first = await extras(pool, engine);
  if (first.size === 0) return;
  await sleep(SECOND_LOOK_MS);
  const second = await extras(pool, engine);
  for (const id of first) if (second.has(id)) yield ofResource(pool, engine, 'indexExtra', id);
}

async function extras(pool: Pool, engine: SearchEngine): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const ids of engine.ids()) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT i.id FROM unnest($1::uuid[]) AS i (id)
       WHERE NOT EXISTS (SELECT 1 FROM resource r WHERE r.id = i.id AND r.state = 'published')`,
      [ids],
    );
    const extra = rows.map(({ id }) => id);
    const waits = await waiting(pool, engine, extra);
    for (const id of extra) if (!waits.has(id)) found.add(id);
  }
  return found;
}

async function waiting(pool: Pool, engine: SearchEngine, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await pool.query<{ id: string }>(
    'SELECT resource_id AS id FROM search_dirty WHERE engine = $1 AND resource_id = ANY ($2::uuid[])',
    [engine.name, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function ofResource(pool: Pool, engine: SearchEngine, kind: DifferenceKind, id: string): Difference {
  const mend = async () => {
    await pool.query('SELECT mark_dirty(ARRAY[$1::uuid], 2::smallint)', [id]);
    return true;
  };
  return difference(kind, id, { engine: engine.name }, { mend });
}
