import type { Pool, PoolClient } from 'pg';
import { prepared } from '../platform/database/prepared.ts';
import type { WordQuery } from './engines/postgres/postgres-word-query.ts';
import { lookUpWords } from './engines/postgres/postgres-words.ts';
import { readSnapshot } from './engines/postgres/postgres-reading.ts';
import { isEmpty, readWords } from './query-words.ts';
import { DESCRIPTION_PAGE, EngineDown, type SearchRequest } from './search-port.ts';
import type { SnippetPart } from './search-view.ts';
import { snippetOf, stemsIn } from './snippet.ts';

/** Where the words of a query are inside a resource. */
export interface FoundPlace {
  /** Null: not in a file, but in the description or the text itself. */
  file: { id: string; name: string } | null;
  /** From 1; null without a file. */
  page: number | null;
  language: string;
  snippet: SnippetPart[];
}

/**
 * For hits whose words aren't all in title, summary and tags: the page that has them, with a snippet. A page of a file
 * that is educators-only *now* is only shown to educators, whatever an index says. One round trip after the words are
 * looked up; works the same for hits of any engine. A hit without such a page is missing from the answer; when time is
 * up, all are, for a search without snippets is better than none.
 */
export async function findInside(
  pool: Pool,
  asked: Pick<SearchRequest, 'q' | 'educator' | 'synonyms'> & { ids: readonly string[]; timeoutMs?: number },
): Promise<Map<string, FoundPlace>> {
  const words = readWords(asked.q);
  if (asked.ids.length === 0 || isEmpty(words)) return new Map();
  try {
    return await readSnapshot(pool, asked.timeoutMs ?? 1500, async (client, shown) =>
      places(client, asked, await lookUpWords(client, words, asked.educator, shown, asked.synonyms)),
    );
  } catch (error) {
    if (error instanceof EngineDown) return new Map();
    throw error;
  }
}

async function places(
  client: PoolClient,
  { ids, educator }: { ids: readonly string[]; educator: boolean },
  query: WordQuery,
): Promise<Map<string, FoundPlace>> {
  if (query.all === null) return new Map();
  const stems = stemsIn(query.any ?? query.all);
  const { rows } = await client.query<PlaceRow>(
    placesWith([ids, query.all, query.any ?? query.all, educator]),
  );
  return new Map(
    rows.map((row) => [
      row.resource_id,
      {
        file: row.file_id === null || row.name === null ? null : { id: row.file_id, name: row.name },
        page: row.file_id === null ? null : row.page,
        language: row.language,
        snippet: snippetOf(row.text, stems),
      },
    ]),
  );
}

interface PlaceRow {
  resource_id: string;
  file_id: string | null;
  page: number;
  name: string | null;
  language: string;
  text: string;
}

// $1 ids, $2 all words, $3 any of them, $4 educator
const placesWith = prepared(`
  SELECT b.resource_id, b.file_id, b.page, b.name, b.language,
    left(t.text, 50000) AS text
  FROM (
    SELECT DISTINCT ON (p.resource_id) p.resource_id, f.id AS file_id, p.page, f.name, f.sha256, v.language, v.id AS version_id
    FROM search_document d
      JOIN search_page p USING (resource_id)
      JOIN resource r ON r.id = d.resource_id
      JOIN version v ON v.id = r.current_version_id
      LEFT JOIN version_file vf ON vf.version_id = v.id AND vf.file_id = p.file_id
      LEFT JOIN file f ON f.id = vf.file_id
    WHERE d.resource_id = ANY ($1::uuid[]) AND NOT d.head @@ $2::tsquery AND p.words @@ $3::tsquery
      AND (p.page <= ${DESCRIPTION_PAGE} OR (f.id IS NOT NULL AND (NOT vf.educators_only OR $4)))
    ORDER BY p.resource_id, p.words @@ $2::tsquery DESC, ts_rank(p.words, $3::tsquery) DESC, p.page
  ) b
  CROSS JOIN LATERAL (
    SELECT g.text FROM blob_page g WHERE b.file_id IS NOT NULL AND g.sha256 = b.sha256 AND g.page = b.page
    UNION ALL
    SELECT CASE WHEN b.page = ${DESCRIPTION_PAGE} THEN v.description ELSE v.full_text END FROM version v
    WHERE b.file_id IS NULL AND v.id = b.version_id) t`);
