import type { FailedJobRow, OperationFacts, QueueRow, TableRow } from './operation-queries.ts';

/** `admin/operation`: how the portal's work goes, for whoever runs it. */
export interface OperationPage {
  version: string;
  node: string;
  /** Seconds that this process has run. */
  upSeconds: number;
  failed: (FailedJobRow & { retryUrl: string; dropUrl: string | null })[];
  failedTotal: number;
  /** Null when nothing was given up. */
  retryAllUrl: string | null;
  queues: QueueRow[];
  tables: TableRow[];
  connections: OperationFacts['connections'];
  longestSeconds: number;
}

const LONGEST = 1000;

/** What was found out, as the page shows it. */
export function operationPage(
  facts: OperationFacts,
  process: Pick<OperationPage, 'version' | 'node' | 'upSeconds'>,
): OperationPage {
  return {
    ...process,
    ...facts,
    failed: facts.failed.map((job) => ({
      ...job,
      error: job.error.length > LONGEST ? `${job.error.slice(0, LONGEST)}…` : job.error,
      retryUrl: `/admin/operation/jobs/${job.id}/retry`,
      dropUrl: job.again === null ? `/admin/operation/jobs/${job.id}/drop` : null,
    })),
    retryAllUrl: facts.failed.some(({ again }) => again === null) ? '/admin/operation/jobs/retry' : null,
  };
}
