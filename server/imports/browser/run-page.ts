import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Deps } from '../../deps.ts';
import { resourcePath } from '../../lib/slug.ts';
import { isMessageKey, type Translate } from '../../locale/locale.ts';
import { loadImportWords } from '../import-words.ts';
import { likelyRows, understoodWords, unknownValues } from '../run-report.ts';
import { UNDO_DAYS } from '../run-service.ts';
import type { ImportRun } from '../run-store.ts';
import { wordItems } from './columns-page.ts';
import { isWordField, withChoices } from './read-ahead.ts';
import { runFacts, type Cause, type RunFacts, type RunRow } from './run-queries.ts';
import type { ImportRunPage, RowItem, Tally } from './run-view.ts';
import { saidFault, saidGap } from './said.ts';

const ASKED_VALUES = 60;
const LIKELY = 10;
const WORKING: readonly ImportRun['state'][] = ['planned', 'running', 'undoing'];

export const isWorking = ({ state }: Pick<ImportRun, 'state'>): boolean => WORKING.includes(state);

/** The page of a run: how far it is, then what came of it and what can be done about it. */
export async function runPage(
  { pool, files, clock }: Pick<Deps, 'pool' | 'files' | 'clock'>,
  run: ImportRun,
  t: Translate,
): Promise<ImportRunPage> {
  // Rows that a program sent one by one have no file; that of an old run is gone.
  const [facts, size] = await Promise.all([runFacts(pool, run), files.size(run.input.sha256)]);
  const hasFile = size !== undefined;
  const at = `/imports/${run.id}`;
  const { counts } = run;
  const total = counts.new + counts.changed + counts.unchanged + counts.kept + counts.rejected;
  const working = isWorking(run);
  const asked = !working && run.state !== 'undone' ? await gapsOf(pool, run, t) : noGaps;
  const likely = counts.likely > 0 ? await likelyRows(pool, run, { after: 0, limit: LIKELY }) : [];
  return {
    fileName: run.input.name,
    source: run.source,
    district: run.districtName,
    state: run.state,
    dryRun: run.dryRun,
    door: run.door,
    by: facts.by,
    at: run.createdAt,
    took: tookOf(run, facts),
    takenBackAt: run.state === 'undone' ? run.finishedAt : null,
    mappingVersion: run.mapping?.version ?? null,
    strict: run.options.strict,
    withdraws: run.options.onMissing === 'withdraw',
    alone: run.options.alone,
    arrived: total - counts.rejected,
    total,
    progress: working ? progressOf(run, facts) : null,
    reason: run.reason ? saidReason(run.reason, t) : null,
    asks: run.state === 'paused' && run.reason?.key === 'import.paused.manyMissing',
    tally: tallyOf(run, at),
    rejectedUrl: hasFile && counts.rejected > 0 ? `${at}/rejected.csv` : null,
    gapsUrl: counts.gaps > 0 ? `${at}/gaps.csv` : null,
    causes: facts.causes.map((cause) => causeOf(cause, at, t)),
    ...asked,
    likely: likely.map(({ id, title, ...row }) => ({ ...row, title, url: resourcePath(id, title) })),
    likelyUrl: counts.likely > 0 ? `${at}/likely.csv` : null,
    changes: facts.changes,
    takenBack: counts.takenBack,
    leftAsIs: counts.leftAsIs,
    leftUrl: `${at}/rows?outcome=left`,
    actions: actionsOf(run, at, { hasFile, now: clock.now() }),
    undoUntil: new Date(run.createdAt.getTime() + UNDO_DAYS * 86_400_000),
    key: randomUUID(),
    earlier: facts.earlier.map(({ id, fileName, at: begun, changes, dryRun, state }) => ({
      url: `/imports/${id}`,
      fileName,
      at: new Date(begun),
      changes,
      dryRun,
      undone: state === 'undone',
    })),
  };
}

const saidReason = ({ key, params }: NonNullable<ImportRun['reason']>, t: Translate): string =>
  isMessageKey(key) ? t(key, params) : key;

/**
 * Null while it works, and once it was taken back: from then on the end of that is kept, not that of the run. What it
 * waited for an answer, or lay stopped, isn't work.
 */
function tookOf({ startedAt, finishedAt, undoFrom }: ImportRun, { waited }: RunFacts): ImportRunPage['took'] {
  if (!startedAt || !finishedAt || undoFrom !== null) return null;
  const all = Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000);
  const seconds = Math.max(1, all - waited);
  return { minutes: Math.floor(seconds / 60), seconds: seconds % 60, waited: Math.round(waited / 60) };
}

function progressOf(run: ImportRun, { waitsFor }: RunFacts): ImportRunPage['progress'] {
  const done = run.counts.takenBack + run.counts.leftAsIs;
  const changes = run.counts.new + run.counts.changed + run.counts.withdrawn;
  const undoing = run.state === 'undoing';
  const part = undoing ? done / Math.max(1, changes) : run.bytesDone / Math.max(1, run.input.size);
  return {
    percent: Math.min(100, Math.floor(part * 100)),
    rows: undoing ? done : run.rowsDone,
    undoing,
    waits: waitsFor && run.state === 'planned',
  };
}

const TALLY = [
  ['unchanged', 'f3'],
  ['new', 'f1'],
  ['changed', 'f2'],
  ['kept', 'f5'],
  ['rejected', 'f4'],
  ['gaps', null],
  ['likely', null],
  ['skipped', null],
  ['missing', null],
  ['withdrawn', null],
] as const;
const ALWAYS: ReadonlySet<string> = new Set(['unchanged', 'new', 'changed', 'rejected']);

