import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { readHtml } from '../lib/html-markdown.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';
import { nativeFieldOf } from './native-columns.ts';
import { NATIVE_FIELDS, type NativeField } from './native-row.ts';
import type { RowMapper } from './prepare-batch.ts';

/** The longest mapping that is read, in characters. */
const MAX_MAPPING = 256 * 1024;

const text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** One step on the way from a cell to a value. */
const step = z.union([
  z.enum(['trim', 'lower', 'first', 'words']),
  z.strictObject({ pick: z.int().min(1) }),
  z.strictObject({ split: z.string().min(1) }),
  z.strictObject({ join: z.string() }),
  z.strictObject({ replace: z.strictObject({ from: z.string().min(1), to: z.string().default('') }) }),
  z.strictObject({ template: z.string() }),
]);

type Step = z.output<typeof step>;

const rule = z.strictObject({
  /** Columns, or paths into the objects of a JSON file; the values of several stand one after the other. */
  from: z.union([text.transform((name) => [name]), z.array(text).min(1)]).optional(),
  constant: z.union([text, z.array(text)]).optional(),
  /** A text with columns in braces. */
  template: z.string().optional(),
  split: z.string().min(1).optional(),
  do: z.array(step).optional(),
  /** What each value of the file is here. */
  values: z.record(z.string(), z.union([text, z.null()])).optional(),
  default: z.union([text, z.array(text)]).optional(),
});

/** How one field is made. */
export type MappingRule = z.output<typeof rule>;
type Rule = MappingRule;

const mapping = z.strictObject({
  fields: z.partialRecord(
    z.enum(NATIVE_FIELDS),
    z.union([text.transform((name): Rule => ({ from: [name] })), rule]),
  ),
});

/** How the columns of a file become native fields. */
export type Mapping = z.output<typeof mapping>;

/** A mapping that can't be used, in words. */
export class MappingError extends Error {
  readonly key: MessageKey;
  readonly params: MessageParams;
  constructor(key: MessageKey, params: MessageParams) {
    super(key);
    this.name = 'MappingError';
    this.key = key;
    this.params = params;
  }
}

/** Reads a mapping from YAML. @throws MappingError that names the place */
export function parseMapping(yaml: string): Mapping {
  if (yaml.length > MAX_MAPPING) throw new MappingError('import.map.tooLong', { max: MAX_MAPPING });
  const document = parseDocument(yaml, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    throw new MappingError('import.map.yaml', { line, message: error.message.split('\n')[0] ?? '' });
  }
  const data: unknown = asData(document);
  const fields = typeof data === 'object' && data !== null && 'fields' in data ? data.fields : undefined;
  const unknown = Object.keys(fields ?? {}).find(
    (field) => !(NATIVE_FIELDS as readonly string[]).includes(field),
  );
  if (unknown !== undefined && typeof fields === 'object')
    throw new MappingError('import.map.field', { field: unknown, known: NATIVE_FIELDS.join(', ') });
  const result = mapping.safeParse(data);
  if (result.success) return result.data;
  const place = result.error.issues[0]?.path.map(String).join('.') || 'fields';
  throw new MappingError('import.map.rule', { place });
}

/** The document's values; aliases that would multiply it are refused by the reader of YAML. */
function asData(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 }) as unknown;
  } catch (error) {
    throw new MappingError('import.map.yaml', {
      line: 1,
      message: error instanceof Error ? error.message : '',
    });
  }
}

/**
 * Makes what maps the rows of a file. A field that the mapping doesn't name is taken from the column that has the
 * field's own name, if there is one.
 */
export function mappingMapper({ fields }: Mapping): RowMapper {
  const rules = Object.entries(fields) as [NativeField, Rule][];
  const named = new Set(rules.map(([field]) => field));
  const levels = fields.levels?.values;
  return (values) => {
    const mapped: Partial<Record<NativeField, unknown>> = {};
    for (const [column, value] of Object.entries(values)) {
      const field = nativeFieldOf(column);
      if (field !== undefined && !named.has(field)) mapped[field] ??= value;
    }
    for (const [field, one] of rules) mapped[field] = valueOf(values, one, field);
    if (levels && mapped.standards !== undefined) mapped.standards = withLevels(mapped.standards, levels);
    return mapped;
  };
}

type Values = Record<string, unknown>;

/** What stands between the items of a cell where a rule doesn't say: as rows in the native form are read. */
const ITEMS: Partial<Record<NativeField, RegExp>> = {
  subjects: /[;\n]/,
  grades: /[;\n]/,
  topics: /[;\n]/,
  standards: /[;\n]/,
  levels: /[;,\n]/,
  keywords: /[;,\n]/,
};

/** A cell as its items, for a table of values: unless the table has the whole cell, or there is only one. */
function itemsOf(field: NativeField, table: NonNullable<Rule['values']>, value: unknown): unknown[] {
  const others = ITEMS[field];
  if (!others || typeof value !== 'string' || Object.hasOwn(table, wordOf(value))) return [value];
  return value.split(value.includes('|') ? '|' : others).map((part) => part.trim());
}

