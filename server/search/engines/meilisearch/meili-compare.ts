import type { Index } from 'meilisearch';
import type { IndexDifference, SearchDocument } from '../../search-port.ts';
import { meiliDocument, type MeiliDocument } from './meili-documents.ts';

/** What of the documents in an index tells whether they are there, and as they would be written now. */
export type SummedDocument = Pick<MeiliDocument, 'id' | 'sum'>;

/** Holds an index against what would be written for these documents now. */
export async function compareDocuments(
  index: Index<SummedDocument>,
  documents: readonly SearchDocument[],
): Promise<IndexDifference> {
  const wanted = documents.map((document) => document.id);
  const { results } = await index.getDocuments({
    filter: `id IN [${wanted.join(', ')}]`,
    fields: ['id', 'sum'],
    limit: wanted.length,
  });
  const known = new Map(results.map(({ id, sum }) => [id, sum]));
  const outdated = documents.filter(
    (document) => known.has(document.id) && known.get(document.id) !== meiliDocument(document).sum,
  );
  return { missing: wanted.filter((id) => !known.has(id)), outdated: outdated.map(({ id }) => id) };
}

const AT_ONCE = 1000;

/**
 * The resources of all documents, some at once.
 * @param read so many ids from the one at this place on
 */
export async function* documentIds(
  read: (page: { offset: number; limit: number }) => Promise<string[]>,
): AsyncGenerator<string[]> {
  for (let offset = 0; ; offset += AT_ONCE) {
    const ids = await read({ offset, limit: AT_ONCE });
    if (ids.length === 0) return;
    yield ids;
  }
}
