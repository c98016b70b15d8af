import type { PoolClient } from 'pg';
import type { TagFacts, VersionTags } from './tag-facts.ts';
import { OWN, sameValue, type TagValue, type TagWish } from './tag-plan.ts';

/** A resource that gets a value, or gets it back. */
export interface TagWrite {
  facts: TagFacts;
  before: TagValue;
  after: TagValue;
}

const LISTS = {
  grade: { table: 'version_grade', column: 'grade', type: 'text' },
  subject: { table: 'version_subject', column: 'subject', type: 'text' },
  topic: { table: 'version_topic', column: 'topic_id', type: 'uuid' },
} as const;

/**
 * Writes what was planned into the version that is on the shelf, and into the open draft of the next one where that says
 * the same. No version is made. The caller holds the locks, audits, and marks the resources dirty.
 */
export async function writeTags(
  client: PoolClient,
  { field, value }: TagWish,
  writes: readonly TagWrite[],
  by: string,
): Promise<void> {
  if (field === 'level') return setLevels(client, value[0] ?? '', writes);
  if (field === 'standard') return addClaims(client, value, writes, by);
  const versions = writes.flatMap(({ facts, before, after }) =>
    versionsSaying(facts, field, before).map((id) => ({ id, after })),
  );
  if (field === 'grade' || field === 'subject' || field === 'topic') await setLists(client, field, versions);
  else await setOne(client, field, versions);
}

/** Gives back what was before. Only for writes whose value still stands. */
export async function unwriteTags(
  client: PoolClient,
  { field, value }: TagWish,
  writes: readonly TagWrite[],
): Promise<void> {
  if (field === 'level') return clearLevels(client, value[0] ?? '', writes);
  if (field === 'standard') return removeClaims(client, value, writes);
  const versions = writes.flatMap(({ facts, before, after }) =>
    versionsSaying(facts, field, after).map((id) => ({ id, after: before })),
  );
  if (field === 'grade' || field === 'subject' || field === 'topic') await setLists(client, field, versions);
  else await setOne(client, field, versions);
}

/** The current version, and the draft when it has the same value. */
function versionsSaying(
  { current, draft }: TagFacts,
  field: Exclude<TagWish['field'], 'level' | 'standard'>,
  value: TagValue,
): string[] {
  const says = (version: VersionTags): boolean => sameValue(version[field], value);
  return [current.id, ...(draft && says(draft) ? [draft.id] : [])];
}

type VersionValue = { id: string; after: TagValue };

async function setOne(
  client: PoolClient,
  field: 'license' | 'type' | 'setting' | 'language',
  versions: readonly VersionValue[],
): Promise<void> {
  await client.query(
    `UPDATE version v SET ${field} = n.after FROM json_to_recordset($1::json) AS n (id uuid, after text) WHERE v.id = n.id`,
    [JSON.stringify(versions)],
  );
}

async function setLists(
  client: PoolClient,
  field: keyof typeof LISTS,
  versions: readonly VersionValue[],
): Promise<void> {
  const { table, column, type } = LISTS[field];
  await client.query(`DELETE FROM ${table} WHERE version_id = ANY ($1::uuid[])`, [
    versions.map(({ id }) => id),
  ]);
  const rows = versions.flatMap(({ id, after }) =>
    (Array.isArray(after) ? after : []).map((value, position) => ({ id, value, position })),
  );
  const position = field === 'grade' ? '' : ', position';
  await client.query(
    `INSERT INTO ${table} (version_id, ${column}${position})
     SELECT id, value${position} FROM json_to_recordset($1::json) AS n (id uuid, value ${type}, position integer)`,
    [JSON.stringify(rows)],
  );
}

const alignmentsOf = (writes: readonly TagWrite[]): string[] =>
  writes.flatMap(({ before }) => (Array.isArray(before) ? before.filter((id) => id !== OWN) : []));
const ownOf = (writes: readonly TagWrite[]): string[] =>
  writes.flatMap(({ facts, before }) =>
    Array.isArray(before) && before.includes(OWN)
      ? [facts.current.id, ...(facts.draft && facts.draft.levels.length === 0 ? [facts.draft.id] : [])]
      : [],
  );

