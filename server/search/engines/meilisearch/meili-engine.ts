import type { Index, Meilisearch, MultiSearchResult } from 'meilisearch';
import { readWords, type QueryWords } from '../../query-words.ts';
import {
  MAX_HITS,
  type EngineFacts,
  type FacetCount,
  type IndexBatch,
  type IndexDifference,
  type Rebuild,
  type SearchDocument,
  type SearchEngine,
  type SearchRequest,
  type SearchResult,
} from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';
import { compareDocuments, documentIds, type SummedDocument } from './meili-compare.ts';
import {
  asEngineError,
  connectMeili,
  done,
  isMissingIndex,
  type MeiliConnection,
  type MeiliOptions,
} from './meili-connection.ts';
import {
  countsOf,
  countsOfSets,
  levelQuery,
  levelsInPairs,
  planSearch,
  type Strategy,
  type MeiliQuery,
  type PlannedSearch,
} from './meili-query.ts';
import { meiliSettings, meiliSettingsVersion } from './meili-settings.ts';
import { MeiliWriting } from './meili-writing.ts';

/** The engine for a state. Opens no connection before it is used. */
export function createMeiliEngine(
  options: Pick<MeiliOptions, 'url' | 'key'> & Partial<MeiliOptions>,
): SearchEngine {
  const all: MeiliOptions = {
    index: 'commonshelf_resources',
    searchMs: 2000,
    requestMs: 30_000,
    taskMs: 120_000,
    ...options,
  };
  const connection = connectMeili(all);
  const engine = new MeiliEngine(connection, all.index);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const meant = asEngineError(error);
      if (meant !== error) connection.forget();
      throw meant;
    }
  };
  return {
    name: 'meilisearch',
    settings: meiliSettingsVersion,
    // A task costs much the same for one document and for hundreds.
    batch: { least: 300, most: 1000, rest: null },
    search: (request) => guarded(() => engine.search(request)),
    apply: (batch) => guarded(() => engine.apply(batch)),
    startRebuild: () => guarded(() => engine.startRebuild(guarded)),
    setSynonyms: (synonyms) => guarded(() => engine.setSynonyms(synonyms)),
    count: () => guarded(() => engine.count()),
    ready: () => guarded(() => engine.exists()),
    facts: () => guarded(() => engine.facts()),
    compare: (documents) => guarded(() => engine.compare(documents)),
    ids: () => engine.ids(guarded),
  };
}

/** Of longer queries no word is left out one by one; of each of these searches so many hits are looked at. */
const MOST_LEFT_OUT = 4;
const MOST_OTHERS = 40;

/** What some searches found, the first one's hits first. */
function together(found: Found, others: Pick<Found, 'ids' | 'total'>): Found {
  const ids = [...new Set([...found.ids, ...others.ids])];
  return { ...found, ids, total: Math.max(found.total, others.total, ids.length) };
}

class MeiliEngine {
  readonly #connection: MeiliConnection;
  readonly #index: string;

  constructor(connection: MeiliConnection, index: string) {
    this.#connection = connection;
    this.#index = index;
  }

  async search(request: SearchRequest): Promise<SearchResult> {
    const started = performance.now();
    const empty = request.audience.length === 0 || request.within?.length === 0;
    const words = readWords(request.q);
    const several = !empty && words.words.length + words.phrases.length > 1;
    const wanted = request.match === 'some' && several ? 'frequency' : 'all';
    const [asked, others] = await Promise.all([
      empty ? nothing(request) : this.#find(request, words, wanted),
      wanted === 'frequency' ? this.#withoutOne(request, words) : null,
    ]);
    const found = others === null ? asked : together(asked, others);
    const relax = found.total === 0 && several;
    const some = relax ? await this.#find(request, words, 'last') : found;
    return {
      ...some,
      corrected: [],
      relaxed: (relax || wanted === 'frequency') && some.total > 0,
      engine: 'meilisearch',
      tookMs: performance.now() - started,
    };
  }

