import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { noOrigin } from '../lib/origin.ts';
import type { Origin } from '../lib/origin.ts';
import { slug } from '../lib/slug.ts';
import { siteName } from '../site/site-queries.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { dropMissing, readBefore } from './framework-before.ts';
import { saveDescriptors } from './framework-descriptors.ts';
import { hasEnded, saveCodes, saveItems, savePlaces } from './framework-items.ts';
import { linksOfRetired, saveAncestors, saveAssociations, saveLinks } from './framework-links.ts';
import { itemName } from './framework-package.ts';
import type { FrameworkItem, FrameworkPackage, PackageWarning, ParentLink } from './framework-package.ts';
import type { Client } from './framework-rows.ts';
import { importLists, type ImportLists } from './import-lists.ts';
import { treeOf } from './framework-tree.ts';
import { subjectFor } from './subject-words.ts';

/** What importing needs of the world. */
export type StandardDeps = Pick<Deps, 'pool' | 'clock'> & { config: Pick<Deps['config'], 'stateName'> };

export interface ImportOptions {
  /** The state's own framework: it comes first when a code means several standards. Default: its creator or publisher begins with the state's name; once set, it stays until told. */
  own?: boolean;
  origin?: Origin;
  /** Only to see what it would do: everything is taken back, and the report has lists. */
  look?: boolean;
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
  /** Only of a look: what is new, changed and gone, the first of each, and how many resources that concerns. */
  lists?: ImportLists;
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
      // A connection keeps the plans of its checks of foreign keys. Those made while the tables were nearly empty read
      // them whole for each row: minutes instead of seconds.
      await client.query('DISCARD PLANS');
      const now = clock.now();
      const own = options.own ?? isOwn(framework, await siteName(client, config));
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
      if (options.look) {
        const concerned = {
          created: content.created,
          updated: [...changed],
          retired: gone.retired,
          removed: gone.removed,
        };
        return { ...report, lists: await importLists(client, concerned, { items: mine.items, before }) };
      }
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
    { statementTimeoutMs: 120_000, takeBack: options.look ?? false },
  );
}

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
       imported_at = $17, is_state_own = CASE WHEN $19 THEN $18 ELSE f.is_state_own END
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
