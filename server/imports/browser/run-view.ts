import type { Pager } from '../../web/page-parts.ts';
import type { ImportRun } from '../run-store.ts';
import type { WordItem } from './columns-view.ts';
import type { RowFilter } from './run-queries.ts';
import type { RunItem } from './imports-view.ts';

/** One number of a run, with the rows behind it. */
export interface Tally {
  name:
    | 'new'
    | 'changed'
    | 'unchanged'
    | 'kept'
    | 'rejected'
    | 'skipped'
    | 'gaps'
    | 'likely'
    | 'missing'
    | 'withdrawn';
  count: number;
  /** Its part of the bar; null: no part of the whole. */
  shade: 'f1' | 'f2' | 'f3' | 'f4' | 'f5' | null;
  url: string | null;
}

/** A row in a list. */
export interface RowItem {
  position: number;
  /** Its own page, where there is more to tell. */
  url: string | null;
  line: number | null;
  externalId: string | null;
  resource: { url: string; title: string; language: string } | null;
  /** What became of it, in words. */
  says: string[];
}

/** `imports/run`: a run from its beginning to its report. */
export interface ImportRunPage {
  fileName: string;
  source: string;
  district: string;
  state: ImportRun['state'];
  dryRun: boolean;
  door: RunItem['door'];
  by: string | null;
  at: Date;
  took: { minutes: number; seconds: number; /** In minutes, besides. */ waited: number } | null;
  takenBackAt: Date | null;
  mappingVersion: number | null;
  strict: boolean;
  withdraws: boolean;
  /** One row, mended and sent without the others. */
  alone: boolean;
  /** Rows that are in, or could come in, of how many. */
  arrived: number;
  total: number;
  /** While somebody works on it, or it waits its turn. */
  progress: { percent: number; rows: number; undoing: boolean; waits: boolean } | null;
  /** Why it waits or could not go on. */
  reason: string | null;
  /** It waits for an answer: so many would go. */
  asks: boolean;
  tally: Tally[];
  rejectedUrl: string | null;
  gapsUrl: string | null;
  causes: {
    title: string;
    count: number;
    url: string;
    rows: {
      line: number | null;
      url: string;
      externalId: string | null;
      read: string;
      reasons: string[];
    }[];
  }[];
  words: WordItem[];
  /** Short words that were taken for a subject. */
  understood: { word: string; label: string; rows: number }[];
  /** Other things that were left out. */
  gaps: { text: string; rows: number }[];
  moreGaps: number;
  /** Rows that are perhaps the same as something on the shelf; `likelyUrl`: all of them. */
  likely: { externalId: string; url: string; title: string; organization: string; why: string }[];
  likelyUrl: string | null;
  changes: { field: string; count: number }[];
  takenBack: number;
  leftAsIs: number;
  leftUrl: string;
  actions: {
    here: string;
    run: string | null;
    cancel: string | null;
    resume: string | null;
    undo: string | null;
    /** Null where the file is no longer kept. */
    words: string | null;
    columns: string | null;
  };
  undoUntil: Date;
  key: string;
  earlier: { url: string; fileName: string; at: Date; changes: number; dryRun: boolean; undone: boolean }[];
}

/** `imports/rows`: rows of a run with what became of them. */
export interface ImportRowsPage {
  runUrl: string;
  fileName: string;
  dryRun: boolean;
  filter: RowFilter;
  /** Only those rejected for this, in words. */
  cause: string | null;
  filters: { filter: RowFilter; url: string; count: number }[];
  total: number;
  rows: RowItem[];
  pager: Pager | null;
}

/** `imports/row`: one row, what it changes, or a form that mends it. */
export interface ImportRowPage {
  runUrl: string;
  fileName: string;
  line: number | null;
  position: number;
  externalId: string | null;
  outcome: string;
  dryRun: boolean;
  resource: { url: string; title: string; language: string } | null;
  reasons: string[];
  gaps: string[];
  /** Field by field; `kept`: staff corrected it by hand, so it stays. */
  changes: { field: string; before: string; after: string; kept: boolean }[];
  /** What stood there, where the row can't be read at all. */
  raw: string | null;
  /** Null where a row can't be mended here. */
  mend: {
    actionUrl: string;
    key: string;
    fields: { index: number; name: string; field: string | null; value: string; wrong: boolean }[];
    /** Columns that aren't shown and stay as they are. */
    others: number;
    /** Why it still can't come in, after it was sent. */
    faults: string[];
  } | null;
}

/** `imports/undo`: what would be taken back, and what can't. */
export interface ImportUndoPage {
  runUrl: string;
  actionUrl: string;
  fileName: string;
  at: Date;
  /** Changes of the run, and how many of them were looked at. */
  total: number;
  looked: number;
  gone: number;
  putBack: number;
  returned: number;
  withdrawn: number;
  stays: { why: string; count: number }[];
  left: { externalId: string; url: string | null; title: string | null; language: string; why: string }[];
  errors: { field: string; message: string }[];
}
