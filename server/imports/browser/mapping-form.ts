import { stringify } from 'yaml';
import type { Mapping, MappingRule } from '../mapping.ts';
import { guessMapping } from '../mapping-guess.ts';
import { valuesAt } from '../mapping.ts';
import { nativeFieldOf } from '../native-columns.ts';
import { NATIVE_FIELDS, type NativeField } from '../native-row.ts';

/** Fields that may hold several values, so that it matters what stands between them. */
export const LIST_FIELDS: ReadonlySet<NativeField> = new Set([
  'subjects',
  'grades',
  'topics',
  'standards',
  'levels',
  'keywords',
  'files',
  'educator_files',
]);

/** Fields that one may give a value for rows that say nothing. */
export const FALLBACK_FIELDS = [
  'type',
  'subjects',
  'grades',
  'license',
  'visibility',
  'language',
  'authors',
  'publisher',
  'school',
] as const satisfies readonly NativeField[];

/** What one of the file's words means: a word that is known here, or null: it is left out. */
export type WordChoice = { field: NativeField; word: string; meant: string | null };

/** A mapping as the form shows it: each column has one field; the id has a column beside that. */
export type MappingForm = {
  idColumn: string;
  /** By column; columns that aren't named are not used. */
  columns: Record<string, { field: NativeField; split: string }>;
  fallback: Partial<Record<NativeField, string>>;
  words: WordChoice[];
};

type Fields = Mapping['fields'];

/** Whether a form of columns says all that the rule says. */
const isPlain = (rule: MappingRule): boolean =>
  rule.template === undefined &&
  rule.do === undefined &&
  !Array.isArray(rule.constant) &&
  !Array.isArray(rule.default) &&
  (rule.from !== undefined || rule.constant !== undefined);

/** Rules that only the text of the mapping can change, with the columns that they read. */
export function writtenRules(fields: Fields, columns: readonly string[]): NativeField[] {
  const there = new Set(columns);
  return NATIVE_FIELDS.filter((field) => {
    const rule = fields[field];
    return (
      rule !== undefined &&
      (!isPlain(rule) || (rule.from !== undefined && !rule.from.some((name) => there.has(name))))
    );
  });
}

/** A mapping as a form; the columns that have a field's own name are that field, unless the mapping says otherwise. */
export function formOf(fields: Fields, columns: readonly string[]): MappingForm {
  const form: MappingForm = { idColumn: '', columns: {}, fallback: {}, words: [] };
  const there = new Set(columns);
  const take = (field: NativeField, column: string, split: string) => {
    if (field === 'external_id') form.idColumn ||= column;
    else form.columns[column] ??= { field, split };
  };
  for (const [field, rule] of Object.entries(fields) as [NativeField, MappingRule][]) {
    for (const [word, meant] of Object.entries(rule.values ?? {})) form.words.push({ field, word, meant });
    if (!isPlain(rule)) continue;
    for (const column of rule.from ?? []) if (there.has(column)) take(field, column, rule.split ?? '');
    const fallback = rule.constant ?? rule.default;
    if (typeof fallback === 'string' && fallback !== '') form.fallback[field] = fallback;
  }
  for (const column of columns) {
    const field = nativeFieldOf(column);
    if (field && fields[field] === undefined) take(field, column, '');
  }
  return form;
}

/** A form that was guessed from the names of the columns and what stands in them. */
export function guessedForm(
  columns: readonly string[],
  sample: readonly Record<string, unknown>[],
): MappingForm {
  const flat = sample.map((row) => {
    const values: Record<string, unknown> = {};
    for (const column of columns) {
      const [first] = valuesAt(row, column);
      if (first !== undefined) values[column] = first;
    }
    return values;
  });
  const { fields } = guessMapping(columns, flat);
  const form: MappingForm = { idColumn: fields.external_id ?? '', columns: {}, fallback: {}, words: [] };
  for (const [field, column] of Object.entries(fields) as [NativeField, string][])
    if (field !== 'external_id')
      form.columns[column] ??= {
        field,
        split: LIST_FIELDS.has(field) ? guessedSplit(column, flat) : '',
      };
  return form;
}

/** A comma, where cells have commas and nothing else that lists are written with. */
function guessedSplit(column: string, sample: readonly Record<string, unknown>[]): string {
  const cells = sample.flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : []));
  if (cells.some((cell) => /[|;]/.test(cell))) return '';
  return cells.filter((cell) => cell.includes(',')).length > cells.length * 0.2 ? ',' : '';
}

/**
 * The mapping that a form says. What the form can't show of the mapping before stays: rules with steps or templates,
 * and columns that this file doesn't have.
 */
export function mappingOf(form: MappingForm, before: Fields, columns: readonly string[]): Fields {
  const fields: Fields = {};
  const written = new Set(writtenRules(before, columns));
  for (const field of NATIVE_FIELDS) {
    const chosen =
      field === 'external_id'
        ? [form.idColumn].filter((column) => column !== '')
        : columns.filter((column) => form.columns[column]?.field === field);
    const rule = ruleOf(field, chosen, form, written.has(field) ? before[field] : undefined, columns);
    if (rule) fields[field] = rule;
  }
  return fields;
}

function ruleOf(
  field: NativeField,
  chosen: readonly string[],
  form: MappingForm,
  written: MappingRule | undefined,
  columns: readonly string[],
): MappingRule | undefined {
  const fallback = form.fallback[field]?.trim() ?? '';
  const words = form.words.filter((one) => one.field === field);
  const values =
    words.length > 0 ? { values: Object.fromEntries(words.map(({ word, meant }) => [word, meant])) } : {};
  const kept = fallback === '' ? {} : { default: fallback };
  if (chosen.length > 0) {
    const split = chosen
      .map((column) => form.columns[column]?.split ?? '')
      .find((one) => one !== '' && LIST_FIELDS.has(field));
    const own = chosen.length === 1 && nativeFieldOf(chosen[0] ?? '') === field;
    if (own && !split && words.length === 0 && fallback === '') return undefined;
    return { from: [...chosen], ...(split ? { split } : {}), ...values, ...kept };
  }
  if (written) return { ...written, ...values };
  if (fallback !== '') return { constant: fallback };
  // A column with the field's own name would be taken by itself.
  return columns.some((column) => nativeFieldOf(column) === field) ? { constant: '' } : undefined;
}

/** A mapping as text, with what somebody has decided about words added to it. */
export function withWords(fields: Fields, words: readonly WordChoice[], columns: readonly string[]): string {
  const changed: Fields = { ...fields };
  for (const { field, word, meant } of words) {
    // Without a rule the field comes from the column with its own name.
    const own = columns.find((column) => nativeFieldOf(column) === field) ?? field;
    const rule = changed[field] ?? { from: [own] };
    changed[field] = { ...rule, values: { ...rule.values, [word]: meant } };
  }
  return stringify({ fields: plainRules(changed) });
}

/** The rules as a person would write them. */
export const plainRules = (
  fields: Fields,
): Partial<Record<NativeField, string | Omit<MappingRule, 'from'>>> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, { from, ...rest }]) => {
      if (from === undefined) return [field, rest];
      const source = from.length === 1 ? from[0] : from;
      return [
        field,
        Object.keys(rest).length === 0 && from.length === 1 ? source : { from: source, ...rest },
      ];
    }),
  );
