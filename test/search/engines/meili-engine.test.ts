import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMeiliEngine } from '../../../server/search/engines/meilisearch/meili-engine.ts';
import { meiliSettings } from '../../../server/search/engines/meilisearch/meili-settings.ts';
import {
  EngineDown,
  FACETS,
  searchFilters,
  type SearchDocument,
  type SearchEngine,
  type SearchFilters,
  type SearchRequest,
} from '../../../server/search/search-port.ts';
import { meiliStub, problem, type MeiliStub } from '../../support/meili-stub.ts';

let stub: MeiliStub;
let engine: SearchEngine;

beforeEach(async () => {
  stub = await meiliStub();
  engine = createMeiliEngine({
    url: stub.url,
    key: 'the-master-key',
    searchMs: 1000,
    requestMs: 3000,
    taskMs: 1500,
  });
});
afterEach(async () => stub.close());

const request = (filters: Partial<SearchFilters> = {}, more: Partial<SearchRequest> = {}): SearchRequest => ({
  q: '',
  filters: searchFilters(filters),
  within: null,
  sort: 'best',
  page: 1,
  perPage: 20,
  facets: [],
  audience: ['public'],
  educator: false,
  ...more,
});
const document = (id: string): SearchDocument => ({
  id,
  audience: ['public'],
  title: `Title of ${id}`,
  summary: '',
  keywords: [],
  codes: [],
  statements: [],
  terms: [],
  authors: '',
  organizations: [],
  description: '',
  pages: [],
  staffPages: [],
  values: searchFilters(),
  standardLevels: [],
  language: 'en',
  checked: false,
  complete: 0,
  alignment: null,
  claims: 0,
  quality: 0,
  used: 0,
  deadLink: false,
  minutes: null,
  publishedAt: new Date(0),
});
interface Query {
  q: string;
  filter: string[];
  facets?: string[];
  hitsPerPage: number;
  page?: number;
  attributesToSearchOn?: string[];
  matchingStrategy: string;
  sort?: string[];
}
const queries = (): Query[] =>
  stub.calls
    .filter(({ path }) => path === '/multi-search')
    .flatMap(({ body }) => (body as { queries: Query[] }).queries);
const built = async (): Promise<void> => {
  await (await engine.startRebuild()).finish();
  stub.calls.length = 0;
};

