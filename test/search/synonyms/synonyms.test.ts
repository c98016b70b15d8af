import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Viewer } from '../../../server/lib/viewer.ts';
import { createLogger } from '../../../server/platform/logger.ts';
import { createMeiliEngine } from '../../../server/search/engines/meilisearch/meili-engine.ts';
import { batchOf, startIndexer } from '../../../server/search/indexer.ts';
import { previewSynonyms } from '../../../server/search/synonyms/synonym-preview.ts';
import { synonymGroups } from '../../../server/search/synonyms/synonym-queries.ts';
import { synonymForm } from '../../../server/search/synonyms/synonym-schema.ts';
import {
  addSynonyms,
  changeSynonyms,
  mayEditSynonyms,
  removeSynonyms,
} from '../../../server/search/synonyms/synonym-service.ts';
import { seedCatalog, type Catalog } from '../../support/catalog.ts';
import { testApp } from '../../support/app.ts';
import { testDatabase } from '../../support/database.ts';
import { meiliStub } from '../../support/meili-stub.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const origin = { requestId: null, ip: null };
let catalog: Catalog;
let curator: Viewer;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  curator = catalog.viewers.stateCurator;
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(pool, rows));
});

const titles = async (q: string): Promise<string[]> =>
  (
    (await request(app).get('/api/v1/resources').query({ q }).expect(200)).body as {
      hits: { title: string }[];
    }
  ).hits.map(({ title }) => title);
const group = (words: string, term = '') => synonymForm.parse({ language: 'en', term, words });
const tug = 'Tug of war: when do forces balance?';

describe('a group of synonyms', () => {
  let id = '';

  it('widens searches as soon as it is there, each word by all others', async () => {
    expect(await titles('flummadiddle')).not.toContain(tug);
    id = await addSynonyms(deps, curator, group('flummadiddle, tug of war'), origin);
    expect(await titles('flummadiddle')).toContain(tug);
    expect(await titles('flummadiddle forces')).toContain(tug);
    expect(await titles('"flummadiddle"')).toEqual([]);
  });

  it('is not mended away, though its word is written nowhere and one letter from another', async () => {
    const crayons = 'Crayon rock cycle';
    expect(await titles('forcez')).not.toContain(crayons);
    const slip = await addSynonyms(deps, curator, group('forcez, crayon'), origin);
    expect(await titles('forcez')).toContain(crayons);
    await removeSynonyms(deps, curator, slip, origin);
  });

  it('widens only the term, where it has one', async () => {
    await changeSynonyms(deps, curator, id, group('tug of war', 'flummadiddle'), origin);
    expect(await titles('flummadiddle')).toContain(tug);
    await changeSynonyms(deps, curator, id, group('flummadiddle', 'tug of war'), origin);
    expect(await titles('flummadiddle')).not.toContain(tug);
  });

  it('is no more as soon as it is removed', async () => {
    await changeSynonyms(deps, curator, id, group('flummadiddle, tug of war'), origin);
    expect(await titles('flummadiddle')).toContain(tug);
    await removeSynonyms(deps, curator, id, origin);
    expect(await titles('flummadiddle')).not.toContain(tug);
  });

  it('leaves a line in the log for each change, with what it was', async () => {
    const { rows } = await pool.query<{ action: string; detail: { before?: { words: string[] } } }>(
      `SELECT action, detail FROM audit_event WHERE object_type = 'synonym_group' AND object_id = $1 ORDER BY id`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'synonyms.added',
      'synonyms.changed',
      'synonyms.changed',
      'synonyms.changed',
      'synonyms.removed',
    ]);
    expect(rows.at(-1)?.detail.before?.words).toEqual(['flummadiddle', 'tug of war']);
  });

  it('is changed by staff of the state only', async () => {
    const { northElementary, public: anyone } = catalog.viewers;
    for (const viewer of [northElementary, anyone]) {
      expect(mayEditSynonyms(viewer)).toBe(false);
      await expect(addSynonyms(deps, viewer, group('one, two'), origin)).rejects.toMatchObject({
        status: 403,
      });
      await expect(removeSynonyms(deps, viewer, id, origin)).rejects.toMatchObject({ status: 403 });
    }
    expect(mayEditSynonyms(curator)).toBe(true);
    await expect(removeSynonyms(deps, curator, id, origin)).rejects.toMatchObject({ status: 404 });
  });

  it('is there once, whatever the order and the accents', async () => {
    const first = await addSynonyms(deps, curator, group('Zwölf, dozen'), origin);
    await expect(addSynonyms(deps, curator, group('DOZEN; zwolf'), origin)).rejects.toMatchObject({
      status: 409,
    });
    await removeSynonyms(deps, curator, first, origin);
  });

  it.each([
    ['', '', 'synonyms.fault.none'],
    ['one', '', 'synonyms.fault.one'],
    [Array.from({ length: 21 }, (_, n) => `w${n}`).join(), '', 'synonyms.fault.many'],
    ['one, a b c d e f g', '', 'synonyms.fault.long'],
    ['!!, ??', 'term', 'synonyms.fault.none'],
  ])('is refused in words when it can’t be used: %s', (words, term, message) => {
    const result = synonymForm.safeParse({ language: 'en', term, words });
    expect(result.error?.issues.map((issue) => issue.message)).toContain(message);
  });
});

