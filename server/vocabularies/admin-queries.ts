import type { Pool } from 'pg';
import { TERM_LISTS, type TermKind } from './term-plan.ts';
import type { AskedChange } from './vocabulary-service.ts';

/** A topic in the administrators' tree. */
export interface TopicLine {
  id: string;
  parentId: string | null;
  name: string;
  slug: string;
  path: string;
  subject: string | null;
  subjectName: string | null;
  depth: number;
  resources: number;
  first: boolean;
  last: boolean;
}

/** All topics in their order, with the resources on the shelf at each and below it. */
export async function topicLines(pool: Pool): Promise<TopicLine[]> {
  const { rows } = await pool.query<TopicLine>(
    `SELECT t.id, t.parent_id AS "parentId", t.name, t.slug, t.path, t.subject_slug AS subject, s.name AS "subjectName",
       (SELECT count(*)::int FROM topic_ancestor a WHERE a.topic_id = t.id AND a.distance > 0) AS depth,
       (SELECT count(DISTINCT r.id)::int FROM topic_ancestor a JOIN version_topic x ON x.topic_id = a.topic_id
          JOIN resource r ON r.current_version_id = x.version_id AND r.state = 'published' WHERE a.ancestor_id = t.id) AS resources,
       row_number() OVER (PARTITION BY t.parent_id ORDER BY t.tree_order, t.path) = 1 AS first,
       row_number() OVER (PARTITION BY t.parent_id ORDER BY t.tree_order DESC, t.path DESC) = 1 AS last
     FROM topic t LEFT JOIN subject s ON s.slug = t.subject_slug ORDER BY t.tree_order, t.path`,
  );
  return rows;
}

/** A value of a flat list with the resources on the shelf that have it. */
export interface TermLine {
  slug: string;
  name: string;
  retired: boolean;
  resources: number;
}

/** All values of a list in their order. */
export async function termLines(pool: Pool, kind: TermKind): Promise<TermLine[]> {
  const { table, uses } = TERM_LISTS[kind];
  const { rows } = await pool.query<TermLine>(
    `SELECT t.slug, t.name, t.retired_at IS NOT NULL AS retired,
       (SELECT count(*)::int FROM (${uses.replaceAll('$1', 't.slug')}) x JOIN resource r ON r.current_version_id = x.version_id AND r.state = 'published') AS resources
     FROM ${table} t ORDER BY t.position, t.name`,
  );
  return rows;
}

/** A change of very many resources, and how far the index is with it. */
export interface WaitingChange {
  kind: AskedChange['kind'];
  what: AskedChange['change']['what'];
  name: string;
  state: 'waiting' | 'done' | 'refused';
  resources: number;
  /** Marks of it that wait for the index. */
  unindexed: number;
  by: string | null;
  madeAt: Date;
}

/** One change by its id, or undefined. @param engine the engine that answers searches */
export async function findVocabularyChange(
  pool: Pool,
  id: string,
  engine: string,
): Promise<WaitingChange | undefined> {
  const { rows } = await pool.query<WaitingChange>(
    `SELECT c.kind, c.change->>'what' AS what, c.name, c.state, c.resources, p.name AS by, c.made_at AS "madeAt",
       (SELECT count(*)::int FROM search_dirty d WHERE d.engine = $2 AND d.stamp > c.stamp_from AND d.stamp <= c.stamp_to) AS unindexed
     FROM vocabulary_change c LEFT JOIN person p ON p.id = c.person_id WHERE c.id = $1`,
    [id, engine],
  );
  return rows[0];
}
