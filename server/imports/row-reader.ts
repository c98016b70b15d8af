import type { BoundedZip } from '../files/zip-reader.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';

/** What is wrong with a row, for its sender: the column (null: the row as a whole), and the sentence. */
export type RowFault = { field: string | null; key: MessageKey; params: MessageParams };

/** One row as it was read: its values under the names that the file gives them. */
export type ReadRow = {
  /** Counts rows of data, from 1, without headings and empty lines. It names the row in reports and is where a run resumes. */
  position: number;
  /** Where people find it: the line of a text, the row of a sheet. */
  line: number;
  values: Record<string, unknown>;
};

/** A row that can't be read. `cut`: the file ends in its middle, so nobody knows what should have followed. */
export type UnreadableRow = {
  position: number;
  line: number;
  fault: RowFault;
  raw: string;
  cut: boolean;
  /** Nothing is wrong with it: it is of a kind that isn't taken, and `fault` says so. */
  skipped?: true;
};

export type Row = ReadRow | UnreadableRow;

export type RowFormat = 'ndjson' | 'json' | 'csv' | 'tsv' | 'xlsx' | 'cartridge' | 'json-ld' | 'folder';

/**
 * The package in which the files of rows lie, below a folder of it. `sent`: those that were sent before, by their paths
 * from that folder.
 */
export type PackedFiles = { zip: BoundedZip; base: string; sent?: ReadonlyMap<string, string> };

/**
 * A file of rows, open for one pass. A reader gives the same rows with the same positions each time, holds only a few
 * of them in memory, and tells of a bad row instead of throwing.
 */
export type RowSource = {
  format: RowFormat;
  /** Headings in order, as written; null where every row names its own fields. */
  columns: string[] | null;
  /** How a table in a text was read: in which encoding, and what stands between its cells. */
  text?: { encoding: string; separator: string };
  rows: AsyncIterable<Row>;
  /** The package in which the files of the rows lie, below a folder of it. */
  packed?: PackedFiles;
  /** How much of the file has been read, in bytes. */
  bytesDone: () => number;
  /** Lets go of the file; needed where the rows aren't read to their end. */
  close: () => Promise<void>;
};

export const isReadable = (row: Row): row is ReadRow => 'values' in row;

/** The file as a whole can't be read; `key` says why and what would work. */
export class UnreadableFile extends Error {
  readonly key: MessageKey;
  readonly params: MessageParams;
  constructor(key: MessageKey, params: MessageParams = {}) {
    super(key);
    this.name = 'UnreadableFile';
    this.key = key;
    this.params = params;
  }
}

/** The longest row that is read, in characters. */
export const MAX_ROW_CHARACTERS = 16 * 1024 * 1024;

/** How much of an unreadable row is shown. */
export const MAX_RAW_CHARACTERS = 2000;
