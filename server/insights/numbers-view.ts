import type { StandardTab } from '../standards/standard-view.ts';
import type { Option } from '../web/page-parts.ts';
import type { ShownUses } from './numbers-small.ts';

/** Reuse as it may be shown. */
export interface ShownReuse {
  opened: number;
  taken: number;
  used: ShownUses;
  adapted: number;
}

/** A row of a table of reuse. */
export interface NumbersRow extends ShownReuse {
  label: string;
  /** The standard that the row is of; its statement is the label. */
  tab: StandardTab | null;
  language: string | null;
  /** The sum of all. */
  total: boolean;
}

export interface NumbersMonth {
  label: string;
  published: number;
  checked: number;
  /** Days; null where fewer than five checks would say it. */
  median: number | null;
  slow: number | null;
}

/** `curate/numbers`: how much is reused, put on the shelf and checked. */
export interface NumbersPage {
  /** When the job gathered them last; null: not yet. */
  refreshed: Date | null;
  periods: { label: string; url: string; current: boolean }[];
  months: number;
  whose: Option[];
  /** Whose subjects, standards and months. */
  place: string;
  tally: ShownReuse & { published: number; checked: number };
  tables: { of: 'districts' | 'subjects' | 'standards'; rows: NumbersRow[]; more: number; csvUrl: string }[];
  work: NumbersMonth[];
  workCsvUrl: string;
}
