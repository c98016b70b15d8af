import type { PoolClient } from 'pg';

/** The columns of a version that a copy takes over; number, times and revision start anew. */
const copied = [
  'title',
  'summary',
  'description',
  'url',
  'full_text',
  'type',
  'license',
  'language',
  'authors',
  'publisher',
  'credit',
  'minutes',
  'setting',
] as const;

/**
 * Makes a draft in `toResource` that says what a published version says: text, tags, claims. Files are not copied.
 * @returns the id of the draft
 */
export async function copyVersionAsDraft(
  client: PoolClient,
  from: { versionId: string; resourceId: string; number: number },
  to: { resourceId: string; visibility: string; personId: string },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO version (resource_id, visibility, updated_by, ${copied.join(', ')})
     SELECT $2, $3, $4, ${copied.join(', ')} FROM version WHERE id = $1
     RETURNING id`,
    [from.versionId, to.resourceId, to.visibility, to.personId],
  );
  const draftId = rows[0]?.id;
  if (!draftId) throw new Error(`version ${from.versionId} is not there to copy`);
  for (const [table, columns] of [
    ['version_subject', 'subject, position'],
    ['version_grade', 'grade'],
    ['version_topic', 'topic_id, position'],
    ['version_keyword', 'keyword, position'],
    ['version_level', 'level_id'],
  ] as const)
    await client.query(
      `INSERT INTO ${table} (version_id, ${columns}) SELECT $2, ${columns} FROM ${table} WHERE version_id = $1`,
      [from.versionId, draftId],
    );
  await client.query(
    `INSERT INTO draft_alignment (version_id, standard_guid, relation, level_id, position)
     SELECT $3, a.standard_guid, a.relation, a.level_id, row_number() OVER (ORDER BY a.created_at, a.id)
     FROM alignment a
     WHERE a.resource_id = $1 AND a.from_version <= $2 AND (a.to_version IS NULL OR a.to_version >= $2)
       AND a.claimed_as IN ('author', 'import')`,
    [from.resourceId, from.number, draftId],
  );
  return draftId;
}
