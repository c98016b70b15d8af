import type { PoolClient } from 'pg';
import { hashPassword } from '../../server/accounts/password.ts';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { slug } from '../../server/lib/slug.ts';
import { seedSite } from './seed-site.ts';
import { writeStarterLists } from '../../server/vocabularies/starter-lists.ts';
import { readOrganizations, readPeople, readVocabularies } from './catalog.ts';

/** What the demo calls its scale. */
const scaleName = 'Demo State competency scale';

/** The state, its districts and schools, people with their roles, and all vocabularies. Doing it twice changes nothing. */
export async function seedState(client: PoolClient): Promise<void> {
  await seedOrganizations(client);
  await seedPeople(client);
  await seedVocabularies(client);
  await seedSite(client);
}

async function seedOrganizations(client: PoolClient): Promise<void> {
  const { state, districts } = await readOrganizations();
  const insert = (kind: string, parent: string | null, row: { slug: string; name: string }) =>
    client.query(
      `INSERT INTO organization (id, kind, parent_id, district_id, name, slug)
       SELECT n.id, $1, p.id, CASE $1 WHEN 'district' THEN n.id WHEN 'school' THEN p.id END, $3, $4
       FROM (SELECT uuidv7() AS id) n LEFT JOIN organization p ON p.slug = $2
       ON CONFLICT (slug) DO NOTHING`,
      [kind, parent, row.name, row.slug],
    );
  await insert('state', null, state);
  for (const district of districts) {
    await insert('district', state.slug, district);
    for (const school of district.schools) await insert('school', district.slug, school);
  }
}

async function seedPeople(client: PoolClient): Promise<void> {
  const passwordHash = await hashPassword(demoSignIns.password);
  for (const person of await readPeople()) {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO person (email, name, password_hash, organization_id)
       SELECT $1, $2, $3, o.id FROM organization o WHERE o.slug = $4
       ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING id`,
      [person.email, person.name, passwordHash, person.school ?? person.roles[0]?.organization],
    );
    for (const { role, organization } of person.roles)
      await client.query(
        `INSERT INTO role_grant (person_id, organization_id, role)
         SELECT $1, o.id, $3 FROM organization o WHERE o.slug = $2 ON CONFLICT DO NOTHING`,
        [rows[0]!.id, organization, role],
      );
  }
}

async function seedVocabularies(client: PoolClient): Promise<void> {
  const words = await readVocabularies();
  await writeStarterLists(client, scaleName);
  await seedTopics(client, words.topics);
}

/** Paths come parents first; a name that two branches share gets its parent's name in the slug. */
async function seedTopics(client: PoolClient, topics: Record<string, string[]>): Promise<void> {
  for (const [subject, paths] of Object.entries(topics))
    for (const [position, path] of paths.entries()) {
      const steps = path.split(' > ');
      const name = steps.at(-1) ?? path;
      const parent = steps.slice(0, -1).join(' > ');
      await client.query(
        `INSERT INTO topic (parent_id, name, slug, path, subject_slug, position)
         SELECT (SELECT id FROM topic WHERE path = $1), $2,
                CASE WHEN EXISTS (SELECT 1 FROM topic WHERE slug = $3) THEN $4 ELSE $3 END, $5, $6, $7
         ON CONFLICT (path) DO NOTHING`,
        [parent, name, slug(name), slug(steps.slice(-2).join(' ')), path, subject, position],
      );
    }
  await client.query(`
    INSERT INTO topic_ancestor (topic_id, ancestor_id, distance)
    WITH RECURSIVE up AS (
      SELECT id AS topic_id, id AS ancestor_id, 0 AS distance FROM topic
      UNION ALL
      SELECT up.topic_id, t.parent_id, up.distance + 1 FROM up JOIN topic t ON t.id = up.ancestor_id WHERE t.parent_id IS NOT NULL)
    SELECT topic_id, ancestor_id, distance FROM up ON CONFLICT DO NOTHING`);
  await client.query('SELECT order_topics()');
}
