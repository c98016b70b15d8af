import { rememberFormer, replaceInTagChanges, type Client } from './vocabulary-change.ts';

/** Writes the paths of a topic and all below it anew. */
export async function repath(client: Client, id: string): Promise<void> {
  await client.query(
    `WITH RECURSIVE tree AS (
       SELECT t.id, coalesce(p.path || ' > ', '') || t.name AS path FROM topic t LEFT JOIN topic p ON p.id = t.parent_id WHERE t.id = $1
       UNION ALL SELECT c.id, tree.path || ' > ' || c.name FROM tree JOIN topic c ON c.parent_id = tree.id)
     UPDATE topic t SET path = tree.path FROM tree WHERE t.id = tree.id AND t.path <> tree.path`,
    [id],
  );
}

/** Takes a topic with all below it out from under what stands above it. */
async function dropAbove(client: Client, id: string): Promise<void> {
  await client.query(
    `DELETE FROM topic_ancestor x USING topic_ancestor mine
     WHERE mine.ancestor_id = $1 AND x.topic_id = mine.topic_id
       AND NOT EXISTS (SELECT 1 FROM topic_ancestor b WHERE b.ancestor_id = $1 AND b.topic_id = x.ancestor_id)`,
    [id],
  );
}

/** Puts a topic that has nothing above it, with all below it, under another one. */
export async function addAncestors(client: Client, id: string, under: string): Promise<void> {
  await client.query(
    `INSERT INTO topic_ancestor (topic_id, ancestor_id, distance)
     SELECT d.topic_id, u.ancestor_id, d.distance + u.distance + 1
     FROM topic_ancestor d CROSS JOIN topic_ancestor u WHERE d.ancestor_id = $1 AND u.topic_id = $2`,
    [id, under],
  );
}

interface Merged {
  id: string;
  name: string;
  slug: string;
  path: string;
}

/**
 * Puts everything of a topic into another one and takes it away: its resources in every version, what stands below it
 * (what has the same name there is merged too), its words and its address.
 */
export async function mergeTopic(client: Client, id: string, into: string): Promise<void> {
  const { rows } = await client.query<Merged>(
    'SELECT id, name, slug, path FROM topic WHERE id = ANY ($1::uuid[])',
    [[id, into]],
  );
  const from = rows.find((row) => row.id === id);
  const other = rows.find((row) => row.id === into);
  if (!from || !other) throw new Error('A topic that is merged is gone');
  await rememberFormer(client, 'topic', [from.slug, from.path, from.name], {
    was: from.slug,
    value: other.slug,
  });
  // What stands below it may get its path.
  await client.query(`UPDATE topic SET path = '> ' || id WHERE id = $1`, [id]);
  await moveChildren(client, id, into);
  await moveVersions(client, id, into);
  await replaceInTagChanges(client, 'topic', id, into);
  // From here on nobody gets it into a version any more; what they did until now comes along.
  await client.query('SELECT 1 FROM topic WHERE id = $1 FOR UPDATE', [id]);
  await moveVersions(client, id, into);
  await client.query('DELETE FROM topic WHERE id = $1', [id]);
}

async function moveVersions(client: Client, id: string, into: string): Promise<void> {
  await client.query(
    `WITH gone AS (DELETE FROM version_topic WHERE topic_id = $1 RETURNING version_id, position)
     INSERT INTO version_topic (version_id, topic_id, position) SELECT version_id, $2, position FROM gone ON CONFLICT DO NOTHING`,
    [id, into],
  );
}

/** A topic right below another one that is merged, and the one below its new place that has the same name. */
export interface Child {
  id: string;
  name: string;
  twin: string | null;
}

/** What stands right below a topic, in its order, each with its twin below the topic that it is merged into. */
export async function childrenOf(client: Client, id: string, into: string): Promise<Child[]> {
  const { rows } = await client.query<Child>(
    `SELECT c.id, c.name, (SELECT t.id FROM topic t WHERE t.parent_id = $2 AND t.id <> $1 AND plain(t.name) = plain(c.name) ORDER BY t.id LIMIT 1) AS twin
     FROM topic c WHERE c.parent_id = $1 ORDER BY c.position, c.id`,
    [id, into],
  );
  return rows;
}

async function moveChildren(client: Client, id: string, into: string): Promise<void> {
  for (const child of await childrenOf(client, id, into))
    await (child.twin === null ? putUnder(client, child.id, into) : mergeTopic(client, child.id, child.twin));
}

/**
 * Puts a topic with all below it at the end of what stands right below another one, or at the top (null). The paths that
 * they have now go on meaning them.
 */
export async function putUnder(client: Client, id: string, under: string | null): Promise<void> {
  await rememberPaths(client, id);
  await client.query(
    `UPDATE topic SET parent_id = $2, position = (SELECT coalesce(max(position), 0) + 1 FROM topic WHERE parent_id IS NOT DISTINCT FROM $2) WHERE id = $1`,
    [id, under],
  );
  await dropAbove(client, id);
  if (under !== null) await addAncestors(client, id, under);
  await repath(client, id);
}

/** The paths that a topic and all below it have now go on meaning them. */
export async function rememberPaths(client: Client, id: string): Promise<void> {
  await client.query(
    `INSERT INTO former_term (kind, word, value)
     SELECT 'topic', t.path, t.slug FROM topic_ancestor a JOIN topic t ON t.id = a.topic_id WHERE a.ancestor_id = $1
     ON CONFLICT (kind, word) DO UPDATE SET value = excluded.value`,
    [id],
  );
}
