import type { Before } from './framework-before.ts';
import type { FrameworkItem } from './framework-package.ts';
import type { Client } from './framework-rows.ts';

/** Frameworks are far smaller; beyond it a list is cut. */
const LISTED = 20_000;

/** GUIDs of what an import concerns. */
type Concerned = Record<'created' | 'updated' | 'retired' | 'removed', readonly string[]>;

/** What an import concerns, each in the file's order. */
export type ImportLists = Record<keyof Concerned, { code: string; words: string }[]> & {
  /** Resources on the shelf that are aligned to what changes or is retired. */
  resources: number;
};

/** Names what an import concerns, on its own transaction. */
export async function importLists(
  client: Client,
  concerned: Concerned,
  { items, before }: { items: readonly FrameworkItem[]; before: Before },
): Promise<ImportLists> {
  const byGuid = new Map(items.map((item) => [item.guid, item]));
  const named = (guids: readonly string[]) =>
    guids.slice(0, LISTED).map((guid) => {
      const item = byGuid.get(guid);
      return {
        code: item?.code ?? before.items.get(guid)?.code ?? '',
        words: item ? shortened(item.shortStatement ?? item.statement) : '',
      };
    });
  const { rows } = await client.query<{ resources: number }>(
    `SELECT count(DISTINCT a.resource_id)::int AS resources FROM alignment a JOIN resource r ON r.id = a.resource_id AND r.state = 'published'
     WHERE a.to_version IS NULL AND a.standard_guid = ANY ($1::uuid[])`,
    [[...concerned.updated, ...concerned.retired]],
  );
  return {
    created: named(concerned.created),
    updated: named(concerned.updated),
    retired: named(concerned.retired),
    removed: named(concerned.removed),
    resources: rows[0]?.resources ?? 0,
  };
}

/** So much of a statement as a list has room for; whole words, and a sign that there is more. */
const shortened = (text: string): string =>
  text.length <= 160 ? text : `${text.slice(0, 160).replace(/\s+\S*$/, '')} …`;
