import type { PoolClient } from 'pg';
import { lockSourceHere } from '../../imports/source-lock.ts';
import { conflict } from '../../errors.ts';

/** The longest name of a source. */
const LONGEST = 60;

/**
 * Nothing may be read in while what it would be compared with goes elsewhere.
 * @throws 409 while a run of one of these districts' sources is planned or under way
 */
export async function noImportRuns(client: PoolClient, districtIds: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ id: string; name: string; busy: boolean }>(
    `SELECT s.id, s.name, EXISTS (SELECT 1 FROM import_run r WHERE r.source_id = s.id AND r.state IN ('planned', 'running', 'undoing')) AS busy
     FROM import_source s WHERE s.district_id = ANY ($1::uuid[]) ORDER BY s.id`,
    [districtIds],
  );
  for (const { id, name, busy } of rows)
    if (busy || !(await lockSourceHere(client, id))) throw conflict('transfer.importRuns', { source: name });
}

/** A name that a district doesn't have yet, near to the wished one. */
function freeName(wished: string, taken: ReadonlySet<string>): string {
  const base = wished.slice(0, LONGEST);
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const ending = `-${number}`;
    const name = base.slice(0, LONGEST - ending.length).replace(/[._-]+$/, '') + ending;
    if (!taken.has(name)) return name;
  }
}

const namesOf = async (client: PoolClient, districtId: string): Promise<Set<string>> => {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM import_source WHERE district_id = $1',
    [districtId],
  );
  return new Set(rows.map(({ name }) => name));
};

const joined = (name: string, slug: string): string =>
  name.endsWith(`-${slug}`)
    ? name
    : `${name.slice(0, 30).replace(/[._-]+$/, '')}-${slug.slice(0, 28).replace(/-+$/, '')}`;

/**
 * Gives a district's sources to another one. One whose name the other has too gets the old district's behind its own.
 * @returns names as they were → as they are
 */
export async function giveSources(
  client: PoolClient,
  from: { id: string; slug: string },
  toDistrictId: string,
): Promise<Record<string, string>> {
  const taken = await namesOf(client, toDistrictId);
  const { rows } = await client.query<{ id: string; name: string }>(
    'SELECT id, name FROM import_source WHERE district_id = $1 ORDER BY name',
    [from.id],
  );
  const names: Record<string, string> = {};
  for (const { id, name } of rows) {
    const next = taken.has(name) ? freeName(joined(name, from.slug), taken) : name;
    taken.add(next);
    names[name] = next;
    await client.query('UPDATE import_source SET district_id = $2, name = $3 WHERE id = $1', [
      id,
      toDistrictId,
      next,
    ]);
  }
  return names;
}

/** From where imported resources go to which district. `listedIn`: only those that this transfer lists; null: all. */
type Branch = {
  school: { id: string; slug: string };
  toDistrictId: string;
  listedIn: string | null;
};

/**
 * Makes sources in another district for what imports brought in for a school that goes there. They have names of their own,
 * so that neither district's files take what came from the other for missing.
 * @param home names that are known already: what goes back gets the name that it had there
 * @returns names as they were → as they will be
 */
export async function branchSources(
  client: PoolClient,
  { school, toDistrictId, listedIn }: Branch,
  home: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const { rows } = await client.query<{ source: string; widest: string }>(
    `SELECT DISTINCT r.source, coalesce(s.widest, 'public') AS widest FROM resource r
       LEFT JOIN import_source s ON s.district_id = r.district_id AND s.name = r.source
     WHERE r.organization_id = $1 AND r.external_id IS NOT NULL AND r.district_id IS DISTINCT FROM $2
       AND ($3::uuid IS NULL OR r.id IN (SELECT object_id FROM transfer_item WHERE transfer_id = $3 AND kind = 'resource')) ORDER BY 1`,
    [school.id, toDistrictId, listedIn],
  );
  const taken = await namesOf(client, toDistrictId);
  const names: Record<string, string> = {};
  for (const { source, widest } of rows) {
    const next = home[source] ?? freeName(joined(source, school.slug), taken);
    names[source] = next;
    if (!taken.has(next)) await makeSource(client, { districtId: toDistrictId, name: next, widest });
    taken.add(next);
  }
  return names;
}

const makeSource = (
  client: PoolClient,
  { districtId, name, widest }: { districtId: string; name: string; widest: string },
) =>
  client.query('INSERT INTO import_source (district_id, name, widest) VALUES ($1, $2, $3)', [
    districtId,
    name,
    widest,
  ]);

/**
 * The names that sources had before a hand-over, for what is handed back: the next file of the old district finds its own
 * resources again. None where one of the ends, or its district, has been merged or moved since: names say nothing then.
 */
export async function homeNames(
  client: PoolClient,
  handOver: string,
  ends: { organizations: readonly string[]; districts: readonly (string | null)[] },
): Promise<Record<string, string>> {
  const { rows } = await client.query<{ sources: Record<string, string> }>(
    `SELECT t.sources FROM transfer t WHERE t.id = $1 AND NOT EXISTS (
       SELECT 1 FROM transfer m WHERE m.kind IN ('merge', 'move') AND m.state IN ('running', 'done') AND (m.id > t.id OR m.moved_at > t.moved_at)
         AND (m.from_id = ANY ($2::uuid[]) OR (m.kind = 'merge' AND m.to_id = ANY ($3::uuid[]))))`,
    [handOver, ends.organizations, ends.districts.filter((id) => id !== null)],
  );
  return Object.fromEntries(Object.entries(rows[0]?.sources ?? {}).map(([before, after]) => [after, before]));
}

/**
 * Names of sources for those that can't have the one meant for them, since a file has brought in another under the same
 * id meanwhile: they stand beside it under the name that they have, in a source that is made if there is none.
 * @returns names by the id of the resource
 */
export async function namesApart(
  client: PoolClient,
  {
    ids,
    districtId,
    sources,
  }: { ids: readonly string[]; districtId: string | null; sources: Record<string, string> },
): Promise<Record<string, string>> {
  if (districtId === null) return {};
  const { rows } = await client.query<{ id: string; source: string; widest: string; kept: boolean }>(
    `SELECT r.id, r.source, coalesce(s.widest, 'public') AS widest,
       NOT EXISTS (SELECT 1 FROM resource k WHERE k.district_id = $2 AND k.source = r.source AND k.external_id = r.external_id AND k.id <> r.id) AS kept
     FROM resource r JOIN resource o ON o.district_id = $2 AND o.source = $3::jsonb ->> r.source AND o.external_id = r.external_id AND o.id <> r.id
       LEFT JOIN import_source s ON s.district_id = r.district_id AND s.name = r.source
     WHERE r.id = ANY ($1::uuid[]) ORDER BY r.id`,
    [ids, districtId, JSON.stringify(sources)],
  );
  const taken = rows.length === 0 ? new Set<string>() : await namesOf(client, districtId);
  const others = new Map<string, string>();
  const names: Record<string, string> = {};
  for (const { id, source, widest, kept } of rows) {
    const name = kept ? source : (others.get(source) ?? freeName(source, taken));
    if (!kept) others.set(source, name);
    if (!taken.has(name)) await makeSource(client, { districtId, name, widest });
    taken.add(name);
    names[id] = name;
  }
  return names;
}
