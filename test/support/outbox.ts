import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../../server/deps.ts';
import { tasks } from '../../server/jobs.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';

export type Mail = { to: string; text: string };

/** The mails of a portal without a mail server, as they read; jobs that wait are done first. */
export function outboxOf(deps: Deps) {
  const folder = join(deps.config.dataDir, 'outbox');
  return {
    async mails(): Promise<Mail[]> {
      await runJobs(deps, tasks);
      const names = await readdir(folder).catch(() => []);
      return Promise.all(
        names.toSorted((a, b) => a.localeCompare(b)).map(async (name) => read(join(folder, name))),
      );
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

async function read(path: string): Promise<Mail> {
  const text = await readFile(path, 'utf8');
  return { to: /^To: (.*)$/m.exec(text)?.[1]?.trim() ?? '', text };
}

/** The path and query of the first link to a page in a mail. @throws where there is none */
export function linkIn({ text }: Mail, page: string): string {
  const path = new RegExp(`http://localhost(${page}\\?token=[\\w-]+)`).exec(text)?.[1];
  if (path === undefined) throw new Error(`no link to ${page} in: ${text}`);
  return path;
}
