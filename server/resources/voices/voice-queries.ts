import type { Pool, PoolClient } from 'pg';
import { prepared } from '../../platform/database/prepared.ts';
import { smallestGroup } from '../small-groups.ts';

export type VoiceKind = 'use' | 'comment' | 'question' | 'answer';

/** What somebody said about a resource. */
export interface VoiceRow {
  id: string;
  kind: VoiceKind;
  person_id: string;
  person: string;
  organization: string;
  question_id: string | null;
  version: number | null;
  rating: number | null;
  body: string;
  on: string;
  edited: boolean;
  /** A flag on it is open. */
  flagged: boolean;
  deleted: boolean;
  removed_reason: string | null;
  removed: boolean;
}

export interface VoiceFacts {
  voices: VoiceRow[];
  /** Mean of the ratings of at least five people, on a scale from 1 to 5; null when fewer have rated. */
  rating: number | null;
  raters: number;
}

const hidden = (column: string, id: string) =>
  `EXISTS (SELECT 1 FROM flag f WHERE f.${column} = ${id} AND f.state = 'open' AND f.hides)`;

/** What stands under a resource is read whole: so many at most, the newest. */
const MOST = 300;

const ratingSql = `
  (SELECT json_build_object('rating', CASE WHEN count(*) >= ${smallestGroup} THEN round(avg(u.rating), 1)::float END,
          'raters', CASE WHEN count(*) >= ${smallestGroup} THEN count(*)::int ELSE 0 END)
   FROM use_mark u WHERE u.resource_id = $1 AND u.rating IS NOT NULL AND u.removed_at IS NULL
     AND NOT ${hidden('use_id', 'u.id')})`;

const ratingOnly = prepared(`SELECT ${ratingSql} AS facts`);

const voices = prepared(`
  SELECT ${ratingSql} AS facts, coalesce((
    SELECT json_agg(v ORDER BY v.at DESC) FROM (
      (SELECT u.id, 'use' AS kind, u.person_id, p.name AS person, o.name AS organization, NULL::uuid AS question_id, NULL::int AS version,
         u.rating, u.note AS body, u.created_at AS "on", u.created_at AS at, u.edited_at IS NOT NULL AS edited, ${hidden('use_id', 'u.id')} AS flagged,
         false AS deleted, u.removed_reason, u.removed_at IS NOT NULL AS removed
       FROM use_mark u JOIN person p ON p.id = u.person_id JOIN organization o ON o.id = p.organization_id
       WHERE u.resource_id = $1 AND (u.note <> '' OR u.removed_at IS NOT NULL)
       ORDER BY u.created_at DESC LIMIT ${MOST})
      UNION ALL
      (SELECT c.id, c.kind, c.person_id, p.name, o.name, c.question_id, c.version,
         NULL, c.body, c.created_at, c.created_at, c.edited_at IS NOT NULL, ${hidden('comment_id', 'c.id')},
         c.deleted_at IS NOT NULL, c.removed_reason, c.removed_at IS NOT NULL
       FROM comment c JOIN person p ON p.id = c.person_id JOIN organization o ON o.id = p.organization_id
       WHERE c.resource_id = $1
       ORDER BY c.created_at DESC LIMIT ${MOST})) v), '[]') AS voices`);

/**
 * What educators said about a resource, the newest first, with the rating; one round trip. Somebody who isn't signed
 * in learns the rating alone. The caller has made sure that the resource may be seen.
 */
export async function voicesOf(pool: Pool, resourceId: string, educator: boolean): Promise<VoiceFacts> {
  const { rows } = await pool.query<{ facts: Omit<VoiceFacts, 'voices'>; voices?: VoiceRow[] }>(
    educator ? voices([resourceId]) : ratingOnly([resourceId]),
  );
  const row = rows[0];
  return { rating: row?.facts.rating ?? null, raters: row?.facts.raters ?? 0, voices: row?.voices ?? [] };
}

/** One comment or note, for a command about it. */
export interface LoadedVoice {
  id: string;
  of: 'comment' | 'use';
  kind: VoiceKind;
  resourceId: string;
  writerId: string;
  writer: string;
  questionId: string | null;
  body: string;
  rating: number | null;
  flagged: boolean;
  gone: 'deleted' | 'removed' | null;
}

/** A comment or note by its id; with `lock` held until the transaction ends. */
export async function loadVoice(
  client: Pool | PoolClient,
  id: string,
  { lock = false } = {},
): Promise<LoadedVoice | undefined> {
  if (lock)
    await client.query(
      `WITH c AS (SELECT 1 FROM comment WHERE id = $1 FOR UPDATE), u AS (SELECT 1 FROM use_mark WHERE id = $1 FOR UPDATE)
       SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM u)`,
      [id],
    );
  const { rows } = await client.query<LoadedVoice>(
    `SELECT c.id, 'comment' AS of, c.kind, c.resource_id AS "resourceId", c.person_id AS "writerId", p.name AS writer,
       c.question_id AS "questionId", c.body, NULL::int AS rating, ${hidden('comment_id', 'c.id')} AS flagged,
       CASE WHEN c.removed_at IS NOT NULL THEN 'removed' WHEN c.deleted_at IS NOT NULL THEN 'deleted' END AS gone
     FROM comment c JOIN person p ON p.id = c.person_id WHERE c.id = $1
     UNION ALL
     SELECT u.id, 'use', 'use', u.resource_id, u.person_id, p.name, NULL, u.note, u.rating, ${hidden('use_id', 'u.id')},
       CASE WHEN u.removed_at IS NOT NULL THEN 'removed' END
     FROM use_mark u JOIN person p ON p.id = u.person_id WHERE u.id = $1 AND (u.note <> '' OR u.removed_at IS NOT NULL)`,
    [id],
  );
  return rows[0];
}
