import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { noOrigin } from '../lib/origin.ts';
import type { Origin } from '../lib/origin.ts';
import { slug } from '../lib/slug.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { codeRows } from './framework-codes.ts';
import { itemName } from './framework-package.ts';
import type { FrameworkItem, FrameworkPackage, PackageWarning, ParentLink } from './framework-package.ts';
import { treeOf } from './framework-tree.ts';
import type { Tree } from './framework-tree.ts';
import { subjectFor } from './subject-words.ts';

/** What importing needs of the world. */
export type StandardDeps = Pick<Deps, 'pool' | 'clock'> & { config: Pick<Deps['config'], 'stateName'> };

export interface ImportOptions {
  /** The state's own framework: it comes first when a code means several standards. Default: its creator or publisher begins with the state's name; once set, it stays until told. */
  own?: boolean;
  origin?: Origin;
}

/**
 * What an import did. `created + updated + unchanged` are the standards of the file; `retired` and `removed` those
 * that the file no longer has.
 */
export interface ImportReport {
  guid: string;
  slug: string;
  title: string;
  created: number;
  updated: number;
  unchanged: number;
  retired: number;
  removed: number;
  descriptors: number;
  associations: number;
  warnings: PackageWarning[];
}

type Client = Pick<PoolClient, 'query'>;

/** What the database holds of this framework before the import. */
interface Before {
  items: Map<string, { code: string | null; retired: boolean }>;
  links: { child: string; parent: string; sequence: number }[];
}

/**
 * Takes a framework in, or brings it up to date, in one transaction: everything is matched by GUID, so importing the
 * same file again changes nothing. A standard that the file no longer has is removed, unless an alignment (or what
 * stands below it) uses it or something replaces it: then it is marked retired, and comes back if the file does.
 * Old codes still find their standards. Resources aligned to what changed are queued for the search index.
 * `actorId` null: the portal itself (a command).
 * Throws a PortalError (422) when the framework is too deep.
 */
export async function importFramework(
  { pool, clock, config }: StandardDeps,
  actorId: string | null,
  framework: FrameworkPackage,
  options: ImportOptions = {},
): Promise<ImportReport> {
  return withTransaction(
    pool,
    async (client) => {
      // One import at a time: two of them may touch the same standards in a different order.
      await client.query(`SELECT pg_advisory_xact_lock(hashtext('standards.import'))`);
      const now = clock.now();
      const own = options.own ?? isOwn(framework, config.stateName);
      const where = await saveFramework(client, framework, { own, fixed: options.own !== undefined, now });
      const { guid } = framework.document;
      const mine = await leaveOthersAlone(client, framework);
      const before = await readBefore(client, guid);
      // Before the missing go: what the file says is replaced must stay.
      const associations = await saveAssociations(client, framework);
      const gone = await dropMissing(client, guid, mine.items, before, now);
      const ended = mine.items.filter((item) => hasEnded(item, now)).map((item) => item.guid);
      const tree = treeOf(
        [...mine.parents, ...linksOfRetired(before, gone)],
        new Set([...gone.kept, ...ended]),
      );
      const content = await saveItems(client, guid, mine.items, tree, now);
      const moved = await saveLinks(client, guid, mine.parents, before, gone);
      if (before.items.size > 0) await savePlaces(client, mine.items, tree);
      if (content.created.length + moved.length + gone.retired.length + gone.removed.length > 0)
        await saveAncestors(client, guid, tree);
      await saveCodes(client, guid, mine.items, before);
      const descriptors = await saveDescriptors(client, mine);
      const changed = new Set([...content.updated, ...moved.filter((one) => before.items.has(one))]);
      await markResources(client, [...changed, ...content.created, ...gone.retired]);
      const report: ImportReport = {
        guid,
        slug: where.slug,
        title: framework.document.title,
        created: content.created.length,
        updated: changed.size,
        unchanged: mine.items.length - content.created.length - changed.size,
        retired: gone.retired.length,
        removed: gone.removed.length,
        descriptors: descriptors.count,
        associations,
        warnings: [...framework.warnings, ...mine.warnings, ...descriptors.warnings],
      };
      const { created, updated, unchanged, retired, removed } = report;
      await audit(client, {
        actorId,
        action: 'framework.imported',
        objectType: 'framework',
        objectId: guid,
        detail: { format: framework.format, created, updated, unchanged, retired, removed },
        ...(options.origin ?? noOrigin),
      });
      return report;
    },
    { statementTimeoutMs: 120_000 },
  );
}

/** Rows as one JSON parameter: faster than thousands of placeholders, and lists stay lists. */
const rows = (list: readonly object[]): string => JSON.stringify(list);

function isOwn({ document }: FrameworkPackage, stateName: string): boolean {
  const state = stateName.trim().toLowerCase();
  if (state === '') return false;
  return [document.creator, document.publisher ?? ''].some((name) => name.toLowerCase().startsWith(state));
}

