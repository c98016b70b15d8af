import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { noticeKinds } from './notice-kinds.ts';

export interface NoticeRow {
  id: string;
  kind: string;
  at: Date;
  seen_at: Date | null;
  detail: Record<string, string | number>;
  by_name: string | null;
  resource_id: string | null;
  /** Null: nothing is left of it that has a title. */
  title: string | null;
}

/** Authors see what is theirs in any state, staff also what was handed in or taken down; everybody else what is on the shelf for them. */
const visibleResource = `(
  (r.state = 'published' AND r.audience && $2::text[])
  OR r.owner_id = $1 OR EXISTS (SELECT 1 FROM co_author c WHERE c.resource_id = r.id AND c.person_id = $1)
  OR (r.state IN ('submitted', 'withdrawn', 'purged') AND ('staff:state' = ANY ($2::text[]) OR 'staff:' || r.district_id = ANY ($2::text[]))))`;

const visibleKinds = Object.entries(noticeKinds).flatMap(([kind, { visible }]) =>
  visible === undefined ? [] : [`(n.kind = '${kind}' AND NOT (${visible}))`],
);

const visible = `(n.resource_id IS NULL OR ${visibleResource})${visibleKinds.length > 0 ? ` AND NOT (${visibleKinds.join(' OR ')})` : ''}`;

const noticesSql = (which: string): string => `
  SELECT n.id, n.kind, n.at, n.seen_at, n.detail, p.name AS by_name, n.resource_id,
    CASE WHEN r.state = 'purged' THEN NULL ELSE coalesce(current.title, draft.title) END AS title
  FROM notice n
  LEFT JOIN person p ON p.id = n.by_id
  LEFT JOIN resource r ON r.id = n.resource_id
  LEFT JOIN version current ON current.id = r.current_version_id
  LEFT JOIN version draft ON draft.resource_id = r.id AND draft.number IS NULL
  WHERE n.person_id = $1 AND ${visible} AND ${which}
  ORDER BY n.at DESC, n.id DESC LIMIT $3`;

/**
 * A person's notices about what they may still see, the newest first.
 * @param which `recent`: all; `unseen`; `unmailed`: neither seen nor mailed
 */
export async function noticesOf(
  pool: Pool,
  viewer: Viewer & { id: string },
  { which, limit }: { which: 'recent' | 'unseen' | 'unmailed'; limit: number },
): Promise<NoticeRow[]> {
  const condition = {
    recent: 'true',
    unseen: 'n.seen_at IS NULL',
    unmailed: 'n.seen_at IS NULL AND n.mailed_at IS NULL',
  }[which];
  const { rows } = await pool.query<NoticeRow>(noticesSql(condition), [
    viewer.id,
    audiencesOf(viewer),
    limit,
  ]);
  return rows;
}

/** How many of a person's new notices their page would show, counted up to a hundred. */
export async function unseenNotices(pool: Pool, viewer: Viewer & { id: string }): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT 1 FROM notice n LEFT JOIN resource r ON r.id = n.resource_id
       WHERE n.person_id = $1 AND n.seen_at IS NULL AND n.kind = ANY ($3) AND ${visible} LIMIT 100) new`,
    [viewer.id, audiencesOf(viewer), Object.keys(noticeKinds)],
  );
  return rows[0]?.count ?? 0;
}

/** One notice of a person, while they may see what it is about. */
export async function noticeById(
  pool: Pool,
  viewer: Viewer & { id: string },
  id: string,
): Promise<NoticeRow | undefined> {
  const { rows } = await pool.query<NoticeRow>(noticesSql('n.id = $4'), [
    viewer.id,
    audiencesOf(viewer),
    1,
    id,
  ]);
  return rows[0];
}
