import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { checkLinks, forgetLinks } from './link-check.ts';

/** So many links an hour: 12,000 a day, and a state's whole shelf within a month. */
const LINKS_AN_HOUR = 500;

/** The jobs of this feature, for server/jobs.ts. */
export const resourceTasks: Tasks<Deps> = {
  'check-links': async (deps) => {
    // Nothing goes out unless the operator says so.
    if (!deps.config.linkChecks) return;
    const done = await checkLinks(deps, { most: LINKS_AN_HOUR });
    if (done.asked > 0) deps.log.info(done, 'Links were checked');
  },
  'forget-links': async ({ pool }) => forgetLinks(pool),
};

export const resourceSchedules: Schedule[] = [
  { task: 'check-links', cron: '15 * * * *' },
  { task: 'forget-links', cron: '10 4 * * 0' },
];
