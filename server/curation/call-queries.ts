import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { standardRowSql, type StandardRow } from '../standards/standard-row.ts';
import { callingFor, districtsSeen } from './call-policy.ts';
import { OUT, type CallState } from './call-states.ts';
import { demandKey } from './coverage-demand.ts';

/** A call as pages show it. */
export interface CallRow {
  id: string;
  organizationId: string;
  districtId: string | null;
  /** Who calls. */
  organization: string;
  words: string;
  /** As `2026-12-24`. */
  closesOn: string | null;
  state: CallState;
  revision: number;
  note: string;
  madeAt: string;
  movedAt: string;
  standard: StandardRow;
  /** Slug. */
  level: string | null;
  /** What a student at that level does, in the standard's own words where it has them. */
  descriptor: string | null;
  /** What was shared for it and the viewer may see, oldest first. */
  answers: { resourceId: string; person: string | null; at: string; refused: boolean }[];
}

/** Which calls: of these states, and only of what is given. */
export interface CallFilter {
  states: readonly CallState[];
  id?: string;
  standards?: readonly string[];
  grade?: string | null;
  /** Of these subjects first, and among them of these grades; none given: any. */
  first?: { subjects: readonly string[]; grades: readonly string[] };
}

/** Latest day first to go, then what was asked for last; what is over by when it ended. */
const ORDER = `c.state NOT IN ('open', 'answered'), CASE WHEN c.state IN ('open', 'answered') THEN c.closes_on END NULLS LAST, c.moved_at DESC, c.id`;

/**
 * Calls that the viewer may see, in order; each with those of its answers that they may see. One round trip.
 * @returns with the number of all that match
 */
export async function callsFor(
  pool: Pool,
  viewer: Viewer,
  filter: CallFilter,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<{ total: number; calls: CallRow[] }> {
  const { rows } = await pool.query<{ total: number; call: CallRow }>(
    `SELECT count(*) OVER ()::int AS total, json_build_object(
       'id', c.id, 'organizationId', c.organization_id, 'districtId', c.district_id, 'organization', o.name, 'words', c.words,
       'closesOn', c.closes_on, 'state', c.state, 'revision', c.revision, 'note', c.note, 'madeAt', c.made_at, 'movedAt', c.moved_at,
       'standard', ${standardRowSql('s', 'f')}, 'level', l.slug,
       'descriptor', coalesce(d.description, nullif(l.description, '')),
       'answers', coalesce((SELECT json_agg(json_build_object('resourceId', a.resource_id, 'person', p.name, 'at', a.answered_at,
           'refused', a.refused_at IS NOT NULL) ORDER BY a.answered_at, a.resource_id)
         FROM call_answer a JOIN resource r ON r.id = a.resource_id AND r.state = 'published' AND r.audience && $2::text[]
         LEFT JOIN person p ON p.id = a.person_id WHERE a.call_id = c.id), '[]')) AS call
     FROM lesson_call c JOIN organization o ON o.id = c.organization_id JOIN standard s ON s.guid = c.standard_guid
       JOIN framework f ON f.guid = s.framework_guid LEFT JOIN competency_level l ON l.id = c.level_id
       LEFT JOIN level_descriptor d ON d.level_id = c.level_id AND d.standard_guid = c.standard_guid
     WHERE c.state = ANY ($1::text[]) AND (c.district_id IS NULL OR $3::uuid[] IS NULL OR c.district_id = ANY ($3))
       AND ($4::uuid IS NULL OR c.id = $4) AND ($5::uuid[] IS NULL OR c.standard_guid = ANY ($5))
       AND ($6::text IS NULL OR $6 = ANY (s.grades))
     ORDER BY (cardinality($9::text[]) = 0 OR f.subject_slug = ANY ($9)) DESC NULLS LAST, (cardinality($10::text[]) = 0 OR s.grades && $10) DESC, ${ORDER} LIMIT $7 OFFSET $8`,
    [
      filter.states,
      audiencesOf(viewer),
      districtsSeen(viewer),
      filter.id ?? null,
      filter.standards ?? null,
      filter.grade ?? null,
      limit,
      offset,
      filter.first?.subjects ?? [],
      filter.first?.grades ?? [],
    ],
  );
  return { total: rows[0]?.total ?? 0, calls: rows.map(({ call }) => call) };
}

/** What somebody asked for, for the form of a call. */
export interface AskToCall {
  id: string;
  address: string;
  words: string;
  note: string;
  person: string;
  organizationId: string;
  districtId: string | null;
}

/** An ask that is open. */
export async function askById(pool: Pool, id: string): Promise<AskToCall | undefined> {
  const { rows } = await pool.query<AskToCall>(
    `SELECT k.id, k.address, k.words, k.note, p.name AS person, o.id AS "organizationId", o.district_id AS "districtId"
     FROM search_ask k JOIN person p ON p.id = k.person_id JOIN organization o ON o.id = p.organization_id
     WHERE k.id = $1 AND k.closed_at IS NULL`,
    [id],
  );
  return rows[0];
}

/** Names of organizations by id, the state first. */
export async function namesOf(pool: Pool, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM organization WHERE id = ANY ($1::uuid[]) AND closed_at IS NULL ORDER BY kind = 'state' DESC, name`,
    [ids],
  );
  return rows;
}

/**
 * The calls that are out, the viewer's own organization's before others.
 * @returns their addresses by `demandKey`
 */
export async function callsOut(pool: Pool, viewer: Viewer): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; guid: string; level: string | null }>(
    `SELECT c.id, c.standard_guid AS guid, l.slug AS level FROM lesson_call c LEFT JOIN competency_level l ON l.id = c.level_id
     WHERE c.state = ANY ($1::text[]) AND (c.district_id IS NULL OR $2::uuid[] IS NULL OR c.district_id = ANY ($2))
     ORDER BY c.organization_id = ANY ($3::uuid[]), c.id`,
    [OUT, districtsSeen(viewer), callingFor(viewer)],
  );
  return new Map(rows.map(({ id, guid, level }) => [demandKey(guid, level), `/calls/${id}`]));
}
