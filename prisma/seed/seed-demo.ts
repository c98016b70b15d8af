import { createReadStream } from 'node:fs';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { audit } from '../../server/audit/audit-service.ts';
import type { Deps } from '../../server/deps.ts';
import { keepUpload } from '../../server/files/file-service.ts';
import { refreshNumbers } from '../../server/insights/numbers-refresh.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator } from '../../server/lib/viewer.ts';
import { withTransaction } from '../../server/platform/database/transaction.ts';
import { jobPriority } from '../../server/platform/job-queue/job-queue.ts';
import { adaptResource } from '../../server/resources/adapt-service.ts';
import { createDraft } from '../../server/resources/draft-service.ts';
import { withdrawResource } from '../../server/resources/publish-service.ts';
import { setSaved } from '../../server/resources/reuse-service.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import { readCatalog, readFrameworks, type CatalogEntry, type CatalogFile } from './catalog.ts';
import { seedAdministration } from './seed-administration.ts';
import { seedCalls } from './seed-calls.ts';
import { seedChecks } from './seed-checks.ts';
import { seedCatalog } from './seed-catalog.ts';
import { seedCollections } from './seed-collections.ts';
import { seedGaps } from './seed-gaps.ts';
import { seedPeople } from './seed-people.ts';
import { seedState } from './seed-state.ts';
import { seedVoices } from './seed-voices.ts';

/**
 * Fills an empty database with the demo state: organizations, people, vocabularies, frameworks (through the same
 * importer as any other), and the catalog with its files. A start that was cut short is taken up again; a database
 * that has anything else in it is left alone.
 * @returns whether it did anything
 */
export async function seedDemo(deps: Deps, say: (text: string) => void): Promise<boolean> {
  if (!(await mayBeSeeded(deps))) return false;
  say('Setting up the demo state');
  await withTransaction(deps.pool, seedState);
  for (const { path } of await readFrameworks())
    await importFramework(deps, null, await readFrameworkFile(path), { own: true });
  const entries = await readCatalog();
  say(`Putting ${entries.length} resources on the shelf`);
  const contents = await keepFiles(deps, entries);
  const contentOf = (file: CatalogFile) => {
    const sha256 = contents.get(file.path);
    if (sha256 === undefined) throw new Error(`${file.path} is not stored`);
    return sha256;
  };
  const ids = await withTransaction(deps.pool, async (client) => {
    const seeded = await seedCatalog(client, entries, contentOf, deps.clock.now());
    await audit(client, { actorId: null, action: 'demo.seeded', objectType: 'portal', ...noOrigin });
    return seeded;
  });
  await fillShelves(deps, entries, ids);
  await seedCalls(deps);
  await seedChecks(deps, ids);
  await seedCollections(deps, ids);
  await seedVoices(deps, ids);
  await seedGaps(deps);
  await seedPeople(deps);
  await seedAdministration(deps);
  await refreshNumbers(deps, null);
  return true;
}

/** Nothing but what an earlier, unfinished seeding left. */
async function mayBeSeeded({ pool }: Pick<Deps, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query<{ free: boolean }>(`
    SELECT NOT EXISTS (SELECT 1 FROM audit_event WHERE action = 'demo.seeded') AND NOT EXISTS (SELECT 1 FROM resource)
       AND NOT EXISTS (SELECT 1 FROM person WHERE email NOT LIKE '%.example') AS free`);
  return rows[0]?.free ?? false;
}

/**
 * Stores every file of the catalog; the database learns of what is in them by the same job as for an upload. What is
 * used most comes first, since previews are drawn in this order while the portal already serves.
 */
async function keepFiles(deps: Deps, entries: CatalogEntry[]): Promise<Map<string, string>> {
  const paths = new Map(
    entries
      .toSorted((a, b) => b.uses - a.uses)
      .flatMap((entry) => entry.versions.flatMap((version) => version.files))
      .map((file) => [file.path, file.name]),
  );
  const waiting = [...paths];
  const contents = new Map<string, string>();
  const keepNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [path, name] = next;
      const staged = await deps.files.stage(createReadStream(path), { maxBytes: 64 * 1024 * 1024 });
      const kept = await keepUpload(deps, staged, name, jobPriority.documents);
      if (!kept.ok) throw new Error(`${path} is refused: ${kept.reason}`);
      contents.set(path, kept.sha256);
    }
  };
  await Promise.all([keepNext(), keepNext(), keepNext(), keepNext()]);
  return contents;
}

/** What the demo's own teachers left lying: saved things, drafts, an adaptation begun, something withdrawn. */
async function fillShelves(deps: Deps, entries: CatalogEntry[], ids: Map<string, string>): Promise<void> {
  const north = await accountByEmail(deps.pool, 'teacher@north.example');
  const south = await accountByEmail(deps.pool, 'teacher@south.example');
  if (!north || !south || !isEducator(north.viewer) || !isEducator(south.viewer)) return;
  const open = entries.filter((entry) => entry.visibility === 'public' && entry.license === 'CC-BY-4.0');
  const by = (email: string) => open.filter((entry) => entry.owner === email);
  const idOf = (entry: CatalogEntry | undefined) => (entry ? ids.get(entry.external_id) : undefined);
  const notTheirs = open.filter((entry) => ![north.viewer.email, south.viewer.email].includes(entry.owner));
  for (const [viewer, from] of [
    [north.viewer, 3],
    [south.viewer, 11],
  ] as const)
    for (const entry of notTheirs.slice(from, from + 4)) {
      const resourceId = idOf(entry);
      if (resourceId && isEducator(viewer)) await setSaved(deps, viewer, { resourceId, saved: true });
    }
  await createDraft(
    deps,
    north.viewer,
    {
      fields: {
        title: 'Fraction strips for the whole wall',
        summary: 'Strips big enough to read from the back row.',
      },
    },
    noOrigin,
  );
  const source = idOf(by(north.viewer.email)[0]);
  if (source) await adaptResource(deps, south.viewer, source, noOrigin);
  const own = by(south.viewer.email).filter(
    (entry) => !entries.some((other) => other.adapted_from === entry.external_id),
  );
  const withdrawn = idOf(own.at(-1));
  if (withdrawn)
    await withdrawResource(
      deps,
      south.viewer,
      { resourceId: withdrawn, reason: 'The answer to question 4 is wrong. A mended version follows.' },
      noOrigin,
    );
}
