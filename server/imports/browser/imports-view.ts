import type { FieldError, HiddenField, Option } from '../../web/page-parts.ts';
import type { ListedRun } from './import-list-queries.ts';

/** A run in a list. */
export interface RunItem {
  url: string;
  fileName: string;
  source: string;
  /** Null where the viewer has one district only. */
  district: string | null;
  state: ListedRun['state'];
  dryRun: boolean;
  door: ListedRun['door'];
  by: string | null;
  at: Date;
  /** What came of it, counts above zero. */
  counts: { name: 'new' | 'changed' | 'unchanged' | 'rejected' | 'gaps' | 'takenBack'; count: number }[];
}

/** `imports/index`: the runs of a district, and the form that begins one. */
export interface ImportsPage {
  actionUrl: string;
  /** Where there is a choice. */
  districts: Option[];
  /** Names of sources that are there. */
  sources: string[];
  values: { source: string; missing: 'keep' | 'withdraw'; strict: boolean };
  hidden: HiddenField[];
  errors: FieldError[];
  maxBytes: number;
  runs: RunItem[];
  /** Files whose columns aren't mapped yet. */
  waiting: {
    url: string;
    removeUrl: string;
    fileName: string;
    source: string;
    district: string | null;
    at: Date;
  }[];
  /** Whether this is the first page of the list. */
  first: boolean;
  olderUrl: string | null;
}

/** `imports/guide`: what stands in a row. */
export interface ImportGuidePage {
  fields: string[];
}

const COUNTS = ['new', 'changed', 'unchanged', 'gaps', 'rejected', 'takenBack'] as const;

/** A run as a list shows it. `several`: the list is of several districts. */
export const runItem = (run: ListedRun, several: boolean): RunItem => ({
  url: `/imports/${run.id}`,
  fileName: run.fileName,
  source: run.source,
  district: several ? run.district : null,
  state: run.state,
  dryRun: run.dryRun,
  door: run.door,
  by: run.by,
  at: run.createdAt,
  counts: COUNTS.map((name) => ({ name, count: run.counts[name] })).filter(({ count }) => count > 0),
});
