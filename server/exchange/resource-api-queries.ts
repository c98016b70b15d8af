import type { Pool } from 'pg';
import type { CheckStatus } from '../resources/resource-view.ts';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { Relation } from '../standards/standard-view.ts';

/** What the API says of a published resource beside its card. */
export type ApiFacts = {
  id: string;
  source: string;
  external_id: string | null;
  link: string | null;
  district: string | null;
  setting: string | null;
  published_at: Date;
  topics: string[];
  alignments: {
    guid: string;
    code: string;
    level: string | null;
    relation: Relation;
    status: CheckStatus;
  }[];
};

/**
 * These facts for resources whose cards the viewer was given, in one round trip.
 * @returns by resource id; one that is no longer on the shelf is left out
 */
export async function apiFacts(pool: Pool, ids: readonly string[]): Promise<Map<string, ApiFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<ApiFacts>(factsSql, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

const factsSql = `
  SELECT r.id, r.source, r.external_id, v.url AS link, d.slug AS district, v.setting, v.published_at,
    ARRAY(SELECT t.path FROM version_topic vt JOIN topic t ON t.id = vt.topic_id WHERE vt.version_id = v.id ORDER BY vt.position, t.path) AS topics,
    coalesce((
      SELECT json_agg(json_build_object('guid', s.guid, 'code', coalesce(s.code, s.label, left(s.statement, 40)), 'level', l.slug,
          'relation', a.relation, 'status', a.check_state)
        ORDER BY ${standardOrderSql('s', 'f')}, l.position, a.relation DESC)
      FROM alignment a JOIN standard s ON s.guid = a.standard_guid JOIN framework f ON f.guid = s.framework_guid LEFT JOIN competency_level l ON l.id = a.level_id
      WHERE a.resource_id = r.id AND a.to_version IS NULL), '[]') AS alignments
  FROM resource r JOIN version v ON v.id = r.current_version_id LEFT JOIN organization d ON d.id = r.district_id
  WHERE r.id = ANY ($1::uuid[]) AND r.state = 'published'`;
