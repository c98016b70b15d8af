import type { Pool } from 'pg';
import { asUuid } from '../../lib/uuid5.ts';
import { prepared } from '../../platform/database/prepared.ts';
import type { RankFields } from './rank-fields.ts';
import type { RankedHit } from './rank-hits.ts';

/**
 * What ranking knows of resources, in the order of their ids; those that aren't on the shelf, or not open to someone who
 * holds the keys, are left out: the database says so now, whatever an index remembers. `standards`: GUIDs that were
 * asked for, for how far alignments hold.
 */
export async function rankedHits(
  pool: Pool,
  ids: readonly string[],
  audience: readonly string[],
  standards: readonly string[],
): Promise<RankedHit[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<{
    id: string;
    quality: number | null;
    published: number | null;
    fields: RankFields | null;
    fit: 'full' | 'part' | null;
  }>(known([ids, audience, standards.flatMap((value) => asUuid(value) ?? [])]));
  return rows.map(({ id, quality, published, fields, fit }) => ({
    id,
    quality: quality ?? 0,
    published: published ?? 0,
    fields,
    fit,
  }));
}

const known = prepared(`
  SELECT r.id, d.quality, extract(epoch FROM d.published_at)::float8 AS published, d.fields,
    CASE WHEN cardinality($3::uuid[]) = 0 THEN NULL ELSE (
      SELECT min(a.fit) FROM alignment a
        LEFT JOIN standard_ancestor up ON up.standard_guid = a.standard_guid AND up.ancestor_guid = ANY ($3::uuid[])
      WHERE a.resource_id = r.id AND a.to_version IS NULL AND a.check_state = 'checked' AND a.fit IN ('full', 'part')
        AND (a.standard_guid = ANY ($3::uuid[]) OR up.standard_guid IS NOT NULL)) END AS fit
  FROM unnest($1::uuid[]) WITH ORDINALITY u (id, n)
    JOIN resource r USING (id)
    LEFT JOIN search_document d ON d.resource_id = r.id
  WHERE r.state = 'published' AND r.audience && $2::text[]
  ORDER BY u.n`);

/** In about how many resources words are; those that nobody has written are left out. */
export async function wordCounts(pool: Pool, words: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ word: string; docs: number }>(counted([words]));
  return new Map(rows.map(({ word, docs }) => [word, docs]));
}

const counted = prepared('SELECT word, docs FROM search_word WHERE word = ANY ($1::text[])');
