import { conflict, invalid, notFound } from '../errors.ts';
import { rememberFormer, stampOf, touchedBy, type ChangePlan, type Client } from './vocabulary-change.ts';
import type { TopicChange } from './vocabulary-schema.ts';
import { childrenOf, mergeTopic, putUnder, rememberPaths, repath } from './topic-writes.ts';

/** A topic as changes need it. */
export interface TopicState {
  id: string;
  name: string;
  slug: string;
  path: string;
  parentId: string | null;
  subject: string | null;
  /** Ids of all below it, without itself. */
  below: string[];
  children: { id: string; name: string }[];
}

/** A topic, or undefined. */
export async function findTopic(client: Client, id: string): Promise<TopicState | undefined> {
  const { rows } = await client.query<TopicState>(
    `SELECT t.id, t.name, t.slug, t.path, t.parent_id AS "parentId", t.subject_slug AS subject,
       ARRAY(SELECT a.topic_id::text FROM topic_ancestor a WHERE a.ancestor_id = t.id AND a.distance > 0 ORDER BY 1) AS below,
       coalesce((SELECT json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.id) FROM topic c WHERE c.parent_id = t.id), '[]') AS children
     FROM topic t WHERE t.id = $1`,
    [id],
  );
  return rows[0];
}

const BELOW = `SELECT x.version_id FROM topic_ancestor a JOIN version_topic x ON x.topic_id = a.topic_id WHERE a.ancestor_id = $1`;

/** Resources at a topic and below it. */
export const touchedByTopic = (client: Client, id: string) => touchedBy(client, BELOW, id);

/** Whether another topic under the same one has that name. @param but the id of a topic that may have it */
export async function nameIsTaken(
  client: Client,
  name: string,
  { under, but }: { under: string | null; but: string | null },
): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM topic WHERE parent_id IS NOT DISTINCT FROM $1 AND plain(name) = plain($2) AND id IS DISTINCT FROM $3`,
    [under, name, but],
  );
  return rows.length > 0;
}

/**
 * What a change of a topic does; nothing is changed yet.
 * @throws 404; 409 when the topic that it goes to is gone; 422 when it can't be done
 */
export async function planTopic(client: Client, id: string, change: TopicChange): Promise<ChangePlan> {
  const topic = await findTopic(client, id);
  if (!topic) throw notFound('topic.gone');
  const touched = await touchedByTopic(client, id);
  const base = { kind: 'topic' as const, target: id, name: topic.path, touched };
  const own = [topic.id, topic.name, topic.path, topic.parentId, topic.subject, topic.below];
  const above = topic.path.slice(0, topic.path.length - topic.name.length);
  const below = topic.below.length;

  if (change.what === 'rename') {
    if (await nameIsTaken(client, change.name, { under: topic.parentId, but: id }))
      throw invalid({ field: 'name', key: 'topic.fault.taken' });
    await refuseUnknownSubject(client, change.subject);
    return {
      ...base,
      seen: stampOf(own),
      after: { name: above + change.name, leads: null, below, alike: [] },
      action: 'renamed',
      detail: {
        before: { name: topic.name, subject: topic.subject },
        after: { name: change.name, subject: change.subject },
      },
      apply: async (tx, how) => {
        if (change.name !== topic.name) {
          await rememberPaths(tx, id);
          await rememberFormer(tx, 'topic', [topic.name], { was: topic.slug, value: topic.slug });
          await markTopic(tx, id, how);
        }
        await tx.query('UPDATE topic SET name = $2, subject_slug = $3 WHERE id = $1', [
          id,
          change.name,
          change.subject,
        ]);
        await repath(tx, id);
      },
    };
  }

  if (change.what === 'remove') {
    if (below > 0) throw invalid({ field: 'what', key: 'topic.fault.hasBelow' });
    if (touched.all > 0) throw invalid({ field: 'what', key: 'vocabulary.fault.used' });
    return {
      ...base,
      seen: stampOf(own),
      after: { name: '', leads: null, below, alike: [] },
      action: 'removed',
      detail: { name: topic.path, slug: topic.slug },
      apply: async (tx) => {
        await tx.query(`DELETE FROM former_term WHERE kind = 'topic' AND value = $1`, [topic.slug]);
        await tx.query('DELETE FROM topic WHERE id = $1', [id]);
      },
    };
  }

  const otherId = change.what === 'move' ? change.under : change.into;
  const field = change.what === 'move' ? 'under' : 'into';
  const other = otherId === null ? null : await findTopic(client, otherId);
  if (other === undefined) throw conflict('topic.gone');
  if (other && (other.id === id || topic.below.includes(other.id)))
    throw invalid({
      field,
      key: change.what === 'move' ? 'topic.fault.underItself' : 'topic.fault.intoItself',
    });

  if (change.what === 'move') {
    if ((other?.id ?? null) === topic.parentId) throw invalid({ field, key: 'topic.fault.isThere' });
    if (await nameIsTaken(client, topic.name, { under: other?.id ?? null, but: id }))
      throw invalid({ field, key: 'topic.fault.takenThere' });
    const path = other ? `${other.path} > ${topic.name}` : topic.name;
    return {
      ...base,
      seen: stampOf([own, other && [other.id, other.path]]),
      after: { name: path, leads: null, below, alike: [] },
      action: 'moved',
      detail: {
        before: topic.path,
        after: path,
        resources: touched.shelf,
      },
      apply: async (tx, how) => {
        await markTopic(tx, id, how);
        await putUnder(tx, id, other?.id ?? null);
      },
    };
  }

  if (!other) throw invalid({ field, key: 'vocabulary.fault.choose' });
  const children = await childrenOf(client, id, other.id);
  return {
    ...base,
    seen: stampOf([own, topic.children, other.id, other.path, other.children]),
    after: {
      name: other.path,
      leads: { from: `/topics/${topic.slug}`, to: `/topics/${other.slug}` },
      below,
      alike: children.filter(({ twin }) => twin !== null).map(({ name }) => name),
    },
    action: 'merged',
    detail: {
      from: topic.path,
      slug: topic.slug,
      into: other.path,
      intoId: other.id,
      resources: touched.shelf,
    },
    apply: async (tx, how) => {
      await markTopic(tx, id, how);
      await mergeTopic(tx, id, other.id);
    },
  };
}

async function refuseUnknownSubject(client: Client, subject: string | null): Promise<void> {
  if (subject === null) return;
  const { rows } = await client.query('SELECT 1 FROM subject WHERE slug = $1', [subject]);
  if (rows.length === 0) throw invalid({ field: 'subject', key: 'vocabulary.fault.choose' });
}

const markTopic = (client: Client, id: string, how: number) =>
  client.query('SELECT mark_dirty_topics(ARRAY[$1]::uuid[], $2::smallint)', [id, how]);
