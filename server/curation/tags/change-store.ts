import type { Pool, PoolClient } from 'pg';
import { audiencesOf, type Viewer } from '../../lib/viewer.ts';
import { inScope, scopeOf } from '../flags/flag-queries.ts';
import type { ChangeState } from './change-states.ts';
import type { GapField, TagField, TagMode } from './tag-kinds.ts';
import type { TagValue } from './tag-plan.ts';

/** A change of many tags. */
export interface TagChange {
  id: string;
  personId: string | null;
  /** Null: an account that is gone. */
  person: string | null;
  field: TagField;
  mode: TagMode;
  value: string[];
  gap: { field: GapField; value: string } | null;
  state: ChangeState;
  madeAt: Date;
  movedAt: Date;
  total: number;
  /** As previewed. */
  planned: { change: number; same: number; refuse: number };
  /** Looked at so far, and what came of them. */
  outcome: { changed: number; same: number; refused: number };
  undone: { done: number; left: number };
}

const COUNT = (condition: string): string => `(count(i.resource_id) FILTER (WHERE ${condition}))::int`;

const changeSql = `
  SELECT c.id, c.person_id AS "personId", p.name AS person, c.field, c.mode, c.value, c.gap, c.state,
    c.made_at AS "madeAt", c.moved_at AS "movedAt", count(i.resource_id)::int AS total,
    json_build_object('change', ${COUNT(`i.planned = 'change'`)}, 'same', ${COUNT(`i.planned = 'same'`)}, 'refuse', ${COUNT(`i.planned = 'refuse'`)}) AS planned,
    json_build_object('changed', ${COUNT(`i.outcome = 'changed'`)}, 'same', ${COUNT(`i.outcome = 'same'`)}, 'refused', ${COUNT(`i.outcome = 'refused'`)}) AS outcome,
    json_build_object('done', ${COUNT(`i.undone = 'done'`)}, 'left', ${COUNT(`i.undone = 'left'`)}) AS undone
  FROM tag_change c LEFT JOIN person p ON p.id = c.person_id LEFT JOIN tag_change_item i ON i.change_id = c.id`;

/** A change with its counts. */
export async function findChange(client: Pool | PoolClient, id: string): Promise<TagChange | undefined> {
  const { rows } = await client.query<TagChange>(`${changeSql} WHERE c.id = $1 GROUP BY c.id, p.name`, [id]);
  return rows[0];
}

/** The last changes: a person's own, or (null) everybody's. Dropped ones are left out. */
export async function lastChanges(pool: Pool, personId: string | null, limit: number): Promise<TagChange[]> {
  const { rows } = await pool.query<TagChange>(
    `${changeSql} WHERE c.id IN (SELECT id FROM tag_change WHERE state <> 'dropped' AND ($1::uuid IS NULL OR person_id = $1)
       ORDER BY id DESC LIMIT $2) GROUP BY c.id, p.name ORDER BY c.id DESC`,
    [personId, limit],
  );
  return rows;
}

/** One resource of a change. */
export interface ChangeItem {
  resourceId: string;
  title: string;
  language: string;
  planned: 'change' | 'same' | 'refuse';
  reason: string | null;
  before: TagValue;
  after: TagValue;
  outcome: 'changed' | 'same' | 'refused' | null;
  undone: 'done' | 'left' | null;
}

/** Which of a change's resources: by what is planned, or by what became of them. */
export type ItemKind = 'change' | 'same' | 'refuse' | 'changed' | 'refused' | 'undone' | 'left';

const KIND: Record<ItemKind, string> = {
  change: `i.planned = 'change'`,
  same: `coalesce(i.outcome, i.planned) = 'same'`,
  refuse: `i.planned = 'refuse'`,
  changed: `i.outcome = 'changed'`,
  refused: `i.outcome = 'refused'`,
  undone: `i.undone = 'done'`,
  left: `i.undone = 'left'`,
};

/**
 * Resources of a change in the order of their ids, with how many there are of the kind. Whoever planned it may look after
 * other places by now: a title is there for who sees the resource or curates where it belongs.
 */
export async function changeItems(
  pool: Pool,
  viewer: Viewer,
  changeId: string,
  { kind, limit, offset }: { kind: ItemKind; limit: number; offset: number },
): Promise<{ total: number; items: ChangeItem[] }> {
  const { all, places } = scopeOf(viewer);
  const { rows } = await pool.query<ChangeItem & { total: number }>(
    `SELECT count(*) OVER ()::int AS total, i.resource_id AS "resourceId",
       CASE WHEN r.state <> 'purged' AND (${inScope('$4', '$5')} OR (r.state = 'published' AND r.audience && $6::text[])) THEN coalesce(v.title, '') ELSE '' END AS title, coalesce(v.language, 'en') AS language,
       i.planned, i.reason, i.before, i.after, i.outcome, i.undone
     FROM tag_change_item i JOIN resource r ON r.id = i.resource_id LEFT JOIN version v ON v.id = r.current_version_id
     WHERE i.change_id = $1 AND ${KIND[kind]} ORDER BY i.resource_id LIMIT $2 OFFSET $3`,
    [changeId, limit, offset, all, places, audiencesOf(viewer)],
  );
  return { total: rows[0]?.total ?? 0, items: rows };
}

/** How often each reason stands among the resources of a change. */
export async function changeReasons(
  pool: Pool,
  changeId: string,
): Promise<{ reason: string; count: number }[]> {
  const { rows } = await pool.query<{ reason: string; count: number }>(
    `SELECT reason, count(*)::int AS count FROM tag_change_item
     WHERE change_id = $1 AND reason IS NOT NULL AND coalesce(outcome, 'refused') = 'refused' GROUP BY 1 ORDER BY 2 DESC, 1`,
    [changeId],
  );
  return rows;
}