describe('what the adapter asks of Meilisearch', () => {
  it('always filters by the keys of the viewer, in every query of a search', async () => {
    await engine.search(
      request(
        { grade: ['3'], level: ['emerging'], standard: ['a'] },
        { audience: ['public', 'person:1'], facets: FACETS },
      ),
    );
    expect(queries().length).toBeGreaterThan(3);
    for (const { filter } of queries()) expect(filter[0]).toBe('audience IN ["public", "person:1"]');
  });

  it('asks nothing for someone without keys, or within an empty collection', async () => {
    expect(await engine.search(request({}, { audience: [] }))).toMatchObject({ total: 0, ids: [] });
    expect(await engine.search(request({}, { within: [], facets: ['grade'] }))).toMatchObject({
      total: 0,
      facets: { grade: [] },
    });
    expect(stub.calls).toEqual([]);
  });

  it('writes values so that none can be an expression', async () => {
    await engine.search(request({ subject: ['x" OR grade = "9', '\\', "'", '] OR x EXISTS'] }));
    expect(queries()[0]?.filter[1]).toBe(
      String.raw`subject IN ["x\" OR grade = \"9", "\\", "'", "] OR x EXISTS"]`,
    );
  });

  it('searches educators-only text for educators only', async () => {
    await engine.search(request({}, { q: 'key' }));
    await engine.search(request({}, { q: 'key', educator: true }));
    const [open, staff] = queries();
    expect(open?.attributesToSearchOn).not.toContain('staff_text');
    expect(open?.attributesToSearchOn).toContain('text');
    expect(staff?.attributesToSearchOn).toBeUndefined();
    expect(meiliSettings.searchableAttributes).toContain('staff_text');
  });

  it('asks for standard and level as one alignment that has both', async () => {
    await engine.search(request({ standard: ['s1', 's2'], level: ['emerging'] }));
    expect(queries()[0]?.filter).toEqual([
      'audience IN ["public"]',
      'pair IN ["s1|emerging", "s2|emerging"]',
    ]);
  });

  it('counts a facet in use by a query without its own filter, and all others with the hits', async () => {
    await engine.search(
      request({ grade: ['3'], type: ['lesson'] }, { facets: ['grade', 'type', 'subject'] }),
    );
    expect(
      queries().map(({ filter, facets, hitsPerPage }) => ({ filter: filter.slice(1), facets, hitsPerPage })),
    ).toEqual([
      { filter: ['grade IN ["3"]', 'type IN ["lesson"]'], facets: ['subject'], hitsPerPage: 20 },
      { filter: ['type IN ["lesson"]'], facets: ['grade'], hitsPerPage: 0 },
      { filter: ['grade IN ["3"]'], facets: ['type'], hitsPerPage: 0 },
    ]);
  });

  it('sends ten words at most, and operators only as we read them', async () => {
    await engine.search(request({}, { q: 'one two "three four" -five -"six seven" eight "' }));
    expect(queries()[0]?.q).toBe('one two eight "three four" -five -"six seven"');
    await engine.search(
      request({}, { q: 'word '.repeat(50) + Array.from({ length: 50 }, (_, n) => `w${n}`).join(' ') }),
    );
    expect(queries().at(-1)?.q.split(' ').length).toBeLessThanOrEqual(10);
  });

  it('asks for all words first, and for some when none has all', async () => {
    stub.answer = ({ path, body }) =>
      path === '/multi-search' && (body as { queries: Query[] }).queries[0]?.matchingStrategy === 'last'
        ? { body: { results: [{ hits: [{ id: 'x' }], totalHits: 1 }] } }
        : undefined;
    expect(await engine.search(request({}, { q: 'two words' }))).toMatchObject({
      relaxed: true,
      total: 1,
      ids: ['x'],
    });
    expect(queries().map(({ matchingStrategy }) => matchingStrategy)).toEqual(['all', 'last']);
  });

  it('does not fetch behind the last page that has hits', async () => {
    await engine.search(request({}, { page: 1_000_000_000 }));
    expect(queries()[0]).toMatchObject({ page: 1, hitsPerPage: 0 });
  });

  it('adds counts of standards at several levels without counting a resource twice', async () => {
    stub.answer = ({ path, body }) =>
      path === '/multi-search'
        ? {
            body: {
              results: (body as { queries: Query[] }).queries.map(({ facets }) => ({
                hits: [],
                totalHits: 0,
                facetDistribution: facets?.includes('set')
                  ? { set: { 's|a': 1, 's|a+b': 2, 's|b+c': 4, 's|c': 8, 't|b': 1 } }
                  : {},
              })),
            },
          }
        : undefined;
    const result = await engine.search(request({ level: ['a', 'b'] }, { facets: ['standard'] }));
    expect(result.facets.standard).toEqual([
      { value: 's', count: 7 },
      { value: 't', count: 1 },
    ]);
  });
});

describe('its keys', () => {
  it('are its own, each with only the rights it needs', async () => {
    await built();
    await engine.search(request());
    await engine.apply({ upsert: [document('a')], remove: [] });
    const keyOf = (path: RegExp) => stub.calls.find((call) => path.test(call.path))?.key;
    expect(keyOf(/multi-search/)).toBe('key-for-search');
    expect(keyOf(/documents/)).toBe('key-for-documents.add');
    expect(await engine.facts()).toEqual({ resources: 0, bytes: 1000, version: '1.2.3' });
    expect(keyOf(/version/)).toBe('key-for-version');
  });

  it('are the given one where that may not make keys', async () => {
    stub.answer = ({ path }) => (path.startsWith('/keys') ? problem(403, 'invalid_api_key') : undefined);
    await engine.search(request());
    expect(stub.calls[0]?.key).toBe('the-master-key');
  });

  it('are none for a server without a master key', async () => {
    engine = createMeiliEngine({ url: stub.url, key: undefined });
    await engine.search(request());
    expect(stub.calls[0]?.key).toBeUndefined();
  });

  it('are made again when the server has forgotten them', async () => {
    let refused = 0;
    await engine.search(request());
    stub.answer = ({ path }) =>
      path === '/multi-search' && refused++ === 0 ? problem(403, 'invalid_api_key') : undefined;
    await expect(engine.search(request())).rejects.toBeInstanceOf(EngineDown);
    await expect(engine.search(request())).resolves.toMatchObject({ total: 0 });
  });
});

