import type { Pool } from 'pg';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { Fit } from './check-machine.ts';
import type { Outcome } from './decision.ts';

export type ThreadCheck = {
  id: string;
  person: string;
  for: string;
  outcome: Outcome;
  settles: boolean;
  note: string;
  number: number | null;
  on: string;
  alignments: {
    code: string;
    guid: string;
    statement: string;
    fit: Fit;
    /** Which it should be, where it is another one; else the claimed one, if it fits. */
    level: LevelSign | null;
    note: string;
  }[];
  rubric: string | null;
  ratings: { criterion: string; rating: number; label: string }[];
};

export type ThreadMessage = {
  id: string;
  person: string;
  kind: 'answer' | 'dispute' | 'asked';
  staff: boolean;
  text: string;
  on: string;
};

/** What was decided about a resource and what was said about it, each oldest first; one round trip. */
export async function threadOf(
  pool: Pool,
  resourceId: string,
): Promise<{ checks: ThreadCheck[]; messages: ThreadMessage[] }> {
  const { rows } = await pool.query<{ checks: ThreadCheck[]; messages: ThreadMessage[] }>(
    `SELECT
       coalesce((SELECT json_agg(json_build_object('id', c.id, 'person', p.name, 'for', o.name, 'outcome', c.outcome, 'settles', c.settles,
           'note', c.note, 'number', v.number, 'on', c.created_at,
           'alignments', coalesce((
             SELECT json_agg(json_build_object('code', coalesce(s.code, s.label, left(s.statement, 40)), 'guid', s.guid,
               'statement', coalesce(s.short_statement, s.statement), 'fit', ac.fit, 'note', ac.note,
               'level', (SELECT json_build_object('slug', l.slug, 'label', l.name, 'position', l.position,
                           'of', (SELECT count(*) FROM competency_level x WHERE x.scale_id = l.scale_id)) FROM competency_level l
                         WHERE l.id = coalesce(ac.level_id, CASE WHEN ac.fit IN ('full', 'part') THEN a.level_id END)))
               ORDER BY ${standardOrderSql('s', 'f')}, al.position, a.id)
             FROM alignment_check ac JOIN alignment a ON a.id = ac.alignment_id JOIN standard s ON s.guid = a.standard_guid
               JOIN framework f ON f.guid = s.framework_guid LEFT JOIN competency_level al ON al.id = a.level_id
             WHERE ac.check_id = c.id), '[]'),
           'rubric', r.name,
           'ratings', coalesce((
             SELECT json_agg(json_build_object('criterion', rc.name, 'rating', cr.rating, 'label', r.labels[cr.rating - r.lowest + 1]) ORDER BY rc.position)
             FROM check_rating cr JOIN rubric_criterion rc ON rc.id = cr.criterion_id WHERE cr.check_id = c.id), '[]')) ORDER BY c.created_at, c.id)
         FROM resource_check c JOIN person p ON p.id = c.person_id JOIN organization o ON o.id = c.for_id JOIN version v ON v.id = c.version_id
         LEFT JOIN rubric r ON r.id = c.rubric_id WHERE c.resource_id = $1), '[]') AS checks,
       coalesce((SELECT json_agg(json_build_object('id', m.id, 'person', p.name, 'kind', m.kind, 'staff', m.staff, 'text', m.text, 'on', m.created_at)
           ORDER BY m.created_at, m.id)
         FROM check_message m JOIN person p ON p.id = m.person_id WHERE m.resource_id = $1), '[]') AS messages`,
    [resourceId],
  );
  return rows[0]!;
}