/** `3.NF.A.1@Prof`: the level behind the @ is one of the file's words for levels too. */
function withLevels(standards: unknown, table: NonNullable<Rule['values']>): unknown {
  if (Array.isArray(standards)) return standards.map((one) => withLevels(one, table));
  if (typeof standards !== 'string') return standards;
  return standards.replaceAll(/@([^@|;\n]+)/g, (whole, level: string) => {
    const meant = Object.hasOwn(table, wordOf(level)) ? table[wordOf(level)] : level;
    return meant === level ? whole : meant === null || meant === undefined ? '' : `@${meant}`;
  });
}

function valueOf(values: Values, one: Rule, field: NativeField): unknown {
  if (one.constant !== undefined) return one.constant;
  const steps: Step[] = [...(one.split === undefined ? [] : [{ split: one.split }]), ...(one.do ?? [])];
  let found: unknown[] = [];
  if (one.template !== undefined) found = [fill(one.template, (name) => valuesAt(values, name))];
  else for (const name of one.from ?? []) found.push(...valuesAt(values, name));
  for (const each of steps) found = take(each, found);
  const { values: table } = one;
  if (table)
    found = found
      .flatMap((value) => (one.split === undefined ? itemsOf(field, table, value) : [value]))
      .map((value) => translated(table, value))
      .filter((value) => value !== null);
  found = found.filter((value) => value !== '' && value !== null && value !== undefined);
  if (found.length === 0) return one.default ?? null;
  return found.length === 1 ? found[0] : found;
}

/** The values under a column's name, or where a path leads: `a.b`, `a[0].b`, `a[].b`. */
export function valuesAt(values: Values, name: string): unknown[] {
  const direct = values[name];
  if (direct !== undefined && direct !== null) return Array.isArray(direct) ? direct : [direct];
  if (!/[.[]/.test(name)) return [];
  let here: unknown[] = [values];
  for (const [, key, index] of name.matchAll(/([^.[\]]+)|\[(\d*)\]/g)) {
    if (key !== undefined)
      here = here.flatMap((one) => {
        const next =
          typeof one === 'object' && one !== null && !Array.isArray(one) && Object.hasOwn(one, key)
            ? (one as Values)[key]
            : undefined;
        return next === undefined || next === null ? [] : [next];
      });
    else
      here = here.flatMap((one) =>
        !Array.isArray(one) ? [] : index === '' ? one : one.slice(Number(index), Number(index) + 1),
      );
  }
  return here.flat();
}

const plain = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value as number);

const fill = (template: string, of: (name: string) => unknown[]): string => {
  let empty = false;
  const filled = template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = of(name.trim()).map(plain).join(', ');
    if (value === '') empty = true;
    return value;
  });
  // An address with a hole in it leads nowhere.
  return empty ? '' : filled;
};

function take(each: Step, found: unknown[]): unknown[] {
  if (each === 'first') return found.slice(0, 1);
  if (each === 'words')
    return found.map((value) => (typeof value === 'string' ? readHtml(value).text : value));
  if (each === 'trim') return found.map((value) => (typeof value === 'string' ? value.trim() : value));
  if (each === 'lower')
    return found.map((value) => (typeof value === 'string' ? value.toLowerCase() : value));
  if ('pick' in each) return found.slice(each.pick - 1, each.pick);
  if ('split' in each)
    return found.flatMap((value) =>
      typeof value === 'string' ? value.split(each.split).map((part) => part.trim()) : [value],
    );
  if ('join' in each)
    return [
      found
        .map(plain)
        .filter((value) => value !== '')
        .join(each.join),
    ];
  if ('replace' in each)
    return found.map((value) => plain(value).replaceAll(each.replace.from, each.replace.to));
  return found.map((value) => fill(each.template, (name) => (name === 'value' ? [value] : [])));
}

/** A value as tables of values name it. */
const wordOf = (value: unknown): string => plain(value).replaceAll(/\s+/g, ' ').trim();

/**
 * By the table; a value that it doesn't have stays as it is, one that it gives nothing for goes. A standard keeps the
 * level behind its @.
 */
function translated(table: NonNullable<Rule['values']>, value: unknown): unknown {
  const key = wordOf(value);
  if (Object.hasOwn(table, key)) return table[key];
  const [, code = '', level = ''] = /^([^@]+)(@.+)$/.exec(key) ?? [];
  const meant = Object.hasOwn(table, code.trim()) ? table[code.trim()] : undefined;
  return meant === undefined ? value : meant === null ? null : `${meant}${level}`;
}

/** A mapping as YAML, with words above it. */
export const writeMapping = (
  fields: Partial<Record<NativeField, string | Partial<MappingRule>>>,
  comment: string,
): string =>
  `${comment
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n')}\n${stringify({ fields })}`;
