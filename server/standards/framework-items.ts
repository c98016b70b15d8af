import type { Before } from './framework-before.ts';
import { codeRows } from './framework-codes.ts';
import type { FrameworkItem } from './framework-package.ts';
import { rows, type Client } from './framework-rows.ts';
import type { Tree } from './framework-tree.ts';

/** Whether the last day that the file gives has come. */
export const hasEnded = ({ endsOn }: FrameworkItem, now: Date): boolean =>
  endsOn !== null && endsOn <= now.toISOString().slice(0, 10);

const CONTENT = `uri, code, statement, short_statement, label, item_type, notes, keywords, language, grades, retired_at`;

/** Writes what is new or changed; returns the GUIDs of both. */
export async function saveItems(
  client: Client,
  framework: string,
  items: readonly FrameworkItem[],
  { places }: Tree,
  now: Date,
): Promise<{ created: string[]; updated: string[] }> {
  const list = items.map((item) => ({
    guid: item.guid,
    uri: item.uri,
    code: item.code,
    statement: item.statement,
    short_statement: item.shortStatement,
    label: item.label,
    item_type: item.type,
    notes: item.notes,
    keywords: item.keywords,
    language: item.language,
    grades: item.grades,
    retired_at: hasEnded(item, now) ? item.endsOn : null,
    last_change_at: item.changedAt,
    ...(places.get(item.guid) ?? { position: 0, depth: 0, childCount: 0 }),
  }));
  const { rows: saved } = await client.query<{ guid: string; created: boolean }>(
    `INSERT INTO standard AS s (guid, framework_guid, last_change_at, updated_at, position, depth, child_count, ${CONTENT})
     SELECT guid, $2, last_change_at, $3, position, depth, "childCount", ${CONTENT}
     FROM json_to_recordset($1) AS i (guid uuid, uri text, code text, statement text, short_statement text,
       label text, item_type text, notes text, keywords text[], language text, grades text[], retired_at timestamptz,
       last_change_at timestamptz, position int, depth int, "childCount" int)
     ON CONFLICT (guid) DO UPDATE SET updated_at = $3, last_change_at = excluded.last_change_at,
       (${CONTENT}) = (${CONTENT.replaceAll(/(\w+)/g, 'excluded.$1')})
     WHERE (${CONTENT.replaceAll(/(\w+)/g, 's.$1')}) IS DISTINCT FROM (${CONTENT.replaceAll(/(\w+)/g, 'excluded.$1')})
     RETURNING guid, xmax = 0 AS created`,
    [rows(list), framework, now],
  );
  const guids = (created: boolean) => saved.filter((one) => one.created === created).map(({ guid }) => guid);
  return { created: guids(true), updated: guids(false) };
}

/** New places of standards that were there before; a new one came with its own. */
export async function savePlaces(
  client: Client,
  items: readonly FrameworkItem[],
  { places }: Tree,
): Promise<void> {
  const changed = new Map(items.map((item) => [item.guid, item.changedAt]));
  const list = [...places].map(([guid, place]) => ({ guid, ...place, changed: changed.get(guid) ?? null }));
  await client.query(
    `UPDATE standard s SET position = w.position, depth = w.depth, child_count = w."childCount",
       last_change_at = coalesce(w.changed, s.last_change_at)
     FROM json_to_recordset($1) AS w (guid uuid, position int, depth int, "childCount" int, changed timestamptz)
     WHERE s.guid = w.guid AND (s.position, s.depth, s.child_count, s.last_change_at)
       IS DISTINCT FROM (w.position, w.depth, w."childCount", coalesce(w.changed, s.last_change_at))`,
    [rows(list)],
  );
}

/** Writes the spellings of the codes; a code that an item had before goes on finding it. */
export async function saveCodes(
  client: Client,
  framework: string,
  items: readonly FrameworkItem[],
  before: Before,
): Promise<void> {
  const list = codeRows(items);
  await client.query(
    `WITH wanted AS (
       SELECT DISTINCT ON (guid, norm) * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w (guid, norm, kind)
       ORDER BY guid, norm, kind DESC
     ), dropped AS (
       DELETE FROM standard_code c USING standard s
       WHERE s.guid = c.standard_guid AND s.framework_guid = $4 AND s.guid = ANY ($5::uuid[]) AND c.kind <> 'previous'
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.guid = c.standard_guid AND w.norm = c.code_norm)
     )
     INSERT INTO standard_code AS c (standard_guid, code_norm, kind) SELECT guid, norm, kind FROM wanted
     ON CONFLICT (standard_guid, code_norm) DO UPDATE SET kind = excluded.kind WHERE c.kind <> excluded.kind`,
    [
      list.map(({ guid }) => guid),
      list.map(({ norm }) => norm),
      list.map(({ kind }) => kind),
      framework,
      items.map((item) => item.guid),
    ],
  );
  const renamed = items.flatMap((item) => {
    const old = before.items.get(item.guid)?.code;
    return old && old !== item.code ? [{ guid: item.guid, code: old, otherCodes: [] }] : [];
  });
  if (renamed.length === 0) return;
  const previous = codeRows(renamed);
  await client.query(
    `INSERT INTO standard_code (standard_guid, code_norm, kind)
     SELECT DISTINCT guid, norm, 'previous' FROM unnest($1::uuid[], $2::text[]) AS w (guid, norm)
     ON CONFLICT DO NOTHING`,
    [previous.map(({ guid }) => guid), previous.map(({ norm }) => norm)],
  );
}
