import type { FieldError, Option } from '../../web/page-parts.ts';
import type { ShownField } from './record-words.ts';

/** A word of the file that isn't known here, or that was decided before. */
export interface WordItem {
  index: number;
  field: string;
  word: string;
  /** How many rows have it; 0: not known. */
  rows: number;
  /** '': nobody has decided; '-': left out; else `=` and the word that is meant. */
  choice: string;
  near: string[];
  all: readonly string[];
}

/** A row of the file as it would stand on the shelf. */
export interface PreviewItem {
  title: string;
  externalId: string;
  language: string;
  facts: { field: ShownField; value: string }[];
  gaps: string[];
}

/** `imports/columns`: how a file is read, and which of its columns is which field. */
export interface ImportColumnsPage {
  fileName: string;
  source: string;
  district: string;
  /** How it was read: format, encoding, what stands between cells. */
  facts: string[];
  /** Rows that were looked at. */
  read: number;
  more: boolean;
  actionUrl: string;
  yamlUrl: string;
  yamlActionUrl: string;
  removeUrl: string;
  /** The version of the mapping that is kept; 0: none yet. */
  based: number;
  /** Somebody saved another version meanwhile. */
  conflict: boolean;
  /** Where the form came from. */
  from: 'kept' | 'guess' | 'native' | 'typed';
  idColumns: Option[];
  columns: {
    index: number;
    name: string;
    samples: string[];
    field: string;
    split: string;
    /** Shown where the field may hold several values. */
    list: boolean;
  }[];
  /** Columns that are too many to be shown. */
  hiddenColumns: number;
  fields: string[];
  /** Rules that only the text of the mapping changes. */
  written: { field: string; text: string }[];
  fallback: { field: string; value: string; options: readonly string[] | null }[];
  words: WordItem[];
  /** Short words that are taken for a subject. */
  understood: { word: string; label: string }[];
  yaml: string;
  yamlErrors: FieldError[];
  preview: PreviewItem[];
  rejected: { line: number; reasons: string[] }[];
  rejectedCount: number;
  errors: FieldError[];
}
