import { hash } from 'node:crypto';
import type { VersionFields } from '../resources/version-fields.ts';

/** What was left out of a resource, or changed on the way in, because the portal could not use it. */
export type Gap = {
  field: string;
  reason:
    | 'unknown'
    | 'unreadable'
    | 'tooLong'
    | 'tooMany'
    | 'narrowed'
    | 'fileMissing'
    | 'fileDamaged'
    | 'fileRefused'
    | 'fileUnknown'
    | 'fileAddress'
    | 'fileFetch'
    /** Nothing is left out: its words look like data of students, and staff are asked to look. */
    | 'studentData';
  /** As it was read, shortened. */
  value: string;
  /** More words, for a file: why it was refused. */
  detail?: { key: string; params: Record<string, string> };
};

export type RecordClaim = { guid: string; levelId: string | null; relation: string };
/** `sha256`: of what is stored; in a dry run of content that isn't stored yet, `sent:` and the hash of what would be. */
export type RecordFile = { sha256: string; name: string };

/** What an import writes into a resource, every value as it is stored. */
export type ImportRecord = VersionFields & {
  fullText: string;
  organizationId: string;
  /** Ids. */
  topics: string[];
  /** Ids of competency levels. */
  levels: string[];
  adaptedFrom: string | null;
  files: RecordFile[];
  /** Names of those files that only educators see. */
  educatorFiles: string[];
  claims: RecordClaim[];
};

/** Everything but the claims, which are compared one by one. */
export type RecordField = Exclude<keyof ImportRecord, 'claims'>;

export const RECORD_FIELDS: readonly RecordField[] = [
  'title',
  'summary',
  'description',
  'url',
  'fullText',
  'type',
  'license',
  'language',
  'authors',
  'publisher',
  'minutes',
  'setting',
  'visibility',
  'organizationId',
  'subjects',
  'grades',
  'topics',
  'keywords',
  'levels',
  'adaptedFrom',
  'files',
  'educatorFiles',
];

/** What an import last wrote: a short hash of each field, and of each claim. */
export type Written = { fields: Partial<Record<RecordField, string>>; claims: string[] };

const UNORDERED: ReadonlySet<RecordField> = new Set(['grades', 'levels', 'educatorFiles']);

/** The value as one text in which equal values are equal. */
function canonical(record: ImportRecord, field: RecordField): string {
  const value = record[field];
  if (field === 'files') return JSON.stringify(record.files.map(({ sha256, name }) => [sha256, name]));
  return JSON.stringify(UNORDERED.has(field) ? (value as string[]).toSorted() : value);
}

const short = (text: string): string => hash('sha1', text, 'base64url').slice(0, 10);

export const fieldHash = (record: ImportRecord, field: RecordField): string =>
  short(canonical(record, field));

const NO_FILES = short('[]');

/**
 * The hash of a field as an import wrote it last; undefined where none has. Imports of before there were files for
 * educators wrote none.
 */
export const writtenHash = (written: Written | null, field: RecordField): string | undefined =>
  written?.fields[field] ?? (written && field === 'educatorFiles' ? NO_FILES : undefined);

/** A claim by what it says. */
export const claimHash = ({ guid, levelId, relation }: RecordClaim): string =>
  short(`${guid} ${relation} ${levelId ?? ''}`);

export const writtenOf = (record: ImportRecord): Written => ({
  fields: Object.fromEntries(RECORD_FIELDS.map((field) => [field, fieldHash(record, field)])),
  claims: record.claims.map(claimHash),
});

/**
 * The hash that says whether a row has changed since it was last imported. It is made of the values as they are stored,
 * not of the row: when the state learns a word that was a gap, the same row is a changed one and the gap is mended.
 */
export function contentHash(record: ImportRecord, gaps: readonly Gap[]): string {
  const parts = RECORD_FIELDS.filter(
    // What most rows don't have must not change the hash of all rows that came in before there was such a thing.
    (field) => field !== 'educatorFiles' || record.educatorFiles.length > 0,
  ).map((field) => canonical(record, field));
  parts.push(
    JSON.stringify(record.claims.map(({ guid, levelId, relation }) => [guid, levelId, relation])),
    JSON.stringify(gaps.map(({ field, reason, value }) => [field, reason, value])),
  );
  return hash('sha256', parts.join('\n'), 'base64url');
}
