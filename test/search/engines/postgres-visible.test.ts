import { beforeAll, describe, expect, it } from 'vitest';
import { audiencesOf, isEducator, type Viewer } from '../../../server/lib/viewer.ts';
import { createPostgresEngine } from '../../../server/search/engines/postgres/postgres-engine.ts';
import { readDocuments } from '../../../server/search/search-documents.ts';
import {
  FACETS,
  searchFilters,
  type SearchDocument,
  type SearchEngine,
} from '../../../server/search/search-port.ts';
import { seedCatalog, type Catalog } from '../../support/catalog.ts';
import { testDatabase } from '../../support/database.ts';
import { randomFrom } from '../../support/random.ts';
import { untilWaiting } from '../../support/until-waiting.ts';

const { pool } = await testDatabase();
// Two web processes on one database: each keeps in memory what may be seen.
const [writer, reader] = [createPostgresEngine(pool), createPostgresEngine(pool)];
let catalog: Catalog;
let documents: SearchDocument[];

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  documents = await readDocuments(
    pool,
    catalog.resources.map(({ key }) => catalog.id(key)),
  );
});

/** Everything that somebody may see, with its counts. */
async function seen(engine: SearchEngine, viewer: Viewer) {
  const { ids, total, facets } = await engine.search({
    q: '',
    filters: searchFilters(),
    within: null,
    sort: 'title',
    page: 1,
    perPage: 200,
    facets: FACETS,
    audience: audiencesOf(viewer),
    educator: isEducator(viewer),
  });
  return { keys: catalog.keys(ids), total, facets };
}

async function agree(): Promise<void> {
  for (const viewer of [
    catalog.viewers.public,
    catalog.viewers.northElementary,
    catalog.viewers.stateCurator,
  ])
    expect(await seen(reader, viewer)).toEqual(await seen(createPostgresEngine(pool), viewer));
}

describe('what somebody may see, followed from change to change', () => {
  it('is what a process that has just started reads, whatever was written, hidden and taken away', async () => {
    const random = randomFrom(7);
    const some = () => documents.filter(() => random() < 0.15);
    const audiences = [['public'], ['state'], [`district:${catalog.viewers.northElementary.districtId}`]];
    for (let round = 0; round < 25; round += 1) {
      for (let change = Math.floor(random() * 4); change >= 0; change -= 1) {
        const audience = audiences[Math.floor(random() * audiences.length)]!;
        const upsert = some().map((document) => (random() < 0.5 ? { ...document, audience } : document));
        const kept = new Set(upsert.map(({ id }) => id));
        const remove = some().flatMap(({ id }) => (kept.has(id) ? [] : [id]));
        await writer.apply({ upsert, remove });
      }
      await agree();
    }
  });

  it('holds what only a school, a district or a person may see, and counts it with the rest', async () => {
    const viewer = catalog.viewers.northElementary;
    const keys = ['public', 'state', `district:${viewer.districtId}`, `person:${viewer.id}`, 'district:none'];
    const spread = documents.map((document, at) => ({ ...document, audience: [keys[at % keys.length]!] }));
    await writer.apply({ upsert: spread, remove: [] });
    for (const who of [viewer, catalog.viewers.public, catalog.viewers.stateCurator]) {
      const open = spread.filter(({ audience }) => audiencesOf(who).includes(audience[0]!));
      const { keys: found, total, facets } = await seen(reader, who);
      expect(total).toBe(open.length);
      expect([...found].sort()).toEqual(catalog.keys(open.map(({ id }) => id)).sort());
      const kinds = open.flatMap(({ values }) => values.type);
      const counted = Object.fromEntries((facets.type ?? []).map(({ value, count }) => [value, count]));
      for (const kind of new Set(kinds))
        expect(counted[kind]).toBe(kinds.filter((one) => one === kind).length);
      await agree();
    }
  });

  it('is read anew after a change that nobody noted', async () => {
    await writer.apply({ upsert: documents, remove: [] });
    await agree();
    await writer.apply({ upsert: [], remove: documents.slice(0, 5).map(({ id }) => id) });
    await pool.query('DELETE FROM search_change');
    await agree();
    expect((await seen(reader, catalog.viewers.stateCurator)).total).toBe(documents.length - 5);
  });

  it('is read anew after the index was built anew', async () => {
    const rebuild = await writer.startRebuild();
    await rebuild.apply({ upsert: documents.slice(3), remove: [] });
    await rebuild.finish();
    await agree();
    expect((await seen(reader, catalog.viewers.stateCurator)).total).toBe(documents.length - 3);
  });

  it('holds nothing twice, also where two processes write the same resource at once', async () => {
    const [one] = documents;
    await writer.apply({ upsert: [], remove: [one!.id] });
    const before = (await seen(reader, catalog.viewers.stateCurator)).total;
    // One that has lost the right to index, and doesn't know yet, is about to commit; the other begins.
    const gate = await pool.connect();
    await gate.query('BEGIN');
    await gate.query(`SELECT 1 FROM search_engine WHERE name = 'postgres' FOR UPDATE`);
    const first = writer.apply({ upsert: [one!], remove: [] });
    await untilWaiting(pool);
    const second = createPostgresEngine(pool).apply({ upsert: [one!], remove: [] });
    await untilWaiting(pool, 2);
    await gate.query('COMMIT');
    gate.release();
    await first;
    expect((await seen(reader, catalog.viewers.stateCurator)).total).toBe(before + 1);
    await second;
    await agree();
    expect((await seen(reader, catalog.viewers.stateCurator)).total).toBe(before + 1);
  });

  it('is not read whole for a change of one: what was noted of it is believed', async () => {
    const { total } = await seen(reader, catalog.viewers.stateCurator);
    await writer.apply({ upsert: documents.slice(-1), remove: [] });
    await pool.query(`UPDATE search_change SET added = '{}'`);
    expect((await seen(reader, catalog.viewers.stateCurator)).total).toBe(total - 1);
  });

  it('keeps the changes of a while only', async () => {
    await pool.query(`UPDATE search_engine SET changes = changes + 5000 WHERE name = 'postgres'`);
    await writer.apply({ upsert: documents.slice(0, 1), remove: [] });
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM search_change');
    expect(rows[0]?.n).toBe(1);
    await agree();
  });
});
