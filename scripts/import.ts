import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Deps } from '../server/deps.ts';
import { noOrigin } from '../server/lib/origin.ts';
import { cancelRun, resumeRun, SOURCE_NAME, startUndo } from '../server/imports/run-service.ts';
import { findRun, listRuns, type ImportRun } from '../server/imports/run-store.ts';
import { openDeps } from '../server/open-deps.ts';
import { giveWay } from '../server/platform/give-way.ts';
import { runOrExplain } from '../server/run-or-explain.ts';
import { importFile } from './import-file.ts';
import { follow } from './import-follow.ts';
import { remoteImport } from './import-remote.ts';
import { orTold } from './import-told.ts';
import { t, type Options, Unusable, told, usage, whence, command } from './import-options.ts';

// `npm run import -- FILE… --district north`: brings rows of a district in, beside a running portal or alone.
// Ends with 0 when everything is in, 2 when something was held back or waits for an answer, 1 when nothing was done.
async function run(deps: Deps, files: string[], options: Options): Promise<number> {
  const known = options.undo ?? options.cancel ?? options.resume;
  if (known !== undefined) return oneRun(deps, await knownRun(deps, known), options);
  if (options.runs && options.district !== undefined)
    return showRuns(deps, await districtOf(deps, options.district));
  if (files.length === 0 || options.district === undefined) throw new Unusable(usage());
  if (!SOURCE_NAME.test(options.source)) throw new Unusable(t('import.cli.badSource'));
  if (files.length > 1 && options.onMissing === 'withdraw') throw new Unusable(t('import.cli.oneFile'));
  const districtId = await districtOf(deps, options.district);
  const codes: number[] = [];
  for (const file of files)
    codes.push(await importFile(deps, { file: resolve(whence(), file), districtId, options }));
  const [first = 0] = codes;
  return codes.every((code) => code === first) ? first : 2;
}

/** The last runs of a district, newest first. */
async function showRuns({ pool }: Deps, districtId: string): Promise<number> {
  for (const run of await listRuns(pool, { districtId, limit: 20 })) {
    const { new: fresh, changed, rejected } = run.counts;
    const [at] = run.createdAt.toISOString().split('.');
    const state = run.dryRun ? `${run.state}, dry run` : run.state;
    console.log(
      `${run.id}  ${at}  ${run.source}  ${run.input.name}  ${state}  +${fresh} ~${changed} -${rejected}`,
    );
  }
  return 0;
}

/** The id of a district by its address, also by one that it had before. @throws Unusable for one that isn't there */
async function districtOf({ pool }: Deps, slug: string): Promise<string> {
  const { rows } = await pool.query<{ id: string; slug: string; meant: boolean }>(
    `SELECT o.id, o.slug, o.slug = $1 OR EXISTS (
       SELECT 1 FROM organization_former f WHERE f.organization_id = o.id AND f.slug = $1 AND NOT f.merged) AS meant
     FROM organization o WHERE o.kind = 'district' AND o.closed_at IS NULL ORDER BY o.slug`,
    [slug],
  );
  const found = rows.find(({ meant }) => meant);
  if (!found)
    throw new Unusable(
      t('import.cli.noDistrict', {
        slug,
        known: rows
          .slice(0, 40)
          .map((row) => row.slug)
          .join(', '),
      }),
    );
  return found.id;
}

async function knownRun({ pool }: Deps, id: string): Promise<ImportRun> {
  const found = /^[0-9a-f-]{36}$/i.test(id) ? await findRun(pool, id.toLowerCase()) : undefined;
  if (!found) throw new Unusable(t('import.cli.noRun', { id }));
  return found;
}

/** What is asked of a run that is there. */
async function oneRun(deps: Deps, given: ImportRun, options: Options): Promise<number> {
  const by = { runId: given.id, personId: null, work: false };
  if (options.cancel !== undefined) {
    await cancelRun(deps, by, noOrigin);
    told(t('import.cli.cancelAsked'));
    return 0;
  }
  if (options.undo !== undefined) await startUndo(deps, by, noOrigin);
  else await resumeRun(deps, { ...by, options: options.yes ? { withdrawMany: true } : {} }, noOrigin);
  return follow(deps, given, { options, beside: whence() });
}

// A long run leaves much behind for the collector and keeps little: the heap may grow by two fifths before it is collected,
// instead of fourfold, which costs little time and keeps a run of any length within 100 MB of its start.
setFlagsFromString('--heap-growing-percent=40');

await runOrExplain(async () => {
  command.parse();
  const options = command.opts<Options>();
  if (options.remote !== undefined) {
    process.exitCode = await orTold(() => remoteImport(command.args, options));
    return;
  }
  const { deps, database, close } = await openDeps({ step: told });
  // A catalog of a district can wait; people who search meanwhile can't.
  giveWay(database);
  try {
    process.exitCode = await orTold(() => run(deps, command.args, options));
  } finally {
    await close();
  }
});
