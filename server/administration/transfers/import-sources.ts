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

/**
 * Makes sources in another district for what imports brought in for a school that goes there. They have names of their own,
 * so that neither district's files take what came from the other for missing.
 * @returns names as they were → as they will be
 */
export async function branchSources(
  client: PoolClient,
  school: { id: string; slug: string },
  toDistrictId: string,
): Promise<Record<string, string>> {
  const { rows } = await client.query<{ source: string; widest: string }>(
    `SELECT DISTINCT r.source, coalesce(s.widest, 'public') AS widest FROM resource r
       LEFT JOIN import_source s ON s.district_id = r.district_id AND s.name = r.source
     WHERE r.organization_id = $1 AND r.external_id IS NOT NULL AND r.district_id IS DISTINCT FROM $2 ORDER BY 1`,
    [school.id, toDistrictId],
  );
  const taken = await namesOf(client, toDistrictId);
  const names: Record<string, string> = {};
  for (const { source, widest } of rows) {
    const next = freeName(joined(source, school.slug), taken);
    taken.add(next);
    names[source] = next;
    await client.query('INSERT INTO import_source (district_id, name, widest) VALUES ($1, $2, $3)', [
      toDistrictId,
      next,
      widest,
    ]);
  }
  return names;
}
