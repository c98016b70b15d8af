import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { importRunRecord, importRunSummary } from '../server/exchange/import-api-schema.ts';
import { agrees } from './import-follow.ts';
import { t, told, Unusable, type Options } from './import-options.ts';
import { importProgress, type ShownRun } from './import-progress.ts';
import { tell, type RunReport, type ToldRun } from './import-summary.ts';
import type { RemotePortal } from './remote-portal.ts';

export type RemoteRun = z.output<typeof importRunSummary>;

/** How often a portal is asked how far a run is. */
const ASK_EVERY_MS = 1000;
/** How many of what an undo left, or was skipped, are told. */
const SHOWN = 20;

/** Watches a run on a portal elsewhere until it is over, and tells how it went. @returns the exit code */
export async function followRemote(
  portal: RemotePortal,
  begun: RemoteRun,
  { options, beside }: { options: Options; beside: string },
): Promise<number> {
  const progress = importProgress(t, { quiet: options.json ?? false });
  let leaving = false;
  const self = `/api/v1/imports/${begun.id}`;
  const cancel = () => {
    told(`\n${t('import.cli.stopping')}`);
    portal.ask('POST', `${self}/cancel`, { also: [409] }).catch(() => (leaving = true));
  };
  const leave = () => void (leaving = true);
  process.once('SIGINT', cancel).once('SIGTERM', leave);
  try {
    for (let run = begun; ;) {
      while (['planned', 'running', 'undoing'].includes(run.state)) {
        if (leaving) throw new Unusable(t('import.cli.left', { run: run.id }));
        progress.show(shown(run));
        await sleep(ASK_EVERY_MS);
        run = await portal.read(importRunSummary, 'GET', `${self}?limit=0`);
      }
      const many = run.state === 'paused' && run.reason?.code === 'import.paused.manyMissing';
      if (!many || !(await agrees(run.reason?.message ?? '')))
        return await tell(toldOf(run), reportFrom(portal, run), { options, beside });
      run = await portal.read(importRunSummary, 'POST', `${self}/resume?withdrawMany=true`);
    }
  } finally {
    progress.stop();
    process.off('SIGINT', cancel).off('SIGTERM', leave);
  }
}

const countsOf = ({ counts }: RemoteRun): ToldRun['counts'] => ({
  ...counts,
  unreadable: 0,
  takenBack: counts.taken_back,
  leftAsIs: counts.left_as_is,
});

const shown = (run: RemoteRun): ShownRun => ({
  state: run.state,
  rowsDone: run.progress.rows,
  bytesDone: run.progress.bytes,
  input: { size: run.file.bytes },
  counts: countsOf(run),
});

const toldOf = (run: RemoteRun): ToldRun & Record<string, unknown> => ({
  id: run.id,
  state: run.state,
  source: run.source,
  districtSlug: run.district,
  districtName: run.district_name,
  dryRun: run.dry_run,
  input: { name: run.file.name, size: run.file.bytes, sha256: run.file.sha256 },
  rowsDone: run.progress.rows,
  counts: countsOf(run),
  reason: run.reason,
  createdAt: run.created_at,
  finishedAt: run.finished_at,
});

function reportFrom(portal: RemotePortal, run: RemoteRun): RunReport {
  const self = `/api/v1/imports/${run.id}`;
  async function* csv(name: string): AsyncGenerator<Uint8Array> {
    const { body } = await portal.ask('GET', `${self}/${name}`);
    if (body) yield* body as unknown as AsyncIterable<Uint8Array>;
  }
  return {
    reason: run.reason?.message ?? null,
    likely: { some: async () => [], all: () => csv('likely.csv') },
    rejected: () => csv('rejected.csv'),
    gaps: () => csv('gaps.csv'),
    unknown: async () => {
      const { unknown, unknown_total: total } = await portal.read(importRunRecord, 'GET', `${self}?limit=0`);
      return {
        total,
        values: unknown.slice(0, 10).map(({ rows, message, near }) => ({ rows, words: message, near })),
      };
    },
    left: async () => {
      const left: { externalId: string; why: string }[] = [];
      for (let at: string | null = `${self}?limit=1000`; at !== null && left.length < SHOWN;) {
        const { rows }: z.output<typeof importRunRecord> = await portal.read(importRunRecord, 'GET', at);
        for (const { external_id: externalId, taken_back: why } of rows.items)
          if (why !== null && why !== 'done' && why !== 'withdrawn')
            left.push({ externalId: externalId ?? '', why });
        at = rows.next;
      }
      return left.slice(0, SHOWN);
    },
    skipped: async () => {
      const { rows } = await portal.read(importRunRecord, 'GET', `${self}?outcome=skipped&limit=${SHOWN}`);
      return rows.items.flatMap(({ reasons }) => reasons.map(({ message }) => message));
    },
  };
}
