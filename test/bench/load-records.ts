import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { seedState } from '../../prisma/seed/seed-state.ts';
import { withTransaction } from '../../server/platform/database/transaction.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import { copyRecords } from './copy-records.ts';
import { realRecords } from './records/real-records.ts';
import { addRows, emptyRows, TABLES, type Rows } from './resource-rows.ts';
import { addDistricts } from './state.ts';
import { readWorld } from './world.ts';

/** Real frameworks; the last three give the other subjects something to be aligned to. */
const FRAMEWORKS = [
  'ccss-math.asn.rdf.xml',
  'ngss.asn.rdf.xml',
  'asn-json/DC-english.json.gz',
  'asn-json/DC-history.json.gz',
  'asn-json/DC-arts.json.gz',
];

const BATCH = 500;

export interface Loaded {
  resources: number;
  bySource: Record<string, number>;
  seconds: number;
}

/**
 * Fills an empty, migrated database: the demo state with 40 districts more, real frameworks through the importer, and
 * `count` real records, published. Writes the tables themselves, batch after batch, so memory stays the same however
 * many they are; the search index is the indexer's. More records than there are come as numbered copies.
 */
export async function loadRecords(
  pool: Pool,
  input: {
    folders: { resources: string; scale: string; standards: string };
    count: number;
    /** What the records don't say is made up: handouts, topics, standards, who may see them. True unless told. */
    invent?: boolean;
    /** Documents with the text of their pages, the records' own or handouts. True unless told. */
    pageTexts?: boolean;
    say: (text: string) => void;
  },
): Promise<Loaded> {
  const started = performance.now();
  await withTransaction(pool, async (client) => {
    await seedState(client);
    await addDistricts(client);
  });
  const deps = { pool, clock: { now: () => new Date() }, config: { stateName: 'Demo State' } };
  for (const file of FRAMEWORKS) {
    const report = await importFramework(
      deps,
      null,
      await readFrameworkFile(join(input.folders.standards, file)),
    );
    input.say(`${report.title}: ${report.created} standards`);
  }
  const invent = input.invent ?? true;
  const world = await readWorld(pool);
  // Uses are counted here, and the whole index is built afterwards.
  await pool.query('ALTER TABLE use_mark DISABLE TRIGGER USER');
  const bySource: Record<string, number> = {};
  let resources = 0;
  let rows = emptyRows();
  const pageTexts = input.pageTexts ?? true;
  for await (const { source, record } of realRecords(input.folders, input.count, {
    handouts: invent && pageTexts,
  })) {
    addRows(rows, pageTexts ? record : { ...record, document: null }, world, { invent });
    bySource[source] = (bySource[source] ?? 0) + 1;
    resources += 1;
    if (resources % BATCH === 0) {
      await insert(pool, rows);
      rows = emptyRows();
    }
    if (resources % 10_000 === 0) input.say(`${resources} resources`);
    if (resources === input.count) break;
  }
  await insert(pool, rows);
  const different = resources;
  for (let copy = 1; different > 0 && resources < input.count; copy += 1) {
    resources += await copyRecords(pool, copy, Math.min(different, input.count - resources));
    input.say(`${resources} resources`);
  }
  await pool.query('ALTER TABLE use_mark ENABLE TRIGGER USER');
  return { resources, bySource, seconds: (performance.now() - started) / 1000 };
}

async function insert(pool: Pool, rows: Rows): Promise<void> {
  await withTransaction(pool, async (client) => {
    for (const table of TABLES) await insertInto(client, table, rows[table]);
  });
}

/** All rows of a table in one statement; they all have the same columns. */
async function insertInto(client: PoolClient, table: string, rows: Record<string, unknown>[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).join(', ');
  await client.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1::json)`,
    [JSON.stringify(rows)],
  );
}
