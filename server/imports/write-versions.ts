import type { PoolClient } from 'pg';
import type { Current } from './current-queries.ts';
import type { ImportRecord, RecordClaim } from './import-record.ts';
import { insertRows } from './insert-rows.ts';

/** Who brings the versions in, and when. */
type VersionContext = { personId: string | null; at: Date };

/** A version that is to be inserted with all that hangs on it. */
type NewVersion = {
  id: string;
  resourceId: string;
  /** Null: waits for its check as a draft. */
  number: number | null;
  record: ImportRecord;
  claims: RecordClaim[];
  /** Files that the resource has already, by content and name. */
  known: Current['files'];
};

/** Ids for rows that are about to be inserted; made by the database, since they carry its clock. */
export async function newIds(client: PoolClient, count: number): Promise<string[]> {
  if (count === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    'SELECT uuidv7() AS id FROM generate_series(1, $1::int)',
    [count],
  );
  return rows.map(({ id }) => id);
}

/** Inserts versions with their lists, files and claims; a version without a number becomes a draft. */
export async function writeVersions(
  client: PoolClient,
  versions: readonly NewVersion[],
  context: VersionContext,
): Promise<void> {
  const at = context.at.toISOString();
  await insertRows(
    client,
    'version',
    versions.map(({ id, resourceId, number, record }) => ({
      id,
      resource_id: resourceId,
      number,
      title: record.title,
      summary: record.summary,
      description: record.description,
      url: record.url,
      full_text: record.fullText,
      type: record.type,
      license: record.license,
      language: record.language,
      authors: record.authors,
      publisher: record.publisher,
      credit: '',
      minutes: record.minutes,
      setting: record.setting,
      visibility: record.visibility,
      change_note: '',
      revision: 1,
      created_at: at,
      updated_at: at,
      updated_by: context.personId,
      published_at: number === null ? null : at,
      published_by: number === null ? null : context.personId,
    })),
  );
  const lists = <T>(of: (record: ImportRecord) => readonly T[], row: (item: T, position: number) => object) =>
    versions.flatMap(({ id, record }) =>
      of(record).map((item, index) => ({ version_id: id, ...row(item, index + 1) })),
    );
  await insertRows(
    client,
    'version_subject',
    lists(
      ({ subjects }) => subjects,
      (subject, position) => ({ subject, position }),
    ),
  );
  await insertRows(
    client,
    'version_grade',
    lists(
      ({ grades }) => grades,
      (grade) => ({ grade }),
    ),
  );
  await insertRows(
    client,
    'version_topic',
    lists(
      ({ topics }) => topics,
      (topic, position) => ({ topic_id: topic, position }),
    ),
  );
  await insertRows(
    client,
    'version_keyword',
    lists(
      ({ keywords }) => keywords,
      (keyword, position) => ({ keyword, position }),
    ),
  );
  await insertRows(
    client,
    'version_level',
    lists(
      ({ levels }) => levels,
      (level) => ({ level_id: level }),
    ),
  );
  await writeFiles(client, versions, context);
  await writeClaims(client, versions, context);
}

/** A file that the resource has already stays the same file, so that links to it go on working. */
async function writeFiles(
  client: PoolClient,
  versions: readonly NewVersion[],
  context: VersionContext,
): Promise<void> {
  const placed = versions.flatMap(({ id, resourceId, record, known }) =>
    record.files.map((file, index) => ({
      versionId: id,
      resourceId,
      ...file,
      position: index + 1,
      educatorsOnly: record.educatorFiles.includes(file.name),
      same: known.find((other) => other.sha256 === file.sha256 && other.name === file.name),
    })),
  );
  if (placed.length === 0) return;
  const ids = await newIds(client, placed.length);
  const files = placed.map((file, index) => ({ ...file, id: file.same?.fileId ?? ids[index] ?? '' }));
  await insertRows(
    client,
    'file',
    files
      .filter(({ same }) => !same)
      .map(({ id, resourceId, sha256, name }) => ({
        id,
        resource_id: resourceId,
        sha256,
        name,
        uploaded_by: context.personId,
        created_at: context.at.toISOString(),
      })),
  );
  await insertRows(
    client,
    'version_file',
    files.map(({ id, versionId, position, educatorsOnly }) => ({
      version_id: versionId,
      file_id: id,
      position,
      educators_only: educatorsOnly,
    })),
  );
}

/** Nobody is named: a claim of an import is the district's. */
async function writeClaims(
  client: PoolClient,
  versions: readonly NewVersion[],
  context: VersionContext,
): Promise<void> {
  const claims = versions.flatMap(({ id, resourceId, number, claims: own }) =>
    own.map((claim, position) => ({ versionId: id, resourceId, number, position, ...claim })),
  );
  const waiting = claims.filter(({ number }) => number === null);
  if (waiting.length > 0)
    await client.query(
      `INSERT INTO draft_alignment (version_id, standard_guid, relation, level_id, position)
       SELECT version_id, standard_guid, relation, level_id, position FROM json_populate_recordset(NULL::draft_alignment, $1::json)
       ON CONFLICT DO NOTHING`,
      [
        JSON.stringify(
          waiting.map(({ versionId, guid, relation, levelId, position }) => ({
            version_id: versionId,
            standard_guid: guid,
            relation,
            level_id: levelId,
            position,
          })),
        ),
      ],
    );
  const standing = claims.filter(({ number }) => number !== null);
  if (standing.length === 0) return;
  await client.query(
    `INSERT INTO alignment (resource_id, standard_guid, relation, level_id, claimed_as, from_version, created_at)
     SELECT resource_id, guid, relation, level_id, 'import', number, $2::timestamptz + position * interval '1 microsecond'
     FROM json_to_recordset($1::json) AS c (resource_id uuid, guid uuid, relation text, level_id uuid, number integer, position integer)
     ON CONFLICT DO NOTHING`,
    [
      JSON.stringify(
        standing.map(({ resourceId, guid, relation, levelId, number, position }) => ({
          resource_id: resourceId,
          guid,
          relation,
          level_id: levelId,
          number,
          position,
        })),
      ),
      context.at,
    ],
  );
}
