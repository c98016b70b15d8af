import { ConfigError } from './config.ts';
import { closedPath } from './platform/closed-path.ts';
import { MigrationError } from './platform/database/migrations.ts';
import { StartError } from './platform/start-error.ts';

/**
 * Runs the whole of a command. What an operator can mend (settings, the database, a taken port, a folder of another account) is told in
 * plain words on standard error, anything else with its stack; the exit code is 1 for both.
 */
export async function runOrExplain(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof MigrationError || error instanceof StartError)
    return error.message;
  const closed = closedPath(error);
  if (closed !== undefined) return closed;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
