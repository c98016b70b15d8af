import type { DiskRoom } from '../files/disk-room.ts';
import type { EngineHealth } from '../search/index-queue.ts';
import type { EngineFacts, EngineName } from '../search/search-port.ts';
import { SILENT_SECONDS } from './heartbeat.ts';
import type {
  DamagedRow,
  FailedJobRow,
  OperationFacts,
  ProcessRow,
  QueueRow,
  SlowQueryRow,
  TableRow,
} from './operation-queries.ts';

/** One search engine, as the operator sees it. */
export interface EngineRow {
  name: EngineName;
  /** Searches are answered by it: the first engine, or the other one while that is away. */
  answers: boolean;
  /** Null while it can't be reached. */
  facts: EngineFacts | null;
  state: 'ready' | 'building' | 'away' | 'behind' | 'unbuilt';
  rebuild: { done: number; total: number };
  waiting: number;
  oldestSeconds: number;
  failing: number;
  lastError: string | null;
}

/** A process, as the operator sees it. */
export interface ProcessView extends ProcessRow {
  /** It has said nothing for so long that it is likely gone. */
  silent: boolean;
  /** It runs another version than the process that answers. */
  other: boolean;
}

/** `admin/operation`: how the portal's work goes, for whoever runs it. */
export interface OperationPage {
  version: string;
  node: string;
  /** Seconds that this process has run. */
  upSeconds: number;
  processes: ProcessView[];
  failed: (FailedJobRow & { retryUrl: string; dropUrl: string | null })[];
  failedTotal: number;
  /** Null when nothing was given up. */
  retryAllUrl: string | null;
  queues: QueueRow[];
  tables: TableRow[];
  connections: OperationFacts['connections'];
  longestSeconds: number;
  serverVersion: string;
  databaseBytes: number;
  engines: EngineRow[];
  disk: DiskRoom & { stopPercent: number };
  stored: OperationFacts['stored'];
  damaged: (Omit<DamagedRow, 'resources'> & { resources: { title: string; url: string }[] })[];
  damagedTotal: number;
  slow: SlowQueryRow[];
  /** What counts as slow, in milliseconds. */
  slowMs: number;
}

const LONGEST = 1000;

/** What was found out, as the page shows it. */
export function operationPage(
  facts: OperationFacts,
  rest: Pick<OperationPage, 'version' | 'node' | 'upSeconds' | 'engines' | 'disk' | 'slowMs'>,
): OperationPage {
  return {
    ...rest,
    ...facts,
    serverVersion: facts.serverVersion.split(' ')[0] ?? facts.serverVersion,
    processes: facts.processes.map((row) => ({
      ...row,
      silent: row.silentSeconds > SILENT_SECONDS,
      other: row.version !== rest.version,
    })),
    damaged: facts.damaged.map((row) => ({
      ...row,
      resources: row.resources.map(({ id, title }) => ({ title: title || id, url: `/resources/${id}` })),
    })),
    failed: facts.failed.map((job) => ({
      ...job,
      error: job.error.length > LONGEST ? `${job.error.slice(0, LONGEST)}…` : job.error,
      retryUrl: `/admin/operation/jobs/${job.id}/retry`,
      dropUrl: job.again === null ? `/admin/operation/jobs/${job.id}/drop` : null,
    })),
    retryAllUrl: facts.failed.some(({ again }) => again === null) ? '/admin/operation/jobs/retry' : null,
  };
}

/** The engines of the settings, with what the indexer and they themselves say. */
export function engineRows(
  engines: readonly { name: EngineName; facts: EngineFacts | null }[],
  health: readonly EngineHealth[],
  { first, behind }: { first: EngineName; /** It answers and takes no changes. */ behind: boolean },
): EngineRow[] {
  const known = engines.map(({ name, facts }): Omit<EngineRow, 'answers'> => {
    const its = health.find(({ engine }) => engine === name);
    const building = its !== undefined && !its.built && its.rebuild.total > 0;
    const away = facts === null || (its?.downSince ?? null) !== null;
    return {
      name,
      facts,
      state: stateOf({ away, behind: behind && name === first, building, built: its?.built ?? false }),
      rebuild: its?.rebuild ?? { done: 0, total: 0 },
      waiting: its?.waiting ?? 0,
      oldestSeconds: its?.oldestSeconds ?? 0,
      failing: its?.failing ?? 0,
      lastError: away || behind || (its?.failing ?? 0) > 0 ? (its?.lastError ?? null) : null,
    };
  });
  // While it is built anew, the index before it answers.
  const serves = ({ state, facts }: Omit<EngineRow, 'answers'>) =>
    state === 'ready' || (state !== 'away' && state !== 'behind' && (facts?.resources ?? 0) > 0);
  const answering = known.find((row) => row.name === first && serves(row))?.name ?? 'postgres';
  return known.map((row) => ({ ...row, answers: row.name === answering }));
}

function stateOf(its: Record<'away' | 'behind' | 'building' | 'built', boolean>): EngineRow['state'] {
  if (its.away) return 'away';
  if (its.behind) return 'behind';
  if (its.building) return 'building';
  return its.built ? 'ready' : 'unbuilt';
}