async function setLevels(client: PoolClient, levelId: string, writes: readonly TagWrite[]): Promise<void> {
  const ids = alignmentsOf(writes);
  // Only one of two that would become the same.
  await client.query(
    `UPDATE alignment SET level_id = $2 WHERE id IN (
       SELECT DISTINCT ON (resource_id, standard_guid, relation) id FROM alignment
       WHERE id = ANY ($1::uuid[]) AND level_id IS NULL AND to_version IS NULL ORDER BY resource_id, standard_guid, relation, id)`,
    [ids, levelId],
  );
  await client.query(
    `UPDATE draft_alignment d SET level_id = $2 FROM alignment a JOIN version v ON v.resource_id = a.resource_id AND v.number IS NULL
     WHERE a.id = ANY ($1::uuid[]) AND d.version_id = v.id AND d.standard_guid = a.standard_guid AND d.relation = a.relation AND d.level_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM draft_alignment t WHERE t.version_id = d.version_id AND t.standard_guid = d.standard_guid
                       AND t.relation = d.relation AND t.level_id = $2)`,
    [ids, levelId],
  );
  await client.query(
    'INSERT INTO version_level (version_id, level_id) SELECT id, $2 FROM unnest($1::uuid[]) AS id ON CONFLICT DO NOTHING',
    [ownOf(writes), levelId],
  );
}

async function clearLevels(client: PoolClient, levelId: string, writes: readonly TagWrite[]): Promise<void> {
  const ids = alignmentsOf(writes);
  await client.query(
    `UPDATE draft_alignment d SET level_id = NULL FROM alignment a JOIN version v ON v.resource_id = a.resource_id AND v.number IS NULL
     WHERE a.id = ANY ($1::uuid[]) AND d.version_id = v.id AND d.standard_guid = a.standard_guid AND d.relation = a.relation AND d.level_id = $2
       AND NOT EXISTS (SELECT 1 FROM draft_alignment t WHERE t.version_id = d.version_id AND t.standard_guid = d.standard_guid
                       AND t.relation = d.relation AND t.level_id IS NULL)`,
    [ids, levelId],
  );
  await client.query(
    `UPDATE alignment a SET level_id = NULL WHERE a.id = ANY ($1::uuid[]) AND a.level_id = $2 AND a.to_version IS NULL
       AND NOT EXISTS (SELECT 1 FROM alignment t WHERE t.resource_id = a.resource_id AND t.standard_guid = a.standard_guid
                       AND t.relation = a.relation AND t.level_id IS NULL AND t.to_version IS NULL)`,
    [ids, levelId],
  );
  await client.query('DELETE FROM version_level WHERE version_id = ANY ($1::uuid[]) AND level_id = $2', [
    ownOf(writes),
    levelId,
  ]);
}

/** A curator's claim: it stays when the author publishes a next version. */
async function addClaims(
  client: PoolClient,
  [guid, level]: readonly string[],
  writes: readonly TagWrite[],
  by: string,
): Promise<void> {
  const rows = writes.map(({ facts }) => ({ id: facts.id, version: facts.number }));
  await client.query(
    `INSERT INTO alignment (resource_id, standard_guid, relation, level_id, claimed_by, claimed_as, from_version)
     SELECT n.id, $2, 'teaches', $3, $4, 'curator', n.version FROM json_to_recordset($1::json) AS n (id uuid, version integer)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows), guid, level === undefined || level === '' ? null : level, by],
  );
}

async function removeClaims(
  client: PoolClient,
  [guid, level]: readonly string[],
  writes: readonly TagWrite[],
): Promise<void> {
  await client.query(
    `DELETE FROM alignment WHERE resource_id = ANY ($1::uuid[]) AND standard_guid = $2 AND relation = 'teaches'
       AND level_id IS NOT DISTINCT FROM $3::uuid AND claimed_as = 'curator' AND check_state <> 'checked' AND to_version IS NULL`,
    [writes.map(({ facts }) => facts.id), guid, level === undefined || level === '' ? null : level],
  );
}
