import type { Pool, PoolClient } from 'pg';
import { checkSign, type CheckRow } from '../resources/check-sign.ts';
import type { CheckSign } from '../resources/resource-view.ts';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { Relation } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { CheckedResource } from './check-facts-queries.ts';
import type { Fit } from './check-machine.ts';
import type { CheckPower } from './check-policy.ts';

/** What a version claims to be aligned to, for the form of its check. */
export type Claim = {
  /** Of the alignment; of what isn't published yet, of the draft's wish. */
  id: string;
  guid: string;
  code: string;
  statement: string;
  framework: string;
  grades: string[];
  relation: Relation;
  levelId: string | null;
  level: LevelSign | null;
  claimedAs: 'author' | 'import' | 'curator' | 'colleague';
  check: CheckSign;
  fit: Fit | null;
  /** Of the last check, where it said "other level". */
  otherLevel: string | null;
  note: string;
  /** What students do at the claimed level, in the standard's words or the scale's. */
  descriptor: string | null;
  /** The state decided about it, and the viewer acts for a district. */
  locked: boolean;
};

type Row = CheckRow & {
  id: string;
  guid: string;
  code: string;
  statement: string;
  framework: string;
  grades: string[];
  relation: Relation;
  level_id: string | null;
  level: LevelSign | null;
  claimed_as: Claim['claimedAs'];
  fit: Fit | null;
  other_level: string | null;
  check_note: string | null;
  descriptor: string | null;
};

/** The claims of what is to be checked: the shelf's version, or the one that was handed in. */
export async function claimsOf(
  db: Pick<Pool | PoolClient, 'query'>,
  resource: Pick<CheckedResource, 'id' | 'state' | 'draftId'>,
  power: CheckPower | null,
): Promise<Claim[]> {
  const submitted = resource.state === 'submitted';
  const { rows } = await db.query<Row>(
    `SELECT a.id, s.guid, coalesce(s.code, s.label, left(s.statement, 40)) AS code, coalesce(s.short_statement, s.statement) AS statement,
       fw.title AS framework, s.grades, a.relation, a.level_id,
       (SELECT json_build_object('slug', l.slug, 'label', l.name, 'position', l.position,
          'of', (SELECT count(*) FROM competency_level x WHERE x.scale_id = l.scale_id)) FROM competency_level l WHERE l.id = a.level_id) AS level,
       a.claimed_as, a.check_state, a.fit, a.check_note, a.checked_at, p.name AS checker_name, o.kind AS checked_for_kind,
       (SELECT l.slug FROM alignment_check c JOIN resource_check k ON k.id = c.check_id JOIN competency_level l ON l.id = c.level_id
        WHERE c.alignment_id = a.id ORDER BY k.created_at DESC LIMIT 1) AS other_level,
       coalesce((SELECT description FROM level_descriptor d WHERE d.standard_guid = s.guid AND d.level_id = a.level_id),
                (SELECT nullif(description, '') FROM competency_level WHERE id = a.level_id)) AS descriptor
     FROM (${submitted ? draftSql : currentSql}) a JOIN standard s ON s.guid = a.standard_guid JOIN framework fw ON fw.guid = s.framework_guid
       LEFT JOIN competency_level al ON al.id = a.level_id
       LEFT JOIN person p ON p.id = a.checked_by LEFT JOIN organization o ON o.id = a.checked_for
     ORDER BY ${standardOrderSql('s', 'fw')}, al.position, a.at, a.id`,
    [submitted ? resource.draftId : resource.id],
  );
  return rows.map((row) => ({
    id: row.id,
    guid: row.guid,
    code: row.code,
    statement: row.statement,
    framework: row.framework,
    grades: row.grades,
    relation: row.relation,
    levelId: row.level_id,
    level: row.level,
    claimedAs: row.claimed_as,
    check: checkSign(row),
    fit: row.fit,
    otherLevel: row.fit === 'other_level' ? row.other_level : null,
    note: row.check_note ?? '',
    descriptor: row.descriptor,
    locked: power?.kind === 'district' && row.checked_for_kind === 'state' && row.check_state !== 'claimed',
  }));
}

const currentSql = `
  SELECT id, standard_guid, relation, level_id, claimed_as, check_state, fit, check_note, checked_at, checked_by, checked_for,
    extract(epoch FROM created_at) AS at
  FROM alignment WHERE resource_id = $1 AND to_version IS NULL`;

const draftSql = `
  SELECT id, standard_guid, relation, level_id, 'author' AS claimed_as, 'claimed' AS check_state, NULL AS fit, NULL AS check_note,
    NULL::timestamptz AS checked_at, NULL::uuid AS checked_by, NULL::uuid AS checked_for, position AS at
  FROM draft_alignment WHERE version_id = $1`;
