import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPostgresEngine } from '../../../server/search/engines/postgres/postgres-engine.ts';
import { readDocuments } from '../../../server/search/search-documents.ts';
import { searchFilters, type SearchDocument } from '../../../server/search/search-port.ts';
import { seedCatalog } from '../../support/catalog.ts';
import { testDatabase } from '../../support/database.ts';

const { pool } = await testDatabase();
const engine = createPostgresEngine(pool);
let model: SearchDocument;

beforeAll(async () => {
  const catalog = await seedCatalog(pool);
  const [document] = await readDocuments(
    pool,
    catalog.resources.map(({ key }) => catalog.id(key)),
  );
  model = { ...document!, audience: ['public'], keywords: [], staffPages: [] };
});

const lesson = (title: string, text = ''): SearchDocument => ({
  ...model,
  id: randomUUID(),
  title,
  summary: '',
  description: text,
  pages: [{ fileId: null, page: 0, text }],
});

/** Titles that a search finds when "whirligig" may also be said in other words. */
async function found(q: string, match: 'all' | 'some' = 'all'): Promise<string[]> {
  const { ids } = await engine.search({
    q,
    synonyms: [{ words: ['whirligig'], others: [['spinning', 'garden', 'toy'], ['gyro']] }],
    filters: searchFilters(),
    match,
    within: null,
    sort: 'best',
    page: 1,
    perPage: 100,
    facets: [],
    audience: ['public'],
    educator: false,
  });
  const { rows } = await pool.query<{ id: string }>(
    'SELECT resource_id AS id FROM search_document WHERE resource_id = ANY ($1) ORDER BY title_sort',
    [ids],
  );
  return rows.flatMap(({ id }) => titles.get(id) ?? []);
}

const titles = new Map<string, string>();
async function shelve(...documents: SearchDocument[]): Promise<void> {
  for (const { id, title } of documents) titles.set(id, title);
  await engine.apply({ upsert: documents, remove: [] });
  await pool.query('ANALYZE search_document');
}

describe('a synonym of several words', () => {
  it('is looked for wherever it may stand, in order', async () => {
    await shelve(
      lesson('A whirligig of paper'),
      lesson('B folded paper', 'How to fold a spinning garden toy.'),
      lesson('C paper garden', 'In this garden a toy is spinning.'),
      lesson('D gyro of paper'),
      lesson('E spinning garden toys of paper'),
      lesson('F spinning garden toys', 'Made of paper.'),
      lesson('G spinning garden toys', 'Made of wood.'),
    );
    expect(await found('whirligig paper')).toEqual([
      'A whirligig of paper',
      'B folded paper',
      'D gyro of paper',
      'E spinning garden toys of paper',
      'F spinning garden toys',
    ]);
  });

  it('is looked for in the record itself, where very many texts have its words somewhere', async () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      lesson(`Texts ${n}`, 'A toy in a garden; something was spinning.'),
    );
    await shelve(...many);
    // What else is asked for still counts anywhere.
    const record = ['E spinning garden toys of paper', 'F spinning garden toys'];
    expect(await found('whirligig paper')).toEqual(['A whirligig of paper', 'D gyro of paper', ...record]);
    expect(await found('whirligig')).toEqual([
      'A whirligig of paper',
      'D gyro of paper',
      ...record,
      'G spinning garden toys',
    ]);
    expect(await found('whirligig pelican')).toEqual([
      'A whirligig of paper',
      'D gyro of paper',
      ...record,
      'G spinning garden toys',
    ]);
    expect(await found('whirligig paper pelican', 'some')).toEqual(
      expect.arrayContaining(['A whirligig of paper', 'E spinning garden toys of paper']),
    );
  });
});
