import type { Pool } from 'pg';
import { normCode } from '../../server/lib/standard-code.ts';
import { publicViewer } from '../../server/lib/viewer.ts';
import type { Logger } from '../../server/platform/logger.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { startIndexer } from '../../server/search/indexer.ts';
import { createSearchEngines } from '../../server/search/search-engines.ts';
import { answerSearch } from '../../server/search/search-page.ts';
import { readSearch } from '../../server/search/search-schema.ts';
import { untilIndexed } from '../bench/prepare-data.ts';
import { realRecords, type recordFolders } from '../bench/records/real-records.ts';
import type { RealRecord } from '../bench/records/record.ts';
import type { EngineName } from '../../server/search/search-port.ts';
import { createBm25 } from './bm25.ts';

/** Whatever ranks records: keys of hits, best first, and how many there are in all. */
export interface Ranking {
  name: string;
  search: (query: string) => Promise<{ keys: string[]; total: number }>;
}

/** What is judged is the first page, as a person sees it. */
const DEPTH = 10;

/** Every record of the school sources, without anything made up, in the order of the sources. */
export async function schoolRecords(
  folders: NonNullable<ReturnType<typeof recordFolders>>,
  count: number,
): Promise<RealRecord[]> {
  const records: RealRecord[] = [];
  for await (const { record } of realRecords(folders, count, { handouts: false })) records.push(record);
  return records;
}

/** BM25 over all that the portal has to search in: the words of the record, its codes, the text of its document. */
export function plainBm25(records: readonly RealRecord[]): Ranking {
  const { search } = createBm25(
    records.map((record) => ({
      key: record.key,
      text: [
        record.title,
        record.summary,
        record.description,
        ...record.keywords,
        ...record.codes,
        ...(record.document?.pages ?? []),
      ].join('\n'),
    })),
  );
  return {
    name: 'BM25',
    search: async (query) => {
      const keys = search(query, records.length);
      return { keys: keys.slice(0, DEPTH), total: keys.length };
    },
  };
}

/** Whether a framework of the database has a code, in any spelling. */
export async function knownCodes(pool: Pool): Promise<(code: string) => boolean> {
  const { rows } = await pool.query<{ code_norm: string }>('SELECT DISTINCT code_norm FROM standard_code');
  const norms = new Set(rows.map((row) => row.code_norm));
  return (code) => norms.has(normCode(code));
}

/**
 * The portal's whole search on one engine, as the public has it: reading of the words, mending, synonyms, ranking. The
 * index is brought up to date first. No other engine steps in: figures of two would be mixed.
 * @throws 503 when the engine doesn't answer
 */
export async function portalSearch(
  { pool, log }: { pool: Pool; log: Logger },
  engine: EngineName,
  meilisearch: { meiliUrl: string | undefined; meiliKey: string | undefined },
): Promise<Ranking> {
  const search = {
    ...createSearchEngines({ pool, clock: systemClock, config: meilisearch }),
    standIn: null,
  };
  // A server that was started for this run is empty, whatever the database remembers of the one before.
  if (!(await search.first.ready()))
    await pool.query(`UPDATE search_engine SET settings = '' WHERE name = $1`, [engine]);
  const indexer = startIndexer({ pool, log, engines: [search.first] });
  try {
    await untilIndexed(pool, engine, search.first.settings);
  } finally {
    await indexer.stop();
  }
  const { rows } = await pool.query<{ id: string; key: string }>(
    `SELECT id, external_id AS key FROM resource WHERE external_id IS NOT NULL`,
  );
  const keyOf = new Map(rows.map(({ id, key }) => [id, key]));
  return {
    name: engine === 'postgres' ? 'PostgreSQL' : 'Meilisearch',
    search: async (query) => {
      const asked = { ...readSearch({ q: query }), perPage: DEPTH };
      const { answer } = await answerSearch({ pool, search, log }, publicViewer, asked);
      if (answer.engine !== engine) throw new Error(`${answer.engine} answered instead of ${engine}`);
      return { keys: answer.ids.map((id) => keyOf.get(id) ?? id), total: answer.total };
    },
  };
}
