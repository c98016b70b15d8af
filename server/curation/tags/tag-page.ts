import { offeredTerms } from '../../vocabularies/vocabulary-queries.ts';
import { GRADES } from '../../lib/grade.ts';
import { resourcePath } from '../../lib/slug.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { pager } from '../../web/pager.ts';
import type { FieldFault } from '../../errors.ts';
import type { Option } from '../../web/page-parts.ts';
import { MOST_RESOURCES } from './change-service.ts';
import type { TagChange } from './change-store.ts';
import { GAP_FIELDS, MENDS, MISSING, MODES, TAG_FIELDS, type TagField } from './tag-kinds.ts';
import type { TagRow, TagTally } from './tag-queries.ts';
import { fieldFor, modeFor, tagUrl, type TagChoice } from './tag-schema.ts';
import { valueWord, wishWords, type TagWords } from './tag-words.ts';
import type { ChangeLine, TagItem, TagsPage } from './tag-view.ts';

/** Resources of one page. */
export const TAG_ROWS = 50;

/** What was typed into the form that plans a change. */
export interface TypedChange {
  to: string[];
  mode: string;
  level: string;
  ticked: string[];
  which: string;
  faults: FieldFault[];
}

/** The props of `curate/tags`. */
export function tagsPage(input: {
  words: TagWords;
  choice: TagChoice;
  tally: TagTally;
  found: { total: number; rows: readonly TagRow[] };
  districts: readonly { slug: string; name: string }[];
  changes: readonly TagChange[];
  typed: TypedChange;
}): TagsPage {
  const { words, choice, tally, found } = input;
  const { t } = words;
  const { set: _, page: __, ...where } = choice;
  return {
    all: tally.all,
    missing: MISSING.map((name) => ({
      label: t(`tags.missing.${name}`),
      count: tally.missing[name],
      url: tagUrl({ ...where, what: name, value: '' }),
      current: choice.what === name,
    })),
    gaps: tally.gaps.map(({ field, value, count }) => ({
      field: t(`tags.field.${MENDS[field]}`),
      value,
      count,
      url: tagUrl({ ...where, what: `gap-${field}`, value }),
      current: choice.what === `gap-${field}` && choice.value === value,
    })),
    filter: filterOf(input),
    rows: found.rows.map((row) => tagItem(row, words)),
    total: found.total,
    tooMany: found.total > MOST_RESOURCES ? MOST_RESOURCES : null,
    pager: pager(choice.page, Math.ceil(found.total / TAG_ROWS), (page) => tagUrl({ ...choice, page })),
    form: formOf(input),
    changes: input.changes.map((change) => changeLine(change, words)),
  };
}

const option = (value: string, label: string, chosen: string): Option => ({
  value,
  label,
  chosen: value === chosen,
});

function filterOf({
  words: { t, fmt, lists },
  choice,
  districts,
}: Parameters<typeof tagsPage>[0]): TagsPage['filter'] {
  return {
    what: [
      option('', t('tags.what.any'), choice.what),
      ...MISSING.map((name) => option(name, t(`tags.missing.${name}`), choice.what)),
      ...GAP_FIELDS.map((name) =>
        option(`gap-${name}`, t('tags.what.gap', { field: t(`tags.field.${MENDS[name]}`) }), choice.what),
      ),
    ],
    value: choice.value,
    districts:
      districts.length > 1
        ? [
            option('', t('tags.everywhere'), choice.district),
            ...districts.map(({ slug, name }) => option(slug, name, choice.district)),
          ]
        : [],
    subjects: [
      option('', t('tags.anySubject'), choice.subject),
      ...lists.subjects.map(({ slug, label }) => option(slug, label, choice.subject)),
    ],
    grades: [
      option('', t('coverage.allGrades'), choice.grade),
      ...GRADES.map((grade) => option(grade, fmt.grade(grade), choice.grade)),
    ],
    words: choice.words,
    fields: TAG_FIELDS.map((field) => option(field, t(`tags.field.${field}`), fieldFor(choice))),
  };
}

function formOf({ words, choice, typed }: Parameters<typeof tagsPage>[0]): TagsPage['form'] {
  const { t, lists } = words;
  const field = fieldFor(choice);
  const hidden = (['what', 'value', 'district', 'subject', 'grade', 'words'] as const).filter(
    (name) => choice[name] !== '',
  );
  return {
    field,
    options: optionsOf(field, words).map((one) => ({ ...one, chosen: typed.to.includes(one.value) })),
    many: field === 'grade' || field === 'subject',
    typed: typed.to[0] ?? '',
    levels:
      field === 'standard'
        ? [
            option('', t('tags.noLevelYet'), typed.level),
            ...lists.levels.map(({ slug, label }) => option(slug, label, typed.level)),
          ]
        : [],
    modes: MODES[field].map((mode) => ({
      value: mode,
      label: t(`tags.mode.${mode}`),
      chosen: mode === modeFor(field, typed.mode),
    })),
    hidden: [...hidden.map((name) => ({ name, value: choice[name] })), { name: 'set', value: field }],
    ticked: typed.ticked,
    which: typed.which === 'ticked' ? 'ticked' : 'all',
    errors: fieldErrors(t, typed.faults),
  };
}

/** What may be chosen; empty where a text is typed. */
function optionsOf(field: TagField, { fmt, lists }: TagWords): Option[] {
  const of = (list: readonly { slug: string; label: string }[]): Option[] =>
    list.map(({ slug, label }) => ({ value: slug, label, chosen: false }));
  switch (field) {
    case 'license':
      return lists.licenses
        .filter(({ code }) => code !== 'unknown')
        .map(({ code, name }) => ({ value: code, label: name, chosen: false }));
    case 'type':
      return of(offeredTerms(lists.types));
    case 'setting':
      return of(offeredTerms(lists.settings));
    case 'subject':
      return of(offeredTerms(lists.subjects));
    case 'level':
      return of(lists.levels);
    case 'grade':
      return GRADES.map((grade) => ({ value: grade, label: fmt.grade(grade), chosen: false }));
    case 'topic':
      return lists.topics.map(({ slug, path }) => ({ value: slug, label: path, chosen: false }));
    case 'language':
    case 'standard':
      return [];
  }
}

function tagItem(row: TagRow, words: TagWords): TagItem {
  const { t, fmt } = words;
  const levels = row.levels.map((slug) => valueWord('level', slug, words));
  return {
    id: row.id,
    title: row.title || t('share.untitled'),
    url: resourcePath(row.id, row.title),
    language: row.language,
    organization: row.organization,
    has: [
      row.type === null ? '' : valueWord('type', row.type, words),
      fmt.grades(row.grades),
      fmt.list(row.subjects.map((one) => valueWord('subject', one, words))),
      row.license === null ? '' : valueWord('license', row.license, words),
      ...row.claims.map(({ code, level }) =>
        level === null ? code : `${code}, ${valueWord('level', level, words)}`,
      ),
      ...levels,
    ].filter((part) => part !== ''),
    gaps: row.gaps.map(({ value }) => value),
  };
}

/** A change in a list. */
export const changeLine = (change: TagChange, words: TagWords): ChangeLine => ({
  url: `/curate/tags/changes/${change.id}`,
  words: wishWords(change, words),
  state: change.state,
  by: change.person,
  at: change.madeAt,
  count: change.state === 'planned' ? change.planned.change : change.outcome.changed,
});
