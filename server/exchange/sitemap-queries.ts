import type { Pool } from 'pg';
import { collectionPath } from '../lib/slug.ts';
import { publicViewer, audiencesOf } from '../lib/viewer.ts';

/** An address that search engines should know, and when the page last changed. */
export type SitemapEntry = { path: string; changed: Date | null };

/** A part of the sitemap: where it begins, and the newest change in it. */
export type SitemapPart = { first: string; changed: Date };

/** Search engines see what the public sees. */
const audience = audiencesOf(publicViewer);

/** What the page of a resource `r` in version `v` shows last changed at this time. */
const changedSql = 'greatest(v.published_at, r.checked_at)';
const onShelf = `r.state = 'published' AND r.audience && $1::text[]`;

const pageSize = 1000;

/** Where parts of `size` resources begin. */
export async function resourceParts(pool: Pool, size: number): Promise<SitemapPart[]> {
  const { rows } = await pool.query<SitemapPart>(
    `SELECT min(id::text) AS first, max(changed) AS changed FROM (
       SELECT r.id, ${changedSql} AS changed, (row_number() OVER (ORDER BY r.id) - 1) / $2::int AS part
       FROM resource r JOIN version v ON v.id = r.current_version_id WHERE ${onShelf}) numbered
     GROUP BY part ORDER BY part`,
    [audience, size],
  );
  return rows;
}

/** The pages of resources from an id on, at most `most`, read page by page. */
export async function* resourceEntries(
  pool: Pool,
  first: string,
  most: number,
): AsyncGenerator<{ id: string; title: string; changed: Date }[]> {
  let [from, left] = [first, most];
  for (let after = false; left > 0; after = true) {
    const { rows } = await pool.query<{ id: string; title: string; changed: Date }>(
      `SELECT r.id, v.title, ${changedSql} AS changed FROM resource r JOIN version v ON v.id = r.current_version_id
       WHERE ${onShelf} AND r.id ${after ? '>' : '>='} $2::uuid ORDER BY r.id LIMIT $3`,
      [audience, from, Math.min(pageSize, left)],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    from = last.id;
    left -= rows.length;
  }
}

/** Alignments of resources on the shelf, with the standard and all above it as `t.ancestor_guid`. */
const alignedSql = `standard_ancestor t JOIN alignment a ON a.standard_guid = t.standard_guid AND a.to_version IS NULL
  JOIN resource r ON r.id = a.resource_id AND ${onShelf} JOIN version v ON v.id = r.current_version_id`;

/** Frameworks that have resources: their standards are a part each. */
export async function frameworkParts(pool: Pool): Promise<(SitemapPart & { slug: string })[]> {
  const { rows } = await pool.query<SitemapPart & { slug: string }>(
    `SELECT f.guid::text AS first, f.slug, greatest(f.imported_at, max(${changedSql})) AS changed
     FROM framework f JOIN standard s ON s.framework_guid = f.guid
     JOIN alignment a ON a.standard_guid = s.guid AND a.to_version IS NULL
     JOIN resource r ON r.id = a.resource_id AND ${onShelf} JOIN version v ON v.id = r.current_version_id
     WHERE f.visible GROUP BY f.guid ORDER BY f.guid`,
    [audience],
  );
  return rows;
}

/** The pages of a framework's standards that have resources at or below them, at most `most`, read page by page. */
export async function* standardEntries(
  pool: Pool,
  framework: string,
  most: number,
): AsyncGenerator<SitemapEntry[]> {
  let [after, left] = ['00000000-0000-0000-0000-000000000000', most];
  while (left > 0) {
    const { rows } = await pool.query<{ guid: string; changed: Date }>(
      `SELECT s.guid, greatest(s.updated_at, newest.changed) AS changed
       FROM standard s JOIN framework f ON f.guid = s.framework_guid AND f.visible
       CROSS JOIN LATERAL (SELECT max(${changedSql}) AS changed FROM ${alignedSql} WHERE t.ancestor_guid = s.guid) newest
       WHERE s.framework_guid = $2 AND s.guid > $3::uuid AND newest.changed IS NOT NULL ORDER BY s.guid LIMIT $4`,
      [audience, framework, after, Math.min(pageSize, left)],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ guid, changed }) => ({ path: `/standards/${guid}`, changed }));
    after = last.guid;
    left -= rows.length;
  }
}

/** Topics, districts and schools that have resources. */
export async function placeEntries(pool: Pool): Promise<SitemapEntry[]> {
  const { rows } = await pool.query<SitemapEntry>(
    `SELECT '/topics/' || t.slug AS path, max(${changedSql}) AS changed
     FROM topic t JOIN topic_ancestor ta ON ta.ancestor_id = t.id JOIN version_topic vt ON vt.topic_id = ta.topic_id
     JOIN version v ON v.id = vt.version_id JOIN resource r ON r.current_version_id = v.id AND ${onShelf} GROUP BY t.id
     UNION ALL
     SELECT '/districts/' || o.slug, max(${changedSql}) FROM organization o JOIN resource r ON r.district_id = o.id AND ${onShelf}
     JOIN version v ON v.id = r.current_version_id WHERE o.closed_at IS NULL GROUP BY o.id
     UNION ALL
     SELECT '/schools/' || o.slug, max(${changedSql}) FROM organization o JOIN resource r ON r.organization_id = o.id AND ${onShelf}
     JOIN version v ON v.id = r.current_version_id WHERE o.kind = 'school' AND o.closed_at IS NULL GROUP BY o.id
     ORDER BY path`,
    [audience],
  );
  return rows;
}

/** Collections that everyone may see, at most `most`. */
export async function collectionEntries(pool: Pool, most: number): Promise<SitemapEntry[]> {
  const { rows } = await pool.query<{ id: string; title: string; changed: Date }>(
    `SELECT id, title, updated_at AS changed FROM collection WHERE visibility = 'public' AND audience && $1::text[]
     ORDER BY id LIMIT $2`,
    [audience, most],
  );
  return rows.map(({ id, title, changed }) => ({ path: collectionPath(id, title), changed }));
}
