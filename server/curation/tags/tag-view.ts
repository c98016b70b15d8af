import type { FieldError, HiddenField, Option, Pager } from '../../web/page-parts.ts';
import type { ChangeMove, ChangeState } from './change-states.ts';
import type { ItemKind } from './change-store.ts';
import type { TagField, TagMode } from './tag-kinds.ts';

/** A resource in the list. */
export interface TagItem {
  id: string;
  title: string;
  url: string;
  language: string;
  organization: string;
  /** What it has, in words. */
  has: string[];
  /** Words of imports that nobody knew. */
  gaps: string[];
}

/** A change in a list. */
export interface ChangeLine {
  url: string;
  words: string;
  state: ChangeState;
  by: string | null;
  at: Date;
  count: number;
}

/** `curate/tags`: resources whose tags are missing or unresolved, and a form that sets many at once. */
export interface TagsPage {
  all: number;
  missing: { label: string; count: number; url: string; current: boolean }[];
  /** Words of imports, most first. */
  gaps: { field: string; value: string; count: number; url: string; current: boolean }[];
  filter: {
    what: Option[];
    value: string;
    districts: Option[];
    subjects: Option[];
    grades: Option[];
    words: string;
    fields: Option[];
  };
  rows: TagItem[];
  total: number;
  /** More than may be changed at once. */
  tooMany: number | null;
  pager: Pager | null;
  form: {
    field: TagField;
    /** Empty: a text is typed. */
    options: Option[];
    /** Several may be chosen. */
    many: boolean;
    typed: string;
    levels: Option[];
    modes: { value: TagMode; label: string; chosen: boolean }[];
    hidden: HiddenField[];
    ticked: string[];
    which: 'all' | 'ticked';
    errors: FieldError[];
  };
  changes: ChangeLine[];
}

/** `curate/change`: what a change would do, does, or did. */
export interface ChangePage {
  url: string;
  words: string;
  state: ChangeState;
  by: string | null;
  at: Date;
  total: number;
  planned: { change: number; same: number; refuse: number };
  outcome: { changed: number; same: number; refused: number };
  undone: { done: number; left: number };
  /** Under way: how far, in percent. */
  percent: number | null;
  /** Why some are left as they are. */
  reasons: { text: string; count: number }[];
  tabs: { kind: ItemKind; label: string; count: number; url: string; current: boolean }[];
  items: { title: string; url: string; language: string; before: string; after: string; note: string }[];
  pager: Pager | null;
  moves: Exclude<ChangeMove, 'finish' | 'finishUndo'>[];
  moveUrl: string;
  listUrl: string;
}
