import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { translator } from '../server/locale/locale.ts';

/** What the import commands say. */
export const t = translator('en');

/** What was asked of `npm run import`. */
export type Options = {
  district?: string;
  source: string;
  dryRun?: boolean;
  strict?: boolean;
  map?: string;
  onMissing: 'keep' | 'withdraw';
  yes?: boolean;
  json?: boolean;
  undo?: string;
  cancel?: string;
  resume?: string;
  runs?: boolean;
  remote?: string;
  token?: string;
};

/** Something that whoever called it can mend, in words. */
export class Unusable extends Error {}

/** Words for whoever started it; standard output is for results. */
export const told: (text: string) => void = (text) => console.error(text);

/** npm runs scripts in the folder of package.json; the caller's own folder is told apart. */
export const whence = (): string => process.env['INIT_CWD'] ?? process.cwd();

/** What this command was called as, to be said where it is to be called again. */
export const calledAs = basename(process.argv[1] ?? '').startsWith('commonshelf-import')
  ? 'commonshelf-import'
  : 'npm run import --';

/** The sentence that says how it is called. */
export const usage = (): string => t('import.cli.usage', { command: calledAs });

/** The command line of `npm run import`. */
export const command = new Command('import')
  .name(calledAs)
  .description(t('import.cli.description'))
  .argument('[files...]', t('import.cli.files'))
  .option('--district <slug>', t('import.cli.district'))
  .option('--source <name>', t('import.cli.source'), 'main')
  .option('--map <file>', t('import.cli.map'))
  .option('--dry-run', t('import.cli.dryRun'))
  .option('--strict', t('import.cli.strict'))
  .addOption(
    new Option('--on-missing <what>', t('import.cli.onMissing'))
      .choices(['keep', 'withdraw'])
      .default('keep'),
  )
  .option('--yes', t('import.cli.yes'))
  .option('--json', t('import.cli.json'))
  .option('--undo <run>', t('import.cli.undo'))
  .option('--runs', t('import.cli.runs'))
  .option('--remote <url>', t('import.cli.remote'))
  .option('--token <token>', t('import.cli.token'))
  .option('--cancel <run>', t('import.cli.cancel'))
  .option('--resume <run>', t('import.cli.resume'))
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 1));
