import type { FrameworkItem } from './framework-package.ts';
import type { Client } from './framework-rows.ts';

/** What the database holds of this framework before the import. */
export interface Before {
  items: Map<string, { code: string | null; retired: boolean }>;
  links: { child: string; parent: string; sequence: number }[];
}

/** What the database holds of a framework. */
export async function readBefore(client: Client, framework: string): Promise<Before> {
  const { rows: items } = await client.query<{ guid: string; code: string | null; retired: boolean }>(
    'SELECT guid, code, retired_at IS NOT NULL AS retired FROM standard WHERE framework_guid = $1',
    [framework],
  );
  const { rows: links } = await client.query<Before['links'][number]>(
    `SELECT p.child_guid AS child, p.parent_guid AS parent, p.sequence
     FROM standard_parent p JOIN standard s ON s.guid = p.child_guid WHERE s.framework_guid = $1`,
    [framework],
  );
  return { items: new Map(items.map(({ guid, code, retired }) => [guid, { code, retired }])), links };
}

/** What the file no longer has. */
export interface Gone {
  /** Marked retired by this import. */
  retired: string[];
  removed: string[];
  /** All of the framework's items that the file hasn't got, but that stay. */
  kept: Set<string>;
}

/** Removes the items that the file no longer has; those that are used stay and are marked retired. */
export async function dropMissing(
  client: Client,
  framework: string,
  items: readonly FrameworkItem[],
  before: Before,
  now: Date,
): Promise<Gone> {
  const present = new Set(items.map((item) => item.guid));
  const missing = [...before.items.keys()].filter((guid) => !present.has(guid));
  if (missing.length === 0) return { retired: [], removed: [], kept: new Set() };
  // Whoever is aligning to one of them right now goes first.
  await client.query('SELECT 1 FROM standard WHERE guid = ANY ($1::uuid[]) ORDER BY guid FOR UPDATE', [
    missing,
  ]);
  const { rows: removed } = await client.query<{ guid: string }>(
    `DELETE FROM standard s WHERE s.framework_guid = $1 AND s.guid = ANY ($2::uuid[])
       AND NOT EXISTS (
         SELECT 1 FROM standard_ancestor below
         WHERE below.ancestor_guid = s.guid
           AND (EXISTS (SELECT 1 FROM alignment a WHERE a.standard_guid = below.standard_guid)
             OR EXISTS (SELECT 1 FROM draft_alignment d WHERE d.standard_guid = below.standard_guid)
             OR EXISTS (SELECT 1 FROM standard_association r WHERE r.origin_guid = below.standard_guid AND r.type = 'replacedBy'))
           AND below.standard_guid = ANY ($2::uuid[]))
     RETURNING s.guid`,
    [framework, missing],
  );
  const { rows: retired } = await client.query<{ guid: string }>(
    `UPDATE standard SET retired_at = $3, updated_at = $3
     WHERE framework_guid = $1 AND guid = ANY ($2::uuid[]) AND retired_at IS NULL RETURNING guid`,
    [framework, missing, now],
  );
  const gone = new Set(removed.map(({ guid }) => guid));
  return {
    retired: retired.map(({ guid }) => guid),
    removed: [...gone],
    kept: new Set(missing.filter((guid) => !gone.has(guid))),
  };
}
