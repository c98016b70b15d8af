import type { Format } from '../../locale/format.ts';
import type { Translate } from '../../locale/locale.ts';
import type { Vocabularies } from '../../vocabularies/vocabulary-queries.ts';
import type { TagField } from './tag-kinds.ts';
import { OWN, type TagValue, type TagWish } from './tag-plan.ts';

/** What puts values of tags into words. */
export interface TagWords {
  t: Translate;
  fmt: Format;
  lists: Vocabularies;
  /** Codes of standards by GUID. */
  codes: ReadonlyMap<string, string>;
}

/** One value of a field as it is called; the value itself where nobody has a name for it. */
export function valueWord(field: TagField, value: string, { fmt, lists, codes }: TagWords): string {
  const named = (list: readonly { slug: string; label: string }[]): string =>
    list.find(({ slug }) => slug === value)?.label ?? value;
  switch (field) {
    case 'license':
      return lists.licenses.find(({ code }) => code === value)?.name ?? value;
    case 'type':
      return named(lists.types);
    case 'setting':
      return named(lists.settings);
    case 'subject':
      return named(lists.subjects);
    case 'grade':
      return fmt.grade(value);
    case 'language':
      return fmt.language(value);
    case 'topic':
      return lists.topics.find(({ id, slug }) => id === value || slug === value)?.path ?? value;
    case 'level':
      return lists.levels.find(({ id, slug }) => id === value || slug === value)?.label ?? value;
    case 'standard':
      return codes.get(value) ?? value;
  }
}

/** "Grade 4 and Grade 5", "none": a value before or after. */
export function valueWords(field: TagField, value: TagValue, words: TagWords): string {
  const { t, fmt } = words;
  if (field === 'level' && Array.isArray(value))
    return value.includes(OWN) ? t('tags.noLevel') : t('tags.claimsWithoutLevel', { count: value.length });
  if (field === 'standard' && Array.isArray(value)) {
    const named = value.flatMap((guid) => words.codes.get(guid) ?? []);
    return named.length === 0 ? t('tags.nothing') : fmt.list(named);
  }
  const all = (Array.isArray(value) ? value : [value]).flatMap((one) => one ?? []);
  return all.length === 0 ? t('tags.nothing') : fmt.list(all.map((one) => valueWord(field, one, words)));
}

/** "License: CC BY 4.0, only where nothing is said": a change in one line. */
export function wishWords({ field, mode, value }: TagWish, words: TagWords): string {
  const { t, fmt } = words;
  const [first = '', level = ''] = value;
  const named =
    field === 'standard'
      ? [
          valueWord('standard', first, words),
          ...(level === '' ? [] : [valueWord('level', level, words)]),
        ].join(', ')
      : fmt.list(value.map((one) => valueWord(field, one, words)));
  return t('tags.wish', { field: t(`tags.field.${field}`), value: named, mode: t(`tags.mode.${mode}`) });
}