  async #find(request: SearchRequest, words: QueryWords, strategy: Strategy): Promise<Found> {
    const plan = planSearch(request, words, strategy);
    const client = await this.#connection.searcher();
    const [main, ...rest] = await this.#ask(client, [plan.main, ...plan.facets.map(({ query }) => query)]);
    const distributions = main?.facetDistribution ?? {};
    const facets: Found['facets'] = {};
    for (const facet of request.facets) facets[facet] = countsOf(distributions[facet] ?? {});
    for (const [place, part] of plan.facets.entries())
      facets[part.facet] = await this.#counts(client, request, part, rest[place]?.facetDistribution ?? {});
    return {
      ids: (main?.hits ?? [])
        .map(({ id }) => id)
        .slice(0, Math.max(0, MAX_HITS - (request.page - 1) * request.perPage)),
      total: main?.totalHits ?? 0,
      facets,
      ...(request.pairs && { pairs: countsOf(distributions['pair'] ?? {}) }),
    };
  }

  /**
   * Meilisearch leaves out the commonest words first, and keeps the rarest. These are the first hits that have the others
   * instead.
   */
  async #withoutOne(request: SearchRequest, words: QueryWords): Promise<Pick<Found, 'ids' | 'total'>> {
    if (words.words.length < 2 || words.words.length > MOST_LEFT_OUT) return { ids: [], total: 0 };
    const answers = await this.#ask(
      await this.#connection.searcher(),
      words.words.map((left) => {
        const some = { ...words, words: words.words.filter((word) => word !== left), open: false };
        return { ...planSearch({ ...request, perPage: MOST_OTHERS }, some, 'all').main, facets: [] };
      }),
    );
    return {
      ids: answers.flatMap(({ hits }) => hits.map(({ id }) => id)),
      total: Math.max(0, ...answers.map(({ totalHits }) => totalHits ?? 0)),
    };
  }

  async #counts(
    client: Meilisearch,
    { filters }: SearchRequest,
    { facet, count, query }: PlannedSearch['facets'][number],
    distributions: Record<string, Record<string, number>>,
  ): Promise<FacetCount[]> {
    if (count === 'facet') return countsOf(distributions[facet] ?? {});
    if (count === 'set') return countsOfSets(distributions['set'] ?? {}, filters.level);
    const levels = levelsInPairs(distributions['pair'] ?? {}, filters.standard);
    if (filters.standard.length === 1) return countsOf(levels);
    const slugs = Object.keys(levels);
    if (slugs.length === 0) return [];
    const exact = await this.#ask(
      client,
      slugs.map((level) => levelQuery(query, filters.standard, level)),
    );
    return countsOf(Object.fromEntries(slugs.map((slug, place) => [slug, exact[place]?.totalHits ?? 0])));
  }

  async #ask(client: Meilisearch, queries: MeiliQuery[]): Promise<Answer[]> {
    const { results } = await client.multiSearch<
      { queries: (MeiliQuery & { indexUid: string })[] },
      { id: string }
    >({
      queries: queries.map((query) => ({ ...query, indexUid: this.#index })),
    });
    return results as Answer[];
  }

  /** Where there is no index yet nothing is written: the first build reads everything anyway. */
  async apply(batch: IndexBatch): Promise<void> {
    if (!(await this.exists())) return;
    const writing = new MeiliWriting((await this.#connection.indexer()).index(this.#index));
    await writing.remove(batch.remove);
    await writing.add(batch.upsert);
    await writing.finish();
  }

  /** A change of synonyms alone indexes no document anew. */
  async setSynonyms(synonyms: Record<string, string[]>): Promise<void> {
    const client = await this.#connection.indexer();
    await done(client.index(this.#index).updateSynonyms(synonyms));
  }

  async exists(): Promise<boolean> {
    const client = await this.#connection.indexer();
    try {
      await client.getRawIndex(this.#index);
      return true;
    } catch (error) {
      if (isMissingIndex(error)) return false;
      throw error;
    }
  }

  async count(): Promise<number> {
    const client = await this.#connection.indexer();
    return (await client.index(this.#index).getStats()).numberOfDocuments;
  }

  async facts(): Promise<EngineFacts> {
    const [indexer, asker] = await Promise.all([this.#connection.indexer(), this.#connection.asker()]);
    const [stats, version] = await Promise.all([
      indexer.getStats(),
      // A key that the operator made may not be allowed to ask.
      asker.getVersion().then(
        ({ pkgVersion }) => pkgVersion,
        () => null,
      ),
    ]);
    return {
      resources: stats.indexes[this.#index]?.numberOfDocuments ?? 0,
      bytes: stats.usedDatabaseSize ?? stats.databaseSize,
      version,
    };
  }

  async compare(documents: readonly SearchDocument[]): Promise<IndexDifference> {
    return compareDocuments(await this.#toRead(), documents);
  }

  ids(guarded: <T>(work: () => Promise<T>) => Promise<T>): AsyncGenerator<string[]> {
    return documentIds((page) =>
      guarded(async () => {
        const { results } = await (await this.#toRead()).getDocuments({ fields: ['id'], ...page });
        return results.map(({ id }) => id);
      }),
    );
  }

  async #toRead(): Promise<Index<SummedDocument>> {
    return (await this.#connection.reader()).index(this.#index);
  }

  async startRebuild(guarded: <T>(work: () => Promise<T>) => Promise<T>): Promise<Rebuild> {
    const client = await this.#connection.indexer();
    const beside = `${this.#index}_build`;
    // What an interrupted rebuild has left.
    await this.#drop(client, beside);
    await done(client.createIndex(beside, { primaryKey: 'id' }));
    await done(client.index(beside).updateSettings(meiliSettings));
    const writing = new MeiliWriting(client.index(beside));
    return {
      inPlace: false,
      apply: ({ upsert, remove }) =>
        guarded(async () => {
          await writing.remove(remove);
          await writing.add(upsert);
        }),
      finish: () =>
        guarded(async () => {
          await writing.finish();
          const inUse = await this.exists();
          await done(client.swapIndexes([{ indexes: [beside, this.#index], rename: !inUse }]));
          if (inUse) await this.#drop(client, beside);
        }),
      abandon: async () => this.#drop(client, beside).catch(() => {}),
    };
  }

  async #drop(client: Meilisearch, index: string): Promise<void> {
    const { status, error, type } = await client.deleteIndex(index).waitTask();
    if (status !== 'succeeded' && error?.code !== 'index_not_found')
      throw new Error(`Meilisearch could not do ${type}: ${error?.message ?? status}`);
  }
}

type Answer = MultiSearchResult<{ id: string }> & { totalHits?: number };
type Found = Pick<SearchResult, 'ids' | 'total' | 'pairs'> & {
  facets: Partial<Record<FacetName, FacetCount[]>>;
};

const nothing = (request: SearchRequest): Found => ({
  ids: [],
  total: 0,
  facets: Object.fromEntries(request.facets.map((facet) => [facet, []])),
});
