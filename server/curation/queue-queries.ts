import type { Pool, PoolClient } from 'pg';
import { hasRole, type Viewer } from '../lib/viewer.ts';
import type { CheckStatus } from '../resources/resource-view.ts';
import { CHECKERS, checkScope, queueScope, settleScope } from './check-policy.ts';
import { WHYS, type QueueFilters, type Why } from './queue-schema.ts';

export type QueueRow = {
  id: string;
  state: 'published' | 'submitted';
  check_state: CheckStatus;
  title: string;
  language: string;
  number: number | null;
  author: string | null;
  organization: string;
  whys: Why[];
  since: string;
  standards: { guid: string; code: string; statement: string; level: string | null }[];
  standard_count: number;
  assigned: string | null;
  assigned_id: string | null;
  held: string | null;
  held_id: string | null;
  mine: boolean;
  /** Whether the viewer wrote it. */
  own: boolean;
  worst: 'hint' | 'warn' | 'stop' | null;
};

export type QueueFacts = {
  counts: {
    open: number;
    mine: number;
    unassigned: number;
    all: number;
    late: number;
    oldest: string | null;
  };
  /** How many of what is shown wait for this reason. */
  whys: Partial<Record<Why, number>>;
  /** All reasons for which something waits, whoever has it. */
  offered: Why[];
  total: number;
  /** `total`, whoever has it and whoever decides about it. */
  fitting: number;
  rows: QueueRow[];
};

type Asked = { viewer: Viewer; filters: QueueFilters; now: Date };
type Parameters = { add: (value: unknown) => string; values: unknown[] };

