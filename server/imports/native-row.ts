import { z } from 'zod';
import { cleanText } from '../web/parse.ts';
import type { RowFault } from './row-reader.ts';

/** The fields of a row in the native form (docs/district.md), in the order of a template. */
export const NATIVE_FIELDS = [
  'external_id',
  'title',
  'summary',
  'description',
  'url',
  'files',
  'educator_files',
  'text',
  'type',
  'subjects',
  'grades',
  'topics',
  'standards',
  'levels',
  'license',
  'language',
  'authors',
  'publisher',
  'school',
  'keywords',
  'minutes',
  'setting',
  'visibility',
  'adapted_from',
  'modified',
] as const;

export type NativeField = (typeof NATIVE_FIELDS)[number];

/** A standard as a row names it. */
export type StandardClaim = {
  code: string;
  framework: string;
  level: string;
  relation: string;
  /** What else it is called, where nobody knows the first: the code beside a GUID. */
  spare?: string[];
};

/** Any scalar as text; a list as its items with commas; an object by its name. NUL and half characters are dropped. */
function toText(value: unknown): string {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (Array.isArray(value))
    return value
      .map(toText)
      .filter((item) => item !== '')
      .join(', ');
  if (typeof value === 'object' && value !== null) {
    const named = value as Record<string, unknown>;
    return toText(named['name'] ?? named['title'] ?? named['label'] ?? named['value'] ?? named['@id'] ?? '');
  }
  return '';
}

const oneLine = z.unknown().transform((value) => toText(value).replaceAll(/\s+/g, ' ').trim());
const lines = z.unknown().transform((value) => toText(value).replaceAll(/\r\n?/g, '\n').trim());

/** A list: a JSON list, or texts with `|` between the items; where there is none, with what else lists are written with. */
const listOf = (others: RegExp | null) =>
  z.unknown().transform((value) => [
    ...new Set(
      itemsOf(value, others)
        .map((item) => toText(item).replaceAll(/\s+/g, ' ').trim())
        .filter((item) => item !== ''),
    ),
  ]);

/** Names of files: white space inside is part of a name. */
const fileNames = z
  .unknown()
  .transform((value) => [
    ...new Set(
      (Array.isArray(value)
        ? value.map(toText)
        : itemsOf(value, null).map((item) => toText(item).trim())
      ).filter((name) => name !== ''),
    ),
  ]);

function itemsOf(value: unknown, others: RegExp | null): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemsOf(item, others));
  if (typeof value !== 'string') return value === null || value === undefined ? [] : [value];
  const text = value.trim();
  if (/^\[[^]*\]$/.test(text)) {
    const list = fromJson(text);
    if (Array.isArray(list)) return list;
  }
  return text.includes('|') || !others ? text.split('|') : text.split(others);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const claims = z.unknown().transform((value) =>
  itemsOf(value, /[;\n]/).flatMap((item): StandardClaim[] => {
    const claim =
      typeof item === 'object' && item !== null
        ? claimOf(item as Record<string, unknown>)
        : readClaim(toText(item));
    return claim.code === '' ? [] : [claim];
  }),
);

function claimOf(named: Record<string, unknown>): StandardClaim {
  const text = (...names: string[]) =>
    toText(names.map((name) => named[name]).find((value) => value !== undefined && value !== null)).trim();
  const names = ['guid', 'code', 'standard', 'identifier'].map((name) => text(name));
  const [first = '', ...others] = names.filter((name) => name !== '');
  const read = readClaim(first);
  const spare = others.filter((name) => name !== first);
  return {
    ...(spare.length > 0 ? { spare } : {}),
    code: read.code,
    framework: text('framework'),
    level: text('level') || read.level,
    relation: text('relation').toLowerCase(),
  };
}

/** `3.NF.A.1@Proficient` */
function readClaim(text: string): StandardClaim {
  const at = text.lastIndexOf('@');
  const [code, level] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, ''];
  return { code: code.replaceAll(/\s+/g, ' ').trim(), level: level.trim(), framework: '', relation: '' };
}

const nativeRow = z.object({
  external_id: oneLine.pipe(z.string().min(1, 'import.fault.noId').max(500, 'import.fault.idTooLong')),
  title: oneLine.pipe(z.string().min(1, 'import.fault.noTitle')),
  summary: oneLine,
  description: lines,
  url: oneLine,
  files: fileNames,
  educator_files: fileNames,
  text: lines,
  type: listOf(null),
  subjects: listOf(/[;\n]/),
  grades: listOf(/[;\n]/),
  topics: listOf(/[;\n]/),
  standards: claims,
  levels: listOf(/[;,\n]/),
  license: oneLine,
  language: oneLine,
  authors: oneLine,
  publisher: oneLine,
  school: oneLine,
  keywords: listOf(/[;,\n]/),
  minutes: oneLine,
  setting: oneLine,
  visibility: oneLine,
  adapted_from: oneLine,
  modified: oneLine,
});

/** A row in plain types: texts cleaned, lists split; what the values mean is not known yet. */
export type NativeRow = z.output<typeof nativeRow>;

/**
 * Reads a row whose values stand under native field names. Whatever has an id, a title and one of url, files and text
 * is taken; anything odd in the rest is a matter of `resolveRow`.
 */
export function readNativeRow(
  values: Partial<Record<NativeField, unknown>>,
): { ok: true; row: NativeRow } | { ok: false; faults: RowFault[]; externalId: string | null } {
  const result = nativeRow.safeParse(
    Object.fromEntries(NATIVE_FIELDS.map((field) => [field, values[field] ?? null])),
  );
  const faults: RowFault[] = result.success
    ? []
    : result.error.issues.map((issue) => ({
        field: String(issue.path[0]),
        key: issue.message as RowFault['key'],
        params: {},
      }));
  const externalId = externalIdOf(values);
  if (result.success && hasContent(result.data)) return { ok: true, row: result.data };
  const nothing = ['url', 'files', 'educator_files', 'text'].every(
    (field) => toText(values[field as NativeField]).trim() === '',
  );
  if (nothing) faults.push({ field: 'url', key: 'import.fault.noContent', params: {} });
  return { ok: false, faults, externalId: externalId === '' || externalId.length > 500 ? null : externalId };
}

/** The external id of a row as far as it can be read. */
export const externalIdOf = (values: Partial<Record<NativeField, unknown>>): string =>
  toText(values.external_id).replaceAll(/\s+/g, ' ').trim();

const hasContent = (row: NativeRow): boolean =>
  row.url !== '' || row.files.length > 0 || row.educator_files.length > 0 || row.text !== '';
