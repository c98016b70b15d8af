import type { ShelfItem } from '../../resources/resource-view.ts';
import type { FieldError } from '../../web/page-parts.ts';

/** A group of synonyms in a list. */
export interface SynonymItem {
  id: string;
  language: string;
  /** Who looks for this finds `words` too; null: each of `words` finds the others. */
  term: string | null;
  words: string[];
  changedBy: string | null;
  changedAt: Date;
}

/** What was typed into the form of a group. `words`: one a line. */
export interface SynonymValues {
  language: string;
  term: string;
  words: string;
  /** A search to try the change on. */
  q: string;
}

/** `curate/synonyms`: all groups, and a form for a new one. */
export interface SynonymsPage {
  /** What the list is narrowed to; empty: all of it. */
  find: string;
  total: number;
  groups: SynonymItem[];
  actionUrl: string;
  values: SynonymValues;
  errors: FieldError[];
}

/** `curate/synonym`: one group's form, and what a change would do to a search. */
export interface SynonymPage {
  /** Null: a new one. */
  id: string | null;
  actionUrl: string;
  removeUrl: string | null;
  values: SynonymValues;
  errors: FieldError[];
  /** Null until somebody tries it. */
  preview: { q: string; before: number; after: number; gained: ShelfItem[]; lost: ShelfItem[] } | null;
}
