import { Command } from 'commander';
import { PortalError } from '../server/errors.ts';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';
import { readFrameworkFile } from '../server/standards/framework-file.ts';
import { warningLines } from '../server/standards/import-report.ts';
import { importFramework } from '../server/standards/standard-service.ts';
import type { ImportReport } from '../server/standards/standard-service.ts';

// `npm run import:standards -- FILE…`: loads frameworks, beside a running portal or alone.
const t = translator('en');

const command = new Command('import:standards')
  .description(t('importStandards.description'))
  .argument('<files...>', t('importStandards.files'))
  .option('--own', t('importStandards.own'))
  .option('--not-own', t('importStandards.notOwn'))
  .action(async (files: string[], options: { own?: boolean; notOwn?: boolean }) => {
    const { deps, close } = await openDeps({ step: console.log });
    let failed = 0;
    try {
      for (const file of files) {
        const started = performance.now();
        try {
          const framework = await readFrameworkFile(file);
          console.log(
            t('importStandards.read', {
              file,
              format: framework.format,
              title: framework.document.title,
              count: framework.items.length,
            }),
          );
          const own = options.own ? true : options.notOwn ? false : undefined;
          const report = await importFramework(deps, null, framework, own === undefined ? {} : { own });
          tell(report, performance.now() - started);
        } catch (error) {
          const reason = reasonOf(error);
          if (reason === undefined) throw error;
          failed += 1;
          console.error(t('importStandards.refused', { file, reason }));
        }
      }
    } finally {
      await close();
    }
    if (files.length > 1 || failed > 0)
      console.log(t('importStandards.summary', { count: files.length - failed, all: files.length }));
    if (failed > 0) process.exitCode = 1;
  });

function tell(report: ImportReport, milliseconds: number): void {
  console.log(
    t('importStandards.done', {
      created: report.created,
      updated: report.updated,
      unchanged: report.unchanged,
      retired: report.retired,
      removed: report.removed,
      descriptors: report.descriptors,
      seconds: Math.round(milliseconds / 100) / 10,
    }),
  );
  for (const line of warningLines(t, report.warnings)) console.log(`  ! ${line}`);
}

/** The fault of one file in words; undefined for what isn't the file's fault. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof PortalError) return t(error.key, error.params);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return t('importStandards.noFile');
  if (code === 'EACCES' || code === 'EISDIR') return t('importStandards.cannotRead');
  return undefined;
}

await runOrExplain(async () => {
  await command.parseAsync();
});
