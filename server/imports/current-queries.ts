import type { Pool, PoolClient } from 'pg';
import type { ImportRecord, RecordClaim, Written, Gap } from './import-record.ts';

type Client = Pick<Pool | PoolClient, 'query'>;

/** A resource under an external key, as far as one has to know to see whether a row changed it. */
export type Known = {
  id: string;
  external_id: string;
  state: 'draft' | 'submitted' | 'published' | 'withdrawn' | 'purged';
  content_hash: string | null;
  /** An import took it off the shelf. */
  withdrawn_by_import: boolean;
};

/**
 * The resources of a district and source under these external ids. `lock`: for a change; in the order of ids, as
 * everybody locks them.
 */
export async function knownResources(
  client: Client,
  key: { districtId: string; source: string },
  externalIds: readonly string[],
  lock: boolean,
): Promise<Map<string, Known>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await client.query<Known>(
    `SELECT r.id, r.external_id, r.state, r.content_hash, coalesce(i.withdrawn, false) AS withdrawn_by_import
     FROM resource r LEFT JOIN import_record i ON i.resource_id = r.id
     WHERE r.district_id = $1 AND r.source = $2 AND r.external_id = ANY ($3::text[])
     ORDER BY r.id ${lock ? 'FOR UPDATE OF r' : ''}`,
    [key.districtId, key.source, externalIds],
  );
  return new Map(rows.map((row) => [row.external_id, row]));
}

/** What stands on the shelf, in the shape in which an import writes it. */
export type Current = {
  id: string;
  versionId: string;
  /** Null: a first version that still waits for its check. */
  number: number | null;
  state: Known['state'];
  record: ImportRecord;
  claims: (RecordClaim & { id: string })[];
  files: { fileId: string; sha256: string; name: string; educatorsOnly: boolean }[];
  checkState: string;
  publishedAt: string | null;
  withdrawnAt: string | null;
  withdrawnReason: string | null;
  contentHash: string | null;
  adaptedFromId: string | null;
  adaptedFromVersion: number | null;
  /** What an import wrote last; null for a resource that came in another way. */
  written: Written | null;
  gaps: Gap[] | null;
  withdrawnByImport: boolean;
};

/** Reads whole records, by the ids of their resources. */
export async function currentRecords(client: Client, ids: readonly string[]): Promise<Map<string, Current>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ current: CurrentJson }>(currentQuery, [ids]);
  return new Map(
    rows.map(({ current: { fields, ...rest } }) => [
      rest.id,
      { ...rest, record: { ...fields, ...filesOf(rest), claims: rest.claims } },
    ]),
  );
}

const filesOf = ({ files }: Pick<Current, 'files'>) => ({
  files,
  educatorFiles: files.filter(({ educatorsOnly }) => educatorsOnly).map(({ name }) => name),
});

type CurrentJson = Omit<Current, 'record'> & {
  fields: Omit<ImportRecord, 'files' | 'educatorFiles' | 'claims'>;
};

const list = (value: string, table: string, order: string): string =>
  `ARRAY(SELECT ${value} FROM ${table} l WHERE l.version_id = v.id ORDER BY ${order})`;

const currentQuery = `
  SELECT json_build_object(
    'id', r.id, 'versionId', v.id, 'number', v.number, 'state', r.state, 'checkState', r.check_state,
    'publishedAt', r.published_at, 'withdrawnAt', r.withdrawn_at, 'withdrawnReason', r.withdrawn_reason,
    'contentHash', r.content_hash, 'adaptedFromId', r.adapted_from_id, 'adaptedFromVersion', r.adapted_from_version,
    'written', i.written, 'gaps', i.gaps, 'withdrawnByImport', coalesce(i.withdrawn, false),
    'fields', json_build_object(
      'title', v.title, 'summary', v.summary, 'description', v.description, 'url', v.url, 'fullText', v.full_text,
      'type', v.type, 'license', v.license, 'language', v.language, 'authors', v.authors, 'publisher', v.publisher,
      'minutes', v.minutes, 'setting', v.setting, 'visibility', CASE WHEN v.number IS NULL THEN v.visibility ELSE r.visibility END,
      'organizationId', r.organization_id, 'adaptedFrom', r.adapted_from_id,
      'subjects', ${list('l.subject', 'version_subject', 'l.position')},
      'grades', ${list('l.grade', 'version_grade', 'l.grade')},
      'topics', ${list('l.topic_id', 'version_topic', 'l.position')},
      'keywords', ${list('l.keyword', 'version_keyword', 'l.position')},
      'levels', ${list('l.level_id', 'version_level', 'l.level_id')}),
    'files', coalesce((SELECT json_agg(json_build_object('fileId', f.id, 'sha256', f.sha256, 'name', f.name, 'educatorsOnly', vf.educators_only)
                                       ORDER BY vf.position, f.id)
                       FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = v.id), '[]'),
    'claims', coalesce(
      CASE WHEN v.number IS NULL
        THEN (SELECT json_agg(json_build_object('id', a.id, 'guid', a.standard_guid, 'relation', a.relation, 'levelId', a.level_id))
              FROM draft_alignment a WHERE a.version_id = v.id)
        ELSE (SELECT json_agg(json_build_object('id', a.id, 'guid', a.standard_guid, 'relation', a.relation, 'levelId', a.level_id))
              FROM alignment a WHERE a.resource_id = r.id AND a.to_version IS NULL AND a.claimed_as IN ('author', 'import')) END, '[]')
  ) AS current
  FROM resource r
    JOIN version v ON v.id = coalesce(r.current_version_id, (SELECT d.id FROM version d WHERE d.resource_id = r.id AND d.number IS NULL))
    LEFT JOIN import_record i ON i.resource_id = r.id
  WHERE r.id = ANY ($1::uuid[])`;

const ADDRESS = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i;

/**
 * What rows say they were adapted from: an external id of their own source, or the address or id of a resource that the
 * whole state may see. Never anything that another district keeps to itself.
 * @returns by the text of the row
 */
export async function adaptedSources(
  client: Client,
  key: { districtId: string; source: string },
  texts: readonly string[],
): Promise<Map<string, { id: string; number: number }>> {
  if (texts.length === 0) return new Map();
  const ids = texts.map((text) => ADDRESS.exec(text)?.[1]?.toLowerCase() ?? null);
  const { rows } = await client.query<{ text: string; id: string; number: number }>(
    `SELECT DISTINCT ON (t.text) t.text, r.id, v.number
     FROM unnest($3::text[], $4::uuid[]) AS t (text, id)
       JOIN resource r ON (r.district_id = $1 AND r.source = $2 AND r.external_id = t.text) OR r.id = t.id
       JOIN version v ON v.id = r.current_version_id
     WHERE r.state = 'published'
       AND ((r.district_id = $1 AND r.source = $2 AND r.external_id = t.text) OR r.district_id = $1 OR r.audience && ARRAY['public', 'state'])
     ORDER BY t.text, (r.external_id IS NOT DISTINCT FROM t.text) DESC`,
    [key.districtId, key.source, texts, ids],
  );
  return new Map(rows.map(({ text, id, number }) => [text, { id, number }]));
}
