import { basename } from 'node:path';
import { Command } from 'commander';
import { readStaff } from '../server/imports/staff/read-staff.ts';
import { staffFile } from '../server/imports/staff/staff-queries.ts';
import { applyStaff, tryStaff } from '../server/imports/staff/staff-service.ts';
import { UnreadableFile } from '../server/imports/row-reader.ts';
import { noOrigin } from '../server/lib/origin.ts';
import { publicViewer, type Viewer } from '../server/lib/viewer.ts';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run import:staff -- FILE --district north [--dry-run]`: a list of staff, beside a running portal or alone, by the
// same service as the page. Ends with 0 when all rows are in, 2 when rows were refused, 1 when something failed.
const t = translator('en');

const command = new Command('import:staff')
  .description(t('importStaff.description'))
  .argument('<file>', t('importStaff.file'))
  .option('--district <slug>', t('importStaff.district'))
  .option('--dry-run', t('importStaff.dryRun'))
  .option('--close-missing', t('importStaff.close'))
  .action(async (file: string, options: { district?: string; dryRun?: boolean; closeMissing?: boolean }) => {
    const { deps, close } = await openDeps({ step: console.log });
    try {
      await bring(deps, file, options);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      console.error(t(error.key, error.params));
      process.exitCode = 1;
    } finally {
      await close();
    }
  });

async function bring(
  deps: Awaited<ReturnType<typeof openDeps>>['deps'],
  file: string,
  { district, dryRun, closeMissing }: { district?: string; dryRun?: boolean; closeMissing?: boolean },
): Promise<void> {
  const { rows } = await deps.pool.query<{ id: string; state: string }>(
    `SELECT o.id, (SELECT id FROM organization WHERE kind = 'state') AS state FROM organization o
     WHERE CASE WHEN $1::text IS NULL THEN o.kind = 'state' ELSE o.kind = 'district' AND o.slug = $1 END AND o.closed_at IS NULL`,
    [district ?? null],
  );
  const [place] = rows;
  if (!place) {
    console.error(t('importStaff.noDistrict', { district: district ?? '' }));
    process.exitCode = 1;
    return;
  }
  // Whoever may run commands on this machine may do what an administrator of the state may.
  const viewer: Viewer = {
    ...publicViewer,
    grants: [{ role: 'admin', organizationId: place.state, kind: 'state', districtId: null }],
  };
  const list = await readStaff({ path: file, name: file });
  const id = await tryStaff(deps, viewer, { ...list, organizationId: place.id, fileName: basename(file) });
  const tried = await staffFile(deps.pool, null, id);
  if (!tried) return;
  for (const { line, fault } of tried.plan.entries)
    if (fault) console.error(t('importStaff.refused', { line, reason: t(fault.key, fault.params) }));
  console.log(t('importStaff.tried', { ...tried.counts }));
  if (tried.counts.refused > 0) process.exitCode = 2;
  if (dryRun) return;
  const choice = { id, digest: tried.digest, close: closeMissing ? ('all' as const) : [] };
  const outcome = await applyStaff(deps, viewer, choice, noOrigin);
  if (outcome === 'changed') {
    console.error(t('importStaff.changed'));
    process.exitCode = 1;
    return;
  }
  const done = await staffFile(deps.pool, null, id);
  if (done) console.log(t('importStaff.done', { ...done.counts }));
}

await runOrExplain(async () => void (await command.parseAsync()));
