import { z } from 'zod';
import type { FieldFault } from '../../errors.ts';
import { isGrade, sortGrades } from '../../lib/grade.ts';
import { resolveCode } from '../../standards/code-queries.ts';
import type { Vocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { list } from '../../web/parse.ts';
import type { Pool } from 'pg';
import {
  isGapField,
  isMissing,
  isTagField,
  MENDS,
  MODES,
  type GapField,
  type TagField,
  type TagMode,
} from './tag-kinds.ts';
import type { TagFilter } from './tag-queries.ts';
import type { TagWish } from './tag-plan.ts';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0]?.trim().slice(0, 200) ?? '');

/** Which resources are listed and what is to be set, as it stands in the address. */
export const tagQuery = z.object({
  what: one,
  value: one,
  district: one,
  subject: one,
  grade: one,
  words: one,
  set: one,
  page: one.transform((text) => Math.max(1, Math.min(Number.parseInt(text, 10) || 1, 10_000))),
});
export type TagChoice = z.output<typeof tagQuery>;

/** What `what` means: a tag that is missing, or a field of imports. */
export function readWhat(what: string): Pick<TagFilter, 'missing' | 'gap'> {
  const gap = what.startsWith('gap-') ? what.slice(4) : '';
  return { missing: isMissing(what) ? what : null, gap: isGapField(gap) ? gap : null };
}

/** The field that mends what is wrong, unless another one was chosen. */
export function fieldFor({ set, what }: Pick<TagChoice, 'set' | 'what'>): TagField {
  if (isTagField(set)) return set;
  const { missing, gap } = readWhat(what);
  return missing ?? (gap === null ? 'license' : MENDS[gap]);
}

/** The address of a choice. */
export function tagUrl(choice: Partial<TagChoice>): string {
  const query = new URLSearchParams();
  for (const name of ['what', 'value', 'district', 'subject', 'grade', 'words', 'set'] as const)
    if (choice[name]) query.set(name, choice[name]);
  if (choice.page !== undefined && choice.page > 1) query.set('page', String(choice.page));
  return query.size > 0 ? `/curate/tags?${query.toString()}` : '/curate/tags';
}

/** The form that plans a change. */
export const planForm = tagQuery.extend({
  which: one,
  resource: list(2000, 36),
  mode: one,
  to: list(50, 200),
  level: one,
});
export type PlanForm = z.output<typeof planForm>;

/** The first mode of a field, or the one that was chosen. */
export const modeFor = (field: TagField, mode: string): TagMode =>
  MODES[field].find((one) => one === mode) ?? MODES[field][0] ?? 'fill';

/** What is to be set, read against the state's lists. */
export async function readWish(
  pool: Pool,
  form: PlanForm,
  lists: Vocabularies,
): Promise<{ wish: TagWish; faults: FieldFault[] }> {
  const field = fieldFor(form);
  const mode = modeFor(field, form.mode);
  const value = await readValue(pool, field, form, lists);
  const faults: FieldFault[] = value.length === 0 ? [{ field: 'to', key: `tags.fault.${field}` }] : [];
  return { wish: { field, mode, value }, faults };
}

async function readValue(
  pool: Pool,
  field: TagField,
  { to, level }: PlanForm,
  lists: Vocabularies,
): Promise<string[]> {
  const [first = ''] = to;
  const known = <T>(values: readonly T[], key: (value: T) => string, wanted: readonly string[]): T[] =>
    values.filter((value) => wanted.includes(key(value)));
  switch (field) {
    case 'license':
      return known(lists.licenses, ({ code }) => code, [first])
        .filter(({ code }) => code !== 'unknown')
        .map(({ code }) => code);
    case 'type':
      return known(lists.types, ({ slug }) => slug, [first]).map(({ slug }) => slug);
    case 'setting':
      return known(lists.settings, ({ slug }) => slug, [first]).map(({ slug }) => slug);
    case 'language':
      return /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(first) ? [first] : [];
    case 'level':
      return known(lists.levels, ({ slug }) => slug, [first]).map(({ id }) => id);
    case 'grade':
      return sortGrades(to.filter(isGrade));
    case 'subject':
      return known(lists.subjects, ({ slug }) => slug, to).map(({ slug }) => slug);
    case 'topic':
      return known(lists.topics, ({ slug }) => slug, [first]).map(({ id }) => id);
    case 'standard': {
      const [standard] = first === '' ? [] : await resolveCode(pool, first);
      const its = lists.levels.find(({ slug }) => slug === level)?.id ?? '';
      return standard && !standard.retired ? [standard.guid, its] : [];
    }
  }
}

/** The gap that a change mends: the one word that its resources were chosen by, when the change is for its field. */
export function mendedGap(form: PlanForm, field: TagField): { field: GapField; value: string } | null {
  const { gap } = readWhat(form.what);
  return gap !== null && form.value !== '' && MENDS[gap] === field ? { field: gap, value: form.value } : null;
}
