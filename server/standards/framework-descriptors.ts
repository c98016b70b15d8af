import type { FrameworkPackage, PackageWarning } from './framework-package.ts';
import { rows, type Client } from './framework-rows.ts';

/** Levels are matched by name or slug, those of the state's default scale first. What was written or loaded here stays. */
export async function saveDescriptors(
  client: Client,
  { items, descriptors }: Pick<FrameworkPackage, 'items' | 'descriptors'>,
): Promise<{ count: number; warnings: PackageWarning[] }> {
  if (descriptors.length === 0) return { count: 0, warnings: [] };
  const { rows: levels } = await client.query<{ id: string; name: string; slug: string }>(
    `SELECT l.id, lower(l.name) AS name, l.slug FROM competency_level l JOIN competency_scale c ON c.id = l.scale_id
     ORDER BY c.is_default, l.position DESC`,
  );
  const byName = new Map(
    levels.flatMap((level) => [[level.slug, level.id] as const, [level.name, level.id] as const]),
  );
  const unknown = new Map<string, number>();
  const list = descriptors.flatMap(({ standard, level, description }) => {
    const id = byName.get(level.toLowerCase());
    if (id !== undefined) return [{ standard, level: id, description }];
    unknown.set(level, (unknown.get(level) ?? 0) + 1);
    return [];
  });
  await client.query(
    `WITH wanted AS (
       SELECT DISTINCT ON (standard, level) * FROM json_to_recordset($1) AS w (standard uuid, level uuid, description text)
     ), dropped AS (
       DELETE FROM level_descriptor d WHERE d.standard_guid = ANY ($2::uuid[]) AND NOT d.set_here
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.standard = d.standard_guid AND w.level = d.level_id)
     )
     INSERT INTO level_descriptor AS d (standard_guid, level_id, description) SELECT standard, level, description FROM wanted
     ON CONFLICT (standard_guid, level_id) DO UPDATE SET description = excluded.description
       WHERE d.description <> excluded.description AND NOT d.set_here`,
    [rows(list), items.map((item) => item.guid)],
  );
  const warnings = [...unknown].map(([value, count]): PackageWarning => ({
    kind: 'standards.warning.levelUnknown',
    params: { value },
    place: 'CFRubrics',
    count,
  }));
  return { count: list.length, warnings };
}
