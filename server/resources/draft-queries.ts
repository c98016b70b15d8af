import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { Relation, StandardTab } from '../standards/standard-view.ts';
import { licenseWordsSql } from '../vocabularies/vocabulary-queries.ts';
import type { LicenseWords } from '../vocabularies/vocabulary-view.ts';
import { filesSql, type FileRow } from './resource-page-queries.ts';
import type { ResourceState } from './resource-policy.ts';
import type { VersionFields } from './version-fields.ts';

/** A draft with everything that its form and its check page show. */
export type DraftRow = VersionFields & {
  resource_id: string;
  state: ResourceState;
  version_id: string;
  revision: number;
  updated_at: Date;
  version_number: number;
  published_title: string | null;
  topics: string[];
  alignments: (Omit<StandardTab, 'url'> & { relation: Relation; level: string | null })[];
  files: FileRow[];
  organization: string;
  organization_kind: 'state' | 'district' | 'school';
  district: string | null;
  publish_mode: 'at_once' | 'check_first';
  adapted_from: {
    id: string;
    title: string;
    language: string;
    authors: string;
    organization: string;
    on: string | null;
    visible: boolean;
    license: LicenseWords | null;
  } | null;
};

/** The draft of a resource, one round trip; whether the viewer may have it is the caller's to check. */
export async function draftOf(pool: Pool, viewer: Viewer, resourceId: string): Promise<DraftRow | undefined> {
  const { rows } = await pool.query<DraftRow>(draftSql, [resourceId, audiencesOf(viewer), viewer.id]);
  return rows[0];
}

/** The viewer's drafts, last saved first. */
export async function draftsOf(
  pool: Pool,
  viewer: Viewer,
): Promise<{ id: string; title: string; saved_at: Date }[]> {
  const { rows } = await pool.query<{ id: string; title: string; saved_at: Date }>(
    `SELECT r.id, v.title, v.updated_at AS saved_at FROM version v JOIN resource r ON r.id = v.resource_id
     WHERE v.number IS NULL AND r.state <> 'purged'
       AND (r.owner_id = $1 OR EXISTS (SELECT 1 FROM co_author c WHERE c.resource_id = r.id AND c.person_id = $1))
     ORDER BY v.updated_at DESC LIMIT 50`,
    [viewer.id],
  );
  return rows;
}

/** The viewer's newest draft of a resource for an organization in which nothing stands yet; undefined where there is none. */
export async function emptyDraftOf(
  pool: Pool,
  personId: string,
  organizationId: string,
): Promise<string | undefined> {
  const without = [
    'version_file',
    'draft_alignment',
    'version_subject',
    'version_grade',
    'version_topic',
    'version_keyword',
  ];
  const { rows } = await pool.query<{ id: string }>(
    `SELECT r.id FROM resource r JOIN version v ON v.resource_id = r.id AND v.number IS NULL
     WHERE r.owner_id = $1 AND r.organization_id = $2 AND r.state = 'draft' AND r.adapted_from_id IS NULL AND r.answers_call IS NULL
       AND v.title = '' AND v.summary = '' AND v.description = '' AND v.full_text = '' AND v.url IS NULL AND v.type IS NULL AND v.minutes IS NULL
       ${without.map((table) => `AND NOT EXISTS (SELECT 1 FROM ${table} x WHERE x.version_id = v.id)`).join(' ')}
       AND NOT EXISTS (SELECT 1 FROM co_author c WHERE c.resource_id = r.id)
     ORDER BY v.updated_at DESC LIMIT 1`,
    [personId, organizationId],
  );
  return rows[0]?.id;
}

const draftSql = `
  SELECT r.id AS resource_id, r.state, v.id AS version_id, v.revision, v.updated_at,
    coalesce((SELECT max(number) FROM version o WHERE o.resource_id = r.id), 0) + 1 AS version_number,
    current.title AS published_title,
    v.title, v.summary, v.description, v.url, v.type, v.license, v.language, v.authors, v.publisher, v.minutes, v.setting, v.visibility,
    ARRAY(SELECT s.subject FROM version_subject s WHERE s.version_id = v.id ORDER BY s.position) AS subjects,
    ARRAY(SELECT g.grade FROM version_grade g WHERE g.version_id = v.id) AS grades,
    ARRAY(SELECT t.slug FROM version_topic vt JOIN topic t ON t.id = vt.topic_id WHERE vt.version_id = v.id ORDER BY vt.position) AS topics,
    ARRAY(SELECT k.keyword FROM version_keyword k WHERE k.version_id = v.id ORDER BY k.position) AS keywords,
    coalesce((
      SELECT json_agg(json_build_object('guid', st.guid, 'code', coalesce(st.code, st.label, left(st.statement, 40)),
        'statement', coalesce(st.short_statement, st.statement), 'retired', st.retired_at IS NOT NULL,
        'relation', d.relation, 'level', l.slug) ORDER BY ${standardOrderSql('st', 'fw')}, l.position, d.position)
      FROM draft_alignment d JOIN standard st ON st.guid = d.standard_guid JOIN framework fw ON fw.guid = st.framework_guid
      LEFT JOIN competency_level l ON l.id = d.level_id WHERE d.version_id = v.id), '[]') AS alignments,
    ${filesSql('$3')} AS files,
    o.name AS organization, o.kind AS organization_kind, o.publish_mode,
    (SELECT name FROM organization WHERE id = r.district_id) AS district,
    (SELECT json_build_object('id', p.id, 'title', pv.title, 'language', pv.language,
       'authors', coalesce(nullif(pv.authors, ''), (SELECT name FROM person WHERE id = p.owner_id), ''),
       'organization', (SELECT name FROM organization WHERE id = p.organization_id), 'on', p.first_published_at,
       'visible', p.state = 'published' AND p.audience && $2::text[],
       'license', (SELECT ${licenseWordsSql('l')} FROM license l WHERE l.code = pv.license))
     FROM resource p JOIN version pv ON pv.resource_id = p.id AND pv.number = r.adapted_from_version
     WHERE p.id = r.adapted_from_id) AS adapted_from
  FROM resource r
  JOIN version v ON v.resource_id = r.id AND v.number IS NULL
  JOIN organization o ON o.id = r.organization_id
  LEFT JOIN version current ON current.id = r.current_version_id
  WHERE r.id = $1`;
