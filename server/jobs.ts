import { transferSchedules, transferTasks } from './administration/transfers/transfer-job.ts';
import { accountSchedules, accountTasks } from './accounts/account-jobs.ts';
import { collectionSchedules, collectionTasks } from './collections/collection-jobs.ts';
import { callSchedules, callTasks } from './curation/call-jobs.ts';
import { curationSchedules, curationTasks } from './curation/curation-jobs.ts';
import { flagTasks } from './curation/flags/flag-jobs.ts';
import { changeSchedules, changeTasks } from './curation/tags/change-job.ts';
import { purgeTasks } from './curation/purge/purge-jobs.ts';
import type { Deps } from './deps.ts';
import { exchangeSchedules, exchangeTasks } from './exchange/exchange-jobs.ts';
import { fileSchedules, fileTasks, slowFileTasks } from './files/file-jobs.ts';
import { importSchedules, importTasks } from './imports/import-jobs.ts';
import { numbersSchedules, numbersTasks } from './insights/numbers-jobs.ts';
import { noticeSchedules, noticeTasks } from './notices/notice-jobs.ts';
import { resourceSchedules, resourceTasks } from './resources/resource-jobs.ts';
import { searchSchedules, searchTasks } from './search/search-jobs.ts';
import { standardSchedules, standardTasks } from './standards/framework-upload.ts';
import { vocabularySchedules, vocabularyTasks } from './vocabularies/vocabulary-jobs.ts';
import type { Schedule, Tasks } from './platform/job-queue/worker.ts';

/** Every kind of job, by the name that `enqueue` uses. Each feature adds the tasks of its `-jobs.ts`. */
export const tasks: Tasks<Deps> = {
  ...accountTasks,
  ...transferTasks,
  ...noticeTasks,
  ...flagTasks,
  ...purgeTasks,
  ...fileTasks,
  ...resourceTasks,
  ...searchTasks,
  ...importTasks,
  ...collectionTasks,
  ...callTasks,
  ...curationTasks,
  ...changeTasks,
  ...numbersTasks,
  ...exchangeTasks,
  ...vocabularyTasks,
  ...standardTasks,
};

/** What has slots of its own: an import, or a mail, never waits until documents are read. */
export const apart = slowFileTasks;

/** What comes back by the clock, in UTC. */
export const schedules: Schedule[] = [
  ...accountSchedules,
  ...transferSchedules,
  ...noticeSchedules,
  ...fileSchedules,
  ...resourceSchedules,
  ...searchSchedules,
  ...collectionSchedules,
  ...importSchedules,
  ...callSchedules,
  ...curationSchedules,
  ...changeSchedules,
  ...numbersSchedules,
  ...exchangeSchedules,
  ...vocabularySchedules,
  ...standardSchedules,
];
