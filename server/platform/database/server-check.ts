import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { StartError } from '../start-error.ts';

/** The oldest version that the migrations and the suite were run on. */
const OLDEST = 150_000;
/** How long a server that is just starting, perhaps together with the portal, is waited for. */
const PATIENCE_MS = 15_000;
/** Refusals that pass by themselves: nobody listens yet, it is starting up, it has no free connection. */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03',
  '53300',
]);

/**
 * Makes sure that the server answers and is new enough. Waits a little for one that is starting.
 * @throws StartError in words, without the password
 */
export async function checkServer(pool: Pool, url: string, step: (text: string) => void): Promise<void> {
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || 5432}`;
  let told = false;
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    try {
      const { rows } = await pool.query<{ version: string; number: number }>(
        `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
      );
      if ((rows[0]?.number ?? 0) >= OLDEST) return;
      throw new StartError(
        `The database at ${where} is PostgreSQL ${rows[0]?.version}; version 15 or newer is needed.`,
      );
    } catch (error) {
      if (error instanceof StartError) throw error;
      const { code, message } = error as { code?: string; message: string };
      if (passing.has(code ?? '') && Date.now() < end) {
        if (!told) step(`Waiting for the database at ${where}`);
        told = true;
        continue;
      }
      throw new StartError(`The database at ${where} can't be reached: ${message || code}.`, {
        cause: error,
      });
    }
  }
}
