import type { Pool, PoolClient } from 'pg';
import type { LicenseTerms } from '../../lib/license-arithmetic.ts';

/** The tags of a version: slugs, codes and ids. */
export interface VersionTags {
  id: string;
  license: string | null;
  type: string | null;
  setting: string | null;
  language: string;
  subject: string[];
  grade: string[];
  /** Ids. */
  topic: string[];
  /** Ids of levels; of a resource without alignments. */
  levels: string[];
}

export interface TagClaim {
  id: string;
  guid: string;
  relation: string;
  levelId: string | null;
  checked: boolean;
  /** A curator made it, not the author or an import. */
  byCurator: boolean;
}

/** What a change of tags needs to know of a resource. */
export interface TagFacts {
  id: string;
  organizationId: string;
  districtId: string | null;
  state: string;
  title: string;
  number: number;
  current: VersionTags;
  /** The open draft of the next version. */
  draft: VersionTags | null;
  claims: TagClaim[];
  /** Of what it was adapted from. */
  sourceLicense: LicenseTerms | null;
}

const tags = (
  v: string,
): string => `json_build_object('id', ${v}.id, 'license', ${v}.license, 'type', ${v}.type,
  'setting', ${v}.setting, 'language', ${v}.language,
  'subject', ARRAY(SELECT x.subject FROM version_subject x WHERE x.version_id = ${v}.id ORDER BY x.position, x.subject),
  'grade', ARRAY(SELECT x.grade FROM version_grade x WHERE x.version_id = ${v}.id ORDER BY x.grade),
  'topic', ARRAY(SELECT x.topic_id FROM version_topic x WHERE x.version_id = ${v}.id ORDER BY x.position, x.topic_id),
  'levels', ARRAY(SELECT x.level_id FROM version_level x WHERE x.version_id = ${v}.id ORDER BY x.level_id))`;

const factsSql = `
  SELECT json_build_object('id', r.id, 'organizationId', r.organization_id, 'districtId', r.district_id, 'state', r.state,
    'title', v.title, 'number', v.number, 'current', ${tags('v')},
    'draft', (SELECT ${tags('d')} FROM version d WHERE d.resource_id = r.id AND d.number IS NULL),
    'claims', coalesce((SELECT json_agg(json_build_object('id', a.id, 'guid', a.standard_guid, 'relation', a.relation, 'levelId', a.level_id,
        'checked', a.check_state = 'checked', 'byCurator', a.claimed_as = 'curator') ORDER BY a.id)
      FROM alignment a WHERE a.resource_id = r.id AND a.to_version IS NULL), '[]'),
    'sourceLicense', (SELECT json_build_object('code', l.code, 'adaptable', l.adaptable, 'shareAlike', l.share_alike,
        'nonCommercial', l.noncommercial, 'credit', l.credit)
      FROM version s JOIN license l ON l.code = s.license
      WHERE s.resource_id = r.adapted_from_id AND s.number = r.adapted_from_version)) AS facts
  FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = ANY ($1::uuid[]) ORDER BY r.id`;

/**
 * Reads the tags of resources that have been published.
 * @param options.lock for a change: locked in the order of ids, as everybody locks them
 * @returns by id
 */
export async function tagFacts(
  client: Pool | PoolClient,
  ids: readonly string[],
  options: { lock?: boolean } = {},
): Promise<Map<string, TagFacts>> {
  if (ids.length === 0) return new Map();
  if (options.lock)
    await client.query('SELECT id FROM resource WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
  const { rows } = await client.query<{ facts: TagFacts }>(factsSql, [ids]);
  return new Map(rows.map(({ facts }) => [facts.id, facts]));
}
