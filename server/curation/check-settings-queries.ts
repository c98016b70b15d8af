import type { Pool, PoolClient } from 'pg';

export type Criterion = { id: string; name: string; hint: string };
export type Rubric = {
  id: string;
  slug: string;
  name: string;
  source: string | null;
  lowest: number;
  labels: string[];
  criteria: Criterion[];
};

export type CheckSettings = {
  promiseDays: number;
  leaseMinutes: number;
  /** Null: the state checks without one. */
  rubric: Rubric | null;
  rubrics: Rubric[];
};

/** How the state checks, with all rubrics that it may choose from; one round trip. */
export async function checkSettings(db: Pick<Pool | PoolClient, 'query'>): Promise<CheckSettings> {
  const { rows } = await db.query<{
    promise_days: number;
    lease_minutes: number;
    rubric_id: string | null;
    rubrics: Rubric[];
  }>(
    `SELECT promise_days, lease_minutes, rubric_id,
       (SELECT json_agg(json_build_object('id', r.id, 'slug', r.slug, 'name', r.name, 'source', r.source, 'lowest', r.lowest, 'labels', r.labels,
          'criteria', coalesce((SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'hint', c.hint) ORDER BY c.position, c.id)
                                FROM rubric_criterion c WHERE c.rubric_id = r.id AND c.retired_at IS NULL), '[]')) ORDER BY r.position)
        FROM rubric r) AS rubrics
     FROM check_setting`,
  );
  const [row] = rows;
  if (!row) throw new Error('the settings of checks are not there');
  return {
    promiseDays: row.promise_days,
    leaseMinutes: row.lease_minutes,
    rubric: row.rubrics.find(({ id }) => id === row.rubric_id) ?? null,
    rubrics: row.rubrics,
  };
}
