import type { Pool } from 'pg';

/** Distinct resources that holders of the given keys may see, aligned to a standard or to one below it. */
export interface StandardCount {
  resources: number;
  /** Of those, with an alignment that was checked. */
  checked: number;
  /** By id of the level; a resource stands at each level that it is aligned with. */
  levels: Map<string, { resources: number; checked: number }>;
}

/** Alignments `a` of resources `r` that share a key with $2, to standards below the guid of `w`. */
const SEEN = `JOIN standard_ancestor t ON t.ancestor_guid = w.guid
  JOIN alignment a ON a.standard_guid = t.standard_guid AND a.to_version IS NULL
    AND NOT (a.check_state = 'returned' AND coalesce(a.fit, '') IN ('other_level', 'none'))
  JOIN resource r ON r.id = a.resource_id AND r.state = 'published' AND r.audience && $2::text[]`;

/**
 * How many resources stand at or below each of many standards, in one round trip.
 * @param audiences the viewer's keys (`audiencesOf`)
 * @returns by GUID; a standard without resources is left out
 */
export async function standardCounts(
  pool: Pool,
  audiences: string[],
  guids: string[],
): Promise<Map<string, StandardCount>> {
  if (guids.length === 0) return new Map();
  const { rows } = await pool.query<{
    guid: string;
    level: string | null;
    total: boolean;
    resources: number;
    checked: number;
  }>(
    `SELECT w.guid, a.level_id AS level, grouping(a.level_id) = 1 AS total, count(DISTINCT r.id)::int AS resources,
       (count(DISTINCT r.id) FILTER (WHERE a.check_state = 'checked'))::int AS checked
     FROM unnest($1::uuid[]) AS w (guid) ${SEEN}
     GROUP BY GROUPING SETS ((w.guid), (w.guid, a.level_id))`,
    [guids, audiences],
  );
  const counts = new Map<string, StandardCount>();
  for (const { guid, level, total, resources, checked } of rows) {
    const count = counts.get(guid) ?? { resources: 0, checked: 0, levels: new Map() };
    counts.set(guid, count);
    if (total) Object.assign(count, { resources, checked });
    else if (level !== null) count.levels.set(level, { resources, checked });
  }
  return counts;
}

/** How many resources each framework has, by its GUID; those without any are left out. */
export async function frameworkCounts(pool: Pool, audiences: string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ guid: string; resources: number }>(
    `SELECT s.framework_guid AS guid, count(DISTINCT r.id)::int AS resources
     FROM alignment a JOIN resource r ON r.id = a.resource_id AND r.state = 'published' AND r.audience && $1::text[]
     JOIN standard s ON s.guid = a.standard_guid WHERE a.to_version IS NULL GROUP BY s.framework_guid`,
    [audiences],
  );
  return new Map(rows.map(({ guid, resources }) => [guid, resources]));
}

export type ShelfSort = 'used' | 'newest' | 'shortest';

const ORDER: Record<ShelfSort, string> = {
  used: `checked DESC, used_count DESC, published_at DESC, id`,
  newest: `published_at DESC, id`,
  shortest: `minutes NULLS LAST, checked DESC, used_count DESC, id`,
};

/** The shelf at one level of a standard; `level` null: aligned without one. */
export interface Shelf {
  level: string | null;
  resources: number;
  checked: number;
  /** The first few, in order. */
  ids: string[];
}

/**
 * What stands on each rung of a standard and of all below it.
 * @param options.checkedOnly leaves out whatever isn't checked for the alignment, from the counts too
 */
export async function standardShelves(
  pool: Pool,
  audiences: string[],
  guid: string,
  options: { sort: ShelfSort; checkedOnly: boolean; size: number },
): Promise<Shelf[]> {
  const { rows } = await pool.query<Shelf>(
    `WITH hits AS (
       SELECT r.id, a.level_id, bool_or(a.check_state = 'checked') AS checked, r.used_count, r.published_at, min(v.minutes) AS minutes
       FROM (SELECT $1::uuid AS guid) w ${SEEN} JOIN version v ON v.id = r.current_version_id
       GROUP BY r.id, a.level_id),
     placed AS (
       SELECT *, row_number() OVER (PARTITION BY level_id ORDER BY ${ORDER[options.sort]}) AS place
       FROM hits WHERE checked OR NOT $3::boolean)
     SELECT level_id AS level, count(*)::int AS resources, (count(*) FILTER (WHERE checked))::int AS checked,
       coalesce(array_agg(id ORDER BY place) FILTER (WHERE place <= $4), '{}') AS ids
     FROM placed GROUP BY level_id`,
    [guid, audiences, options.checkedOnly, options.size],
  );
  return rows;
}
