import type { Before, Gone } from './framework-before.ts';
import type { FrameworkPackage, ParentLink } from './framework-package.ts';
import { rows, type Client } from './framework-rows.ts';
import type { Tree } from './framework-tree.ts';

/** Retired standards keep the place they had. */
export function linksOfRetired(before: Before, { kept }: Gone): ParentLink[] {
  const known = (guid: string) => kept.has(guid);
  const links = before.links.filter(({ child }) => known(child));
  const placed = new Set(links.map(({ child }) => child));
  const top = [...kept].filter((guid) => !placed.has(guid));
  return [
    ...links.map((link) => ({ ...link, sequence: link.sequence + 1_000_000 })),
    ...top.map((child) => ({ child, parent: null, sequence: 1_000_000 })),
  ];
}

/** Writes the parent links; returns the items whose parents are others than before. */
export async function saveLinks(
  client: Client,
  framework: string,
  parents: readonly ParentLink[],
  before: Before,
  gone: Gone,
): Promise<string[]> {
  const list = parents.flatMap(({ child, parent, sequence }) =>
    parent === null ? [] : [{ child, parent, sequence }],
  );
  await client.query(
    `WITH wanted AS (SELECT * FROM json_to_recordset($1) AS w (child uuid, parent uuid, sequence int)),
     dropped AS (
       DELETE FROM standard_parent p USING standard s
       WHERE s.guid = p.child_guid AND s.framework_guid = $2 AND p.child_guid <> ALL ($3::uuid[])
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.child = p.child_guid AND w.parent = p.parent_guid)
     )
     INSERT INTO standard_parent AS p (child_guid, parent_guid, sequence) SELECT child, parent, sequence FROM wanted
     ON CONFLICT (child_guid, parent_guid) DO UPDATE SET sequence = excluded.sequence
       WHERE p.sequence <> excluded.sequence`,
    [rows(list), framework, [...gone.kept]],
  );
  const key = (links: readonly { child: string; parent: string }[]) => {
    const byChild = new Map<string, string[]>();
    for (const { child, parent } of links) byChild.set(child, [...(byChild.get(child) ?? []), parent].sort());
    return byChild;
  };
  const [old, now] = [key(before.links), key(list)];
  return [...new Set(parents.map(({ child }) => child))].filter(
    (child) => (old.get(child) ?? []).join() !== (now.get(child) ?? []).join(),
  );
}

/** Writes anew what stands above what, over all levels. */
export async function saveAncestors(client: Client, framework: string, { ancestors }: Tree): Promise<void> {
  await client.query(
    `DELETE FROM standard_ancestor a USING standard s WHERE s.guid = a.standard_guid AND s.framework_guid = $1`,
    [framework],
  );
  const columns: [string[], string[], number[]] = [[], [], []];
  for (const [guid, above] of ancestors) {
    for (const [ancestor, distance] of above) {
      columns[0].push(guid);
      columns[1].push(ancestor);
      columns[2].push(distance);
    }
  }
  await client.query(
    `INSERT INTO standard_ancestor (standard_guid, ancestor_guid, distance)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[])`,
    columns,
  );
}

/** Returns how many the framework has afterwards. What replaced what is kept even when the file no longer says so. */
export async function saveAssociations(
  client: Client,
  { document, associations }: FrameworkPackage,
): Promise<number> {
  await client.query(
    `WITH wanted AS (
       SELECT * FROM json_to_recordset($1) AS w (guid uuid, type text, "originGuid" uuid, "originUri" text,
         "destinationGuid" uuid, "destinationUri" text, sequence int)
     ), dropped AS (
       DELETE FROM standard_association a WHERE a.framework_guid = $2 AND a.type <> 'replacedBy'
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.guid = a.guid)
     )
     INSERT INTO standard_association AS a (guid, framework_guid, type, origin_guid, origin_uri, destination_guid,
       destination_uri, sequence)
     SELECT guid, $2, type, "originGuid", "originUri", "destinationGuid", "destinationUri", sequence FROM wanted
     ON CONFLICT (guid) DO UPDATE SET type = excluded.type, origin_guid = excluded.origin_guid,
       origin_uri = excluded.origin_uri, destination_guid = excluded.destination_guid,
       destination_uri = excluded.destination_uri, sequence = excluded.sequence
     WHERE a.framework_guid = $2 AND (a.type, a.origin_guid, a.origin_uri, a.destination_guid, a.destination_uri, a.sequence)
       IS DISTINCT FROM (excluded.type, excluded.origin_guid, excluded.origin_uri, excluded.destination_guid,
         excluded.destination_uri, excluded.sequence)`,
    [rows(associations), document.guid],
  );
  const { rows: counted } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM standard_association WHERE framework_guid = $1',
    [document.guid],
  );
  return counted[0]?.count ?? 0;
}