describe('a Meilisearch in trouble', () => {
  it.each<[string, () => void]>([
    [
      'is busy',
      () =>
        (stub.answer = ({ path }) =>
          path === '/multi-search' ? problem(503, 'too_many_search_requests') : undefined),
    ],
    ['never answers', () => (stub.answer = ({ path }) => (path === '/multi-search' ? 'hang' : undefined))],
    [
      'never answers about keys',
      () => (stub.answer = ({ path }) => (path.startsWith('/keys') ? 'hang' : undefined)),
    ],
    ['has another key', () => (stub.answer = () => problem(403, 'invalid_api_key'))],
    [
      'has no index yet',
      () =>
        (stub.answer = ({ path }) =>
          path === '/multi-search' ? problem(404, 'index_not_found') : undefined),
    ],
    [
      'is a proxy that says so in HTML',
      () => (stub.answer = () => ({ status: 502, raw: '<h1>Bad gateway</h1>' })),
    ],
    [
      'breaks off',
      () => (stub.answer = ({ path }) => (path === '/multi-search' ? { status: 500, raw: '' } : undefined)),
    ],
  ])('that %s counts as down, soon', async (_, prepare) => {
    prepare();
    const started = performance.now();
    await expect(engine.search(request())).rejects.toBeInstanceOf(EngineDown);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it('that is not there counts as down', async () => {
    const { url } = stub;
    await stub.close();
    engine = createMeiliEngine({ url, key: 'k' });
    await expect(engine.search(request())).rejects.toBeInstanceOf(EngineDown);
    await expect(engine.apply({ upsert: [], remove: ['a'] })).rejects.toBeInstanceOf(EngineDown);
    await expect(engine.ready()).rejects.toBeInstanceOf(EngineDown);
    stub = await meiliStub();
  });

  it('that refuses a document says why, and is not down', async () => {
    await built();
    stub.taskError = () => ({ code: 'invalid_document_id', message: 'bad id' });
    const writing = engine.apply({ upsert: [document('a')], remove: [] });
    await expect(writing).rejects.toThrow('invalid_document_id');
    await expect(writing).rejects.not.toBeInstanceOf(EngineDown);
  });

  it('whose disk is full is down, and no document is blamed', async () => {
    await built();
    stub.taskError = () => ({ code: 'no_space_left_on_device', message: 'full' });
    await expect(engine.apply({ upsert: [document('a')], remove: [] })).rejects.toBeInstanceOf(EngineDown);
  });

  it('that is behind with its tasks is down', async () => {
    await built();
    stub.taskPolls = Infinity;
    await expect(engine.apply({ upsert: [document('a')], remove: [] })).rejects.toBeInstanceOf(EngineDown);
  });

  it('is only told that a change is done when the task has succeeded', async () => {
    await built();
    stub.taskPolls = 3;
    let is = 'waiting';
    const writing = engine.apply({ upsert: [document('a')], remove: ['b'] }).then(() => (is = 'done'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(is).toBe('waiting');
    await writing;
    expect(is).toBe('done');
  });

  it('writes nothing while there is no index, for that would make one without settings', async () => {
    await engine.apply({ upsert: [document('a')], remove: ['b'] });
    expect(stub.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /indexes/commonshelf_resources',
    ]);
  });
});

describe('building the index anew', () => {
  it('gives the new one its settings before any document, then puts it in the place of the old one', async () => {
    await built();
    const rebuild = await engine.startRebuild();
    await rebuild.apply({ upsert: [document('a')], remove: [] });
    await rebuild.finish();
    expect(
      stub.calls.map(({ method, path }) => `${method} ${path.replace('commonshelf_resources', 'live')}`),
    ).toEqual([
      'DELETE /indexes/live_build',
      'POST /indexes',
      'PATCH /indexes/live_build/settings',
      'POST /indexes/live_build/documents',
      'GET /indexes/live',
      'POST /swap-indexes',
      'DELETE /indexes/live_build',
    ]);
    expect(stub.calls.find(({ path }) => path === '/swap-indexes')?.body).toEqual([
      { indexes: ['commonshelf_resources_build', 'commonshelf_resources'], rename: false },
    ]);
  });

  it('renames the first one, where there is none to swap with', async () => {
    await (await engine.startRebuild()).finish();
    expect(stub.calls.find(({ path }) => path === '/swap-indexes')?.body).toMatchObject([{ rename: true }]);
  });

  it('does not start when the settings are refused', async () => {
    stub.taskError = (type) =>
      type === 'settingsUpdate' ? { code: 'invalid_settings_ranking_rules', message: 'no' } : undefined;
    await expect(engine.startRebuild()).rejects.toThrow('invalid_settings_ranking_rules');
  });

  it('throws nothing when it is given up while Meilisearch is gone', async () => {
    const rebuild = await engine.startRebuild();
    await stub.close();
    await expect(rebuild.abandon()).resolves.toBeUndefined();
    stub = await meiliStub();
  });
});
