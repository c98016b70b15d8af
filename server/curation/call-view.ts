import type { ShelfItem } from '../resources/resource-view.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { FieldError, HiddenField, Link, Option, Pager } from '../web/page-parts.ts';
import type { CallState } from './call-states.ts';

/** A call for lessons in a list. */
export interface CallItem {
  url: string;
  tab: StandardTab;
  /** Language of the standard. */
  language: string;
  /** Null: any level. */
  level: LevelSign | null;
  /** What a student at that level does. */
  descriptor: string | null;
  words: string;
  /** Who calls. */
  by: string;
  state: CallState;
  closesOn: Date | null;
  madeAt: Date;
  /** Answers that the reader may see and that stand. */
  answers: number;
  /** Begins a resource for it; null: it is over. */
  shareUrl: string | null;
}

/** `calls/index`: what is wanted, and what was found. */
export interface CallsPage {
  calls: CallItem[];
  total: number;
  /** Those that are out, or those that are over. */
  which: 'out' | 'over';
  tabs: (Link & { current: boolean })[];
  grades: Option[];
  pager: Pager | null;
  /** For curators: where gaps are seen. */
  coverageUrl: string | null;
}

/** `calls/show`: one call. */
export interface CallPage {
  call: CallItem;
  framework: Link;
  /** Said when it ended. */
  note: string;
  endedAt: Date | null;
  answers: {
    item: ShelfItem;
    by: string | null;
    on: Date;
    refused: boolean;
    /** Name of its form, for staff while it may be refused. */
    refuseUrl: string | null;
  }[];
  /** What stands on the rung already. */
  there: { count: number; url: string };
  /** For staff over it. */
  staff: {
    revision: number;
    moveUrl: string;
    moves: ('accept' | 'close' | 'reopen')[];
    changeUrl: string | null;
  } | null;
}

/** `curate/call`: makes a call, or changes what one says. */
export interface CallForm {
  actionUrl: string;
  /** Null: a new one. */
  existing: { tab: StandardTab; level: LevelSign | null; by: string; url: string } | null;
  /** What the code in the form means. */
  standard: StandardTab | null;
  values: { standard: string; words: string; closesOn: string };
  levels: Option[];
  /** Empty where there is nothing to choose. */
  organizations: Option[];
  hidden: HiddenField[];
  /** What somebody asked for. */
  ask: { person: string; words: string; note: string; url: string } | null;
  errors: FieldError[];
}