const tallyOf = ({ counts, dryRun }: ImportRun, at: string): Tally[] =>
  TALLY.filter(([name]) => ALWAYS.has(name) || counts[name] > 0).map(([name, shade]) => ({
    name,
    count: counts[name],
    shade,
    // Nothing is kept of rows that are unchanged, nor of new ones before they exist.
    url:
      counts[name] === 0 || name === 'unchanged' || name === 'likely' || (name === 'new' && dryRun)
        ? null
        : `${at}/rows?outcome=${name}`,
  }));

function causeOf({ key, count, rows }: Cause, at: string, t: Translate): ImportRunPage['causes'][number] {
  return {
    title: causeTitle(key, rows[0], t),
    count,
    url: `${at}/rows?outcome=rejected&cause=${encodeURIComponent(key)}`,
    rows: rows.map((row) => ({
      line: row.faults?.[0]?.line ?? null,
      url: `${at}/rows/${row.position}`,
      externalId: row.externalId,
      read: readOf(row),
      reasons: (row.faults ?? []).map((fault) => saidFault(fault, t)),
    })),
  };
}

/** A cause without the particulars of one row; one that has no words of its own, by its first row. */
export function causeTitle(key: string, first: Pick<RunRow, 'faults'> | undefined, t: Translate): string {
  const title = key.replace(/^import\.(?:fault|gap)\./, 'import.cause.');
  if (isMessageKey(title)) return t(title);
  const fault = first?.faults?.[0];
  return fault ? saidFault(fault, t) : key;
}

/** What stood where the first fault is. */
function readOf({ faults }: Pick<RunRow, 'faults'>): string {
  const [fault] = faults ?? [];
  const said = fault?.params['read'] ?? fault?.params['value'] ?? fault?.raw ?? '';
  return String(said).slice(0, 120);
}

type Gaps = Pick<ImportRunPage, 'words' | 'understood' | 'gaps' | 'moreGaps'>;
const noGaps: Gaps = { words: [], understood: [], gaps: [], moreGaps: 0 };

async function gapsOf(pool: Pool, run: ImportRun, t: Translate): Promise<Gaps> {
  const [{ total, values }, understood, words] = await Promise.all([
    unknownValues(pool, run, ASKED_VALUES),
    understoodWords(pool, run.id),
    loadImportWords(pool, run.districtId),
  ]);
  const asks = values.filter(({ field, reason }) => reason === 'unknown' && isWordField(field));
  const others = values.filter((value) => !asks.includes(value));
  return {
    words: wordItems(
      await withChoices(
        pool,
        words,
        asks.flatMap(({ field, value, rows, near }) =>
          isWordField(field)
            ? [
                {
                  field,
                  word: value,
                  meant: null,
                  decided: false,
                  rows,
                  near: field === 'standards' ? near : words.near(field, value),
                },
              ]
            : [],
        ),
      ),
    ),
    understood: understood.map((one) => ({ ...one, label: words.shortFor(one.word) ?? one.word })),
    gaps: others.map(({ field, reason, value, rows }) => ({
      text: saidGap({ field, reason, value }, t),
      rows,
    })),
    moreGaps: total - values.length,
  };
}

function actionsOf(
  run: ImportRun,
  at: string,
  { hasFile, now }: { hasFile: boolean; now: Date },
): ImportRunPage['actions'] {
  const { state, dryRun, counts } = run;
  const undoable =
    !dryRun &&
    ['done', 'cancelled', 'failed', 'paused'].includes(state) &&
    counts.new + counts.changed + counts.withdrawn > 0 &&
    now.getTime() - run.createdAt.getTime() < UNDO_DAYS * 86_400_000;
  return {
    here: at,
    run: hasFile && dryRun && state === 'done' ? `${at}/run` : null,
    cancel: ['planned', 'running', 'paused'].includes(state) ? `${at}/cancel` : null,
    resume: ['cancelled', 'paused', 'failed'].includes(state) ? `${at}/resume` : null,
    undo: undoable ? `${at}/undo` : null,
    words: hasFile ? `${at}/words` : null,
    columns: hasFile ? `${at}/columns` : null,
  };
}

/** A row as a list shows it. */
export function rowItem(row: RunRow, at: string, t: Translate): RowItem {
  const says = [
    ...(row.outcome === 'changed'
      ? [
          t('import.rows.changes', {
            fields: fieldNames(row.changes?.filter(({ kept }) => !kept) ?? [], t) || t('import.rows.none'),
          }),
        ]
      : []),
    ...(row.changes?.some(({ kept }) => kept)
      ? [
          t('import.rows.stays', {
            fields: fieldNames(
              row.changes.filter(({ kept }) => kept),
              t,
            ),
          }),
        ]
      : []),
    ...(row.faults ?? []).map((fault) => saidFault(fault, t)),
    ...(row.gaps ?? []).map((gap) => saidGap(gap, t)),
    ...(row.takenBack ? [t(`import.left.${row.takenBack}` as 'import.left.done')] : []),
  ];
  return {
    position: row.position,
    url: ['missing', 'withdrawn'].includes(row.outcome) ? null : `${at}/rows/${row.position}`,
    line: row.faults?.[0]?.line ?? null,
    externalId: row.externalId,
    resource: row.resource,
    says,
  };
}

const fieldNames = (changes: readonly { field: string }[], t: Translate): string =>
  changes.map(({ field }) => t(`import.shown.${field}` as 'import.shown.title')).join(', ');
