import type { Pool } from 'pg';
import type { FlagKind } from './flag-kinds.ts';

/** An open flag on a resource, as its authors and staff see it: what is said to be wrong, not by whom. */
export interface OpenFlag {
  id: string;
  kind: FlagKind;
  note: string;
  on: Date;
}

/** What a person reported about something, as long as nobody has decided. */
export interface OwnFlag {
  kind: FlagKind;
  note: string;
  on: string;
}

/** SQL: a person's own open flags on a resource itself (`voice` NULL), or on what somebody said about it. */
const ownSql = (resource: string, person: string, voice: string): string => `
  SELECT kind, note, created_at AS "on" FROM flag
  WHERE resource_id = ${resource} AND person_id = ${person}::uuid AND state = 'open'
    AND coalesce(comment_id, use_id) IS NOT DISTINCT FROM ${voice}::uuid
    AND about = CASE WHEN ${voice}::uuid IS NULL THEN 'resource' ELSE 'voice' END
  ORDER BY created_at DESC`;

/** The person's (a parameter with an id or null) own open flags on resource `r` itself, the newest first, as JSON of OwnFlag[]. */
export const ownFlagsSql = (person: string): string =>
  `coalesce((SELECT json_agg(f) FROM (${ownSql('r.id', person, 'NULL')}) f), '[]')`;

/** The person's own open flags on a resource itself, or on what somebody said about it, the newest first. */
export async function ownFlagsOf(
  pool: Pool,
  personId: string | null,
  { resourceId, voiceId }: { resourceId: string; voiceId: string | null },
): Promise<OwnFlag[]> {
  if (personId === null) return [];
  const { rows } = await pool.query<OwnFlag>(ownSql('$1', '$2', '$3'), [resourceId, personId, voiceId]);
  return rows;
}

/** The open flags on a resource itself, the newest first. */
export async function openFlagsOf(pool: Pool, resourceId: string): Promise<OpenFlag[]> {
  const { rows } = await pool.query<OpenFlag>(
    `SELECT id, kind, note, created_at AS "on" FROM flag
     WHERE resource_id = $1 AND state = 'open' AND about = 'resource' ORDER BY created_at DESC LIMIT 20`,
    [resourceId],
  );
  return rows;
}