async function saveFramework(
  client: Client,
  { document }: FrameworkPackage,
  { own, fixed, now }: { own: boolean; fixed: boolean; now: Date },
): Promise<{ slug: string }> {
  const { rows: subjects } = await client.query<{ slug: string; name: string }>(
    'SELECT slug, name FROM subject',
  );
  const wanted = slug(document.title) || 'framework';
  const { rows: saved } = await client.query<{ slug: string }>(
    `INSERT INTO framework AS f (guid, uri, title, creator, publisher, description, subjects, subject_slug, language,
       version, adoption_status, case_version, official_source_url, license_uri, notes, last_change_at, imported_at,
       is_state_own, position, slug)
     VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
       (SELECT coalesce(max(position), 0) + 1 FROM framework),
       CASE WHEN EXISTS (SELECT 1 FROM framework WHERE slug = $20::text) THEN $20::text || '-' || left(($1::uuid)::text, 8) ELSE $20 END)
     ON CONFLICT (guid) DO UPDATE SET uri = $2, title = $3, creator = $4, publisher = $5, description = $6,
       subjects = $7, subject_slug = coalesce($8, f.subject_slug), language = $9, version = $10, adoption_status = $11,
       case_version = $12, official_source_url = $13, license_uri = $14, notes = $15, last_change_at = $16,
       imported_at = $17, is_state_own = CASE WHEN $19 THEN $18 ELSE f.is_state_own OR $18 END
     RETURNING slug`,
    [
      document.guid,
      document.uri,
      document.title,
      document.creator,
      document.publisher,
      document.description,
      document.subjects,
      subjectFor([...document.subjects, document.title], subjects),
      document.language,
      document.version,
      document.adoptionStatus,
      document.caseVersion,
      document.officialSourceUrl,
      document.licenseUri,
      document.notes,
      document.changedAt,
      now,
      own,
      fixed,
      wanted,
    ],
  );
  return { slug: saved[0]?.slug ?? wanted };
}

interface Mine {
  items: FrameworkItem[];
  parents: ParentLink[];
  descriptors: FrameworkPackage['descriptors'];
  warnings: PackageWarning[];
}

/** Items that another framework has already stay there; what stood below them here moves to the top. */
async function leaveOthersAlone(client: Client, framework: FrameworkPackage): Promise<Mine> {
  const { rows: others } = await client.query<{ guid: string; title: string }>(
    `SELECT s.guid, f.title FROM standard s JOIN framework f ON f.guid = s.framework_guid
     WHERE s.guid = ANY ($1::uuid[]) AND s.framework_guid <> $2`,
    [framework.items.map((item) => item.guid), framework.document.guid],
  );
  if (others.length === 0) return { ...framework, warnings: [] };
  const elsewhere = new Map(others.map(({ guid, title }) => [guid, title]));
  const items = framework.items.filter((item) => !elsewhere.has(item.guid));
  const kept = framework.parents.filter(
    ({ child, parent }) => !elsewhere.has(child) && (parent === null || !elsewhere.has(parent)),
  );
  const placed = new Set(kept.map(({ child }) => child));
  let sequence = Math.max(-1, ...kept.filter((link) => link.parent === null).map((link) => link.sequence));
  const loose = items
    .filter((item) => !placed.has(item.guid))
    .map((item): ParentLink => ({ child: item.guid, parent: null, sequence: (sequence += 1) }));
  const warnings = framework.items
    .filter((item) => elsewhere.has(item.guid))
    .map((item): PackageWarning => {
      const value = elsewhere.get(item.guid) ?? '';
      return { kind: 'standards.warning.otherFramework', params: { value }, place: itemName(item), count: 1 };
    });
  return {
    items,
    parents: [...kept, ...loose],
    descriptors: framework.descriptors.filter(({ standard }) => !elsewhere.has(standard)),
    warnings: warnings.slice(0, 50),
  };
}

async function readBefore(client: Client, framework: string): Promise<Before> {
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

interface Gone {
  /** Marked retired by this import. */
  retired: string[];
  removed: string[];
  /** All of the framework's items that the file hasn't got, but that stay. */
  kept: Set<string>;
}

async function dropMissing(
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

/** Whether the last day that the file gives has come. */
const hasEnded = ({ endsOn }: FrameworkItem, now: Date): boolean =>
  endsOn !== null && endsOn <= now.toISOString().slice(0, 10);

const CONTENT = `uri, code, statement, short_statement, label, item_type, notes, keywords, language, grades, retired_at`;

async function saveItems(
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

/** Retired standards keep the place they had. */
function linksOfRetired(before: Before, { kept }: Gone): ParentLink[] {
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
async function saveLinks(
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

/** New places of standards that were there before; a new one came with its own. */
async function savePlaces(client: Client, items: readonly FrameworkItem[], { places }: Tree): Promise<void> {
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

async function saveAncestors(client: Client, framework: string, { ancestors }: Tree): Promise<void> {
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

async function saveCodes(
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

/** Returns how many the framework has afterwards. What replaced what is kept even when the file no longer says so. */
async function saveAssociations(
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

/** Levels are matched by name or slug, those of the state's default scale first. */
async function saveDescriptors(
  client: Client,
  { items, descriptors }: Pick<Mine, 'items' | 'descriptors'>,
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
       DELETE FROM level_descriptor d WHERE d.standard_guid = ANY ($2::uuid[])
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.standard = d.standard_guid AND w.level = d.level_id)
     )
     INSERT INTO level_descriptor AS d (standard_guid, level_id, description) SELECT standard, level, description FROM wanted
     ON CONFLICT (standard_guid, level_id) DO UPDATE SET description = excluded.description
       WHERE d.description <> excluded.description`,
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

/** Queues the resources whose index entry names one of the standards, or something below one of them. */
async function markResources(client: Client, standards: readonly string[]): Promise<void> {
  if (standards.length === 0) return;
  await client.query(
    `SELECT mark_dirty(array_agg(DISTINCT a.resource_id), 1::smallint)
     FROM alignment a JOIN standard_ancestor t ON t.standard_guid = a.standard_guid
     WHERE t.ancestor_guid = ANY ($1::uuid[]) AND a.to_version IS NULL
     HAVING count(*) > 0`,
    [standards],
  );
}