function parameters(): Parameters {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/**
 * `waiting`: what the viewer's districts wait for. What was handed in is a draft still, listed for those alone who check
 * there: an administrator can't open it. A lease that ran out is none. `barred`: who checks may not decide about it,
 * because they wrote it or because a lead settles it.
 */
const waitingSql = ({ viewer, now }: Asked, { add }: Parameters): string => {
  const me = `${add(viewer.id)}::uuid`;
  const scope = add(queueScope(viewer));
  const checks = add(checkScope(viewer));
  const settles = add(settleScope(viewer));
  const own = `(r.owner_id IS NOT DISTINCT FROM ${me} OR written.person_id IS NOT NULL)`;
  return `waiting AS MATERIALIZED (
    SELECT w.resource_id, w.whys, w.since, w.assigned_to, CASE WHEN w.held_until > ${add(now)} THEN w.held_by END AS held_by,
      r.state, r.check_state, r.used_count, r.owner_id, r.organization_id, r.district_id,
      ${own} AS own,
      ${add(hasRole(viewer, ...CHECKERS))}::boolean AND (${own}
        OR (r.check_state = 'disputed' AND ${settles}::uuid[] IS NOT NULL AND r.district_id <> ALL (${settles}))) AS barred,
      CASE r.state WHEN 'published' THEN r.current_version_id
        ELSE (SELECT d.id FROM version d WHERE d.resource_id = r.id AND d.number IS NULL) END AS version_id
    FROM check_wait w JOIN resource r ON r.id = w.resource_id
    LEFT JOIN co_author written ON written.resource_id = r.id AND written.person_id = ${me}
    WHERE (r.state = 'published' AND (${scope}::uuid[] IS NULL OR r.district_id = ANY (${scope})))
      OR (r.state = 'submitted' AND (${checks}::uuid[] IS NULL OR r.district_id = ANY (${checks}))))`;
};

/** What of `waiting w` somebody may go on with: what they have or nobody has, and they may decide about. */
const openSql = (me: string): string => `coalesce(w.held_by, w.assigned_to, ${me}) = ${me} AND NOT w.barred`;

/** What of `waiting w` is to be shown, by who has it. */
function shownSql({ viewer, filters }: Asked, { add }: Parameters): string {
  const ofWhom = {
    open: (me: () => string) => openSql(me()),
    mine: (me: () => string) => `${me()} IN (w.held_by, w.assigned_to)`,
    unassigned: () => 'w.held_by IS NULL AND w.assigned_to IS NULL',
    all: () => 'true',
  };
  return ofWhom[filters.show](() => `${add(viewer.id)}::uuid`);
}

/** What of `waiting w` the other filters leave. */
function fittingSql({ filters }: Asked, { add }: Parameters): string {
  const conditions = [
    'true',
    filters.why && `${add(filters.why)} = ANY (w.whys)`,
    filters.subject &&
      `EXISTS (SELECT 1 FROM version_subject x WHERE x.version_id = w.version_id AND x.subject = ${add(filters.subject)})`,
    filters.grade &&
      `EXISTS (SELECT 1 FROM version_grade x WHERE x.version_id = w.version_id AND x.grade = ${add(filters.grade)})`,
    filters.district && `w.district_id = (SELECT id FROM organization WHERE slug = ${add(filters.district)})`,
    filters.framework &&
      `(SELECT guid FROM framework WHERE slug = ${add(filters.framework)}) IN (
         SELECT s.framework_guid FROM alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.resource_id = w.resource_id AND a.to_version IS NULL
         UNION ALL
         SELECT s.framework_guid FROM draft_alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.version_id = w.version_id AND w.state = 'submitted')`,
  ];
  return conditions.filter(Boolean).join(' AND ');
}

const order = (sort: QueueFilters['sort']): string =>
  sort === 'used' ? 'w.used_count DESC, w.since, w.resource_id' : 'w.since, w.resource_id';

/** One page of the queue with its counts; one round trip. `late` is what waits since before `promised`. */
export async function queuePageFacts(
  pool: Pool,
  asked: Asked & { promised: Date; size: number },
): Promise<QueueFacts> {
  const p = parameters();
  const me = p.add(asked.viewer.id);
  const waiting = waitingSql(asked, p);
  const shown = shownSql(asked, p);
  const fitting = fittingSql(asked, p);
  const size = p.add(asked.size);
  const { rows } = await pool.query<{ facts: QueueFacts }>(
    `WITH ${waiting},
     fitting AS MATERIALIZED (SELECT w.* FROM waiting w WHERE ${fitting}),
     chosen AS MATERIALIZED (SELECT w.* FROM fitting w WHERE ${shown}),
     shown AS (SELECT *, row_number() OVER (ORDER BY ${order(asked.filters.sort)}) AS place FROM (
       SELECT * FROM chosen w ORDER BY ${order(asked.filters.sort)} LIMIT ${size}::int OFFSET ${size}::int * (${p.add(asked.filters.page)}::int - 1)) w)
     SELECT json_build_object(
       'counts', (SELECT json_build_object('all', count(*), 'mine', count(*) FILTER (WHERE ${me}::uuid IN (held_by, assigned_to)),
           'open', count(*) FILTER (WHERE ${openSql(`${me}::uuid`)}),
           'unassigned', count(*) FILTER (WHERE held_by IS NULL AND assigned_to IS NULL),
           'late', count(*) FILTER (WHERE since < ${p.add(asked.promised)}), 'oldest', min(since)) FROM waiting w),
       'whys', (SELECT json_build_object(${WHYS.map((why) => `'${why}', count(*) FILTER (WHERE '${why}' = ANY (whys))`).join(', ')}) FROM waiting w WHERE ${shown}),
       'offered', (SELECT coalesce(json_agg(DISTINCT why), '[]') FROM waiting, unnest(whys) why),
       'total', (SELECT count(*) FROM chosen), 'fitting', (SELECT count(*) FROM fitting),
       'rows', (SELECT coalesce(json_agg(json_build_object(
           'id', w.resource_id, 'state', w.state, 'check_state', w.check_state, 'title', v.title, 'language', v.language, 'number', v.number,
           'author', coalesce((SELECT name FROM person WHERE id = w.owner_id), nullif(v.authors, '')),
           'organization', (SELECT name FROM organization WHERE id = w.organization_id), 'whys', w.whys, 'since', w.since,
           'standards', coalesce(c.standards, '[]'), 'standard_count', coalesce(c.n, 0),
           'assigned', (SELECT name FROM person WHERE id = w.assigned_to), 'assigned_id', w.assigned_to,
           'held', (SELECT name FROM person WHERE id = w.held_by), 'held_id', w.held_by,
           'mine', coalesce(w.held_by, w.assigned_to) IS NOT DISTINCT FROM ${me}::uuid,
           'own', w.own,
           'worst', (SELECT f.severity FROM auto_finding f WHERE f.version_id = w.version_id AND f.severity <> 'good'
                     ORDER BY array_position(ARRAY['stop', 'warn', 'hint'], f.severity) LIMIT 1)) ORDER BY w.place), '[]')
         FROM shown w JOIN version v ON v.id = w.version_id
         LEFT JOIN LATERAL (
           SELECT count(*) AS n, json_agg(json_build_object('guid', s.guid, 'code', coalesce(s.code, s.label, left(s.statement, 40)),
             'statement', coalesce(s.short_statement, s.statement), 'level', l.slug) ORDER BY one.place) FILTER (WHERE one.place <= 3) AS standards
           FROM (SELECT *, row_number() OVER (ORDER BY at, standard_guid) AS place FROM (
                   SELECT a.standard_guid, a.level_id, extract(epoch FROM a.created_at) AS at FROM alignment a
                   WHERE a.resource_id = w.resource_id AND a.to_version IS NULL
                   UNION ALL SELECT d.standard_guid, d.level_id, d.position FROM draft_alignment d
                   WHERE d.version_id = w.version_id AND w.state = 'submitted') claimed) one
           JOIN standard s ON s.guid = one.standard_guid LEFT JOIN competency_level l ON l.id = one.level_id) c ON true)) AS facts`,
    p.values,
  );
  return rows[0]!.facts;
}

/**
 * What comes after `current` in the viewer's queue that they may decide about and nobody else has: the next in order,
 * from the beginning again behind the last.
 * @returns undefined where nothing is left
 */
export async function nextWaiting(
  db: Pick<Pool | PoolClient, 'query'>,
  asked: Asked & { current: string | null },
): Promise<string | undefined> {
  const p = parameters();
  const waiting = waitingSql(asked, p);
  const chosen = `${shownSql(asked, p)} AND ${fittingSql(asked, p)}`;
  const open = openSql(`${p.add(asked.viewer.id)}::uuid`);
  const { rows } = await db.query<{ id: string }>(
    `WITH ${waiting}
     SELECT w.resource_id AS id FROM waiting w WHERE ${chosen} AND ${open}
     ORDER BY ${order(asked.filters.sort)}`,
    p.values,
  );
  const ids = rows.map(({ id }) => id);
  const at = asked.current === null ? -1 : ids.indexOf(asked.current);
  return [...ids.slice(at + 1), ...ids.slice(0, Math.max(0, at))].find((id) => id !== asked.current);
}

export type Colleague = { id: string; name: string; organization: string };

/** Who checks for the state, and for the districts of a scope (null: for all); by name. */
export async function checkColleagues(pool: Pool, scope: string[] | null): Promise<Colleague[]> {
  const { rows } = await pool.query<Colleague>(
    `SELECT DISTINCT p.id, p.name, o.name AS organization FROM role_grant g JOIN person p ON p.id = g.person_id JOIN organization o ON o.id = g.organization_id
     WHERE g.role IN ('curator', 'lead') AND p.disabled_at IS NULL AND (o.kind = 'state' OR (o.kind = 'district' AND ($1::uuid[] IS NULL OR o.id = ANY ($1))))
     ORDER BY p.name, o.name LIMIT 200`,
    [scope],
  );
  return rows;
}
