import type { Pool } from 'pg';
import type { IndexDifference, SearchDocument } from '../../search-port.ts';
import { documentRow, newEntries, pageRows, valuesIn, type ValueNumbers } from './postgres-write.ts';

const sorted = (list: string): string => `ARRAY(SELECT unnest(${list}) ORDER BY 1)`;
const lists = ['audience', 'facets', 'pairs', 'sets'];
const single = [
  'config',
  'head',
  'words',
  'staff_words',
  'title_sort',
  'checked',
  'complete',
  'quality',
  'used',
  'minutes',
  'published_at',
];
const ofBoth = (name: (column: string) => string): string => single.map(name).join(', ');

/** Of given documents: whose entry is missing, and whose would be written otherwise now. */
const comparison = `
  WITH ${newEntries}, here AS (SELECT resource_id, file_id, page, words FROM page),
  there AS (SELECT resource_id, file_id, page, words FROM search_page WHERE resource_id IN (SELECT resource_id FROM entry)),
  page_differs AS (
    (TABLE here EXCEPT ALL TABLE there) UNION ALL (TABLE there EXCEPT ALL TABLE here))
  SELECT e.resource_id AS id, s.resource_id IS NULL AS missing FROM entry e LEFT JOIN search_document s USING (resource_id)
  WHERE s.resource_id IS NULL OR e.resource_id IN (SELECT resource_id FROM page_differs)
    OR ROW(${ofBoth((column) => `e.${column}`)}) IS DISTINCT FROM ROW(${ofBoth((column) => `s.${column}`)})
    OR e.fields::jsonb IS DISTINCT FROM s.fields::jsonb
    ${lists.map((list) => `OR ${sorted(`e.${list}`)} <> ${sorted(`s.${list}`)}`).join(' ')}`;

/** Holds entries against what would be written for these documents now. Writes nothing but numbers of values that have none yet. */
export async function compareEntries(
  pool: Pool,
  numbers: ValueNumbers,
  documents: readonly SearchDocument[],
): Promise<IndexDifference> {
  await numbers.learn(valuesIn(documents));
  const { rows } = await pool.query<{ id: string; missing: boolean }>(comparison, [
    JSON.stringify(documents.map((document) => documentRow(document, numbers, 0))),
    JSON.stringify(documents.flatMap(pageRows)),
  ]);
  const idsOf = (missing: boolean) => rows.filter((row) => row.missing === missing).map(({ id }) => id);
  return { missing: idsOf(true), outdated: idsOf(false) };
}

const AT_ONCE = 1000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** The resources of all entries. */
export async function* entryIds(pool: Pool): AsyncGenerator<string[]> {
  for (let after = FIRST; ;) {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT resource_id AS id FROM search_document WHERE resource_id > $1 ORDER BY resource_id LIMIT $2',
      [after, AT_ONCE],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    yield rows.map(({ id }) => id);
  }
}