describe('the starter set', () => {
  it('has school English and Spanish, and no group that says nothing', async () => {
    const groups = await synonymGroups(pool);
    expect(groups.length).toBeGreaterThan(150);
    expect(new Set(groups.map(({ language }) => language))).toEqual(new Set(['en', 'es']));
    for (const { term, words } of groups)
      expect(
        synonymForm.safeParse({ language: 'en', term: term ?? '', words: words.join() }).success,
        String(words),
      ).toBe(true);
  });
});

describe('a preview', () => {
  it('tells what a change would do to a search, and changes nothing', async () => {
    const preview = await previewSynonyms(deps, curator, {
      q: 'flummadiddle',
      id: null,
      group: { term: 'flummadiddle', words: ['tug of war'] },
    });
    expect(preview).toMatchObject({ before: 0, lost: [] });
    expect(preview.after).toBe(preview.gained.length);
    expect(preview.gained.map(({ title }) => title)).toContain(tug);
    expect(await titles('flummadiddle')).not.toContain(tug);
  });

  it('tells what taking a group away would lose', async () => {
    const id = await addSynonyms(deps, curator, group('flummadiddle, tug of war'), origin);
    const preview = await previewSynonyms(deps, curator, { q: 'flummadiddle', id, group: null });
    expect(preview).toMatchObject({ after: 0, gained: [] });
    expect(preview.lost.map(({ title }) => title)).toContain(tug);
    await removeSynonyms(deps, curator, id, origin);
  });
});

describe('an engine that keeps synonyms itself', () => {
  it('is told all of them after it was built, and again when they change', async () => {
    const stub = await meiliStub();
    const engine = createMeiliEngine({ url: stub.url, key: 'k' });
    const indexer = startIndexer(
      { pool, log: createLogger({ logLevel: 'silent' }), engines: [engine] },
      { poll: 200 },
    );
    afterAll(async () => {
      await indexer.stop();
      await stub.close();
    });
    const told = () =>
      stub.calls.filter(({ path }) => path.endsWith('/settings/synonyms')).map(({ body }) => body as object);
    await vi.waitFor(() => expect(told().at(-1)).toHaveProperty('quiz'), { timeout: 15_000 });
    const times = told().length;
    const id = await addSynonyms(deps, curator, group('flummadiddle, tug of war'), origin);
    await vi.waitFor(() => expect(told().at(-1)).toHaveProperty('flummadiddle', ['tug of war']), {
      timeout: 15_000,
    });
    expect(told()).toHaveLength(times + 1);
    await removeSynonyms(deps, curator, id, origin);
    await vi.waitFor(() => expect(told().at(-1)).not.toHaveProperty('flummadiddle'), { timeout: 15_000 });
  });
});
