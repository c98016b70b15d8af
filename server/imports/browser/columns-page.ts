import { stringify } from 'yaml';
import type { Deps } from '../../deps.ts';
import { formats } from '../../locale/format.ts';
import type { Translate } from '../../locale/locale.ts';
import type { FieldError } from '../../web/page-parts.ts';
import { cellOf } from '../../lib/csv-text.ts';
import { loadImportWords, type ImportWords } from '../import-words.ts';
import { valuesAt, type Mapping } from '../mapping.ts';
import { NATIVE_FIELDS } from '../native-row.ts';
import { isReadable } from '../row-reader.ts';
import type { ImportUpload } from '../upload-service.ts';
import type { ImportColumnsPage, PreviewItem, WordItem } from './columns-view.ts';
import { MOST_COLUMNS, SHOWN_WORDS } from './columns-schema.ts';
import type { FirstRows } from './first-rows.ts';
import {
  FALLBACK_FIELDS,
  LIST_FIELDS,
  plainRules,
  writtenRules,
  type MappingForm,
  type WordChoice,
} from './mapping-form.ts';
import { readAhead, unknownWords, withChoices, type AskedWord } from './read-ahead.ts';
import { saidFault, saidGap } from './said.ts';
import { recordWords, SHOWN_FIELDS } from './record-words.ts';

const SAMPLES = 3;
const PREVIEWS = 3;
const REJECTED = 5;
const ASKED_WORDS = 60;

type Props = Omit<
  ImportColumnsPage,
  'actionUrl' | 'yamlUrl' | 'yamlActionUrl' | 'removeUrl' | 'based' | 'conflict' | 'from' | 'yamlErrors'
>;

/** The page of columns: the form, and the first rows as they would stand on the shelf with it. */
export async function columnsPage(
  deps: Pick<Deps, 'pool' | 'files' | 'config'>,
  upload: ImportUpload,
  {
    head,
    form,
    fields,
    errors,
    yaml,
  }: {
    head: FirstRows;
    form: MappingForm;
    fields: Mapping['fields'];
    errors: FieldError[];
    yaml?: string | undefined;
  },
  { t, language }: { t: Translate; language: string },
): Promise<Props> {
  const words = await loadImportWords(deps.pool, upload.districtId);
  const { districtId, widest } = upload;
  const batch = await readAhead(deps, head.rows, {
    fields,
    districtId,
    widest,
    words,
    packed: head.packed,
  });
  const shown = head.columns.slice(0, MOST_COLUMNS);
  const say = await recordWords(
    deps.pool,
    batch.ready.slice(0, PREVIEWS).flatMap(({ record }) => record.claims.map(({ guid }) => guid)),
    { t, fmt: formats(language, t) },
  );
  const preview = batch.ready.slice(0, PREVIEWS).map(({ record, externalId, gaps }): PreviewItem => {
    const said = say(record);
    return {
      title: record.title,
      externalId,
      language: record.language,
      facts: SHOWN_FIELDS.filter(
        (field) => !['title', 'language', 'organizationId', 'adaptedFrom'].includes(field),
      ).flatMap((field) => (said[field] ? [{ field, value: said[field] }] : [])),
      gaps: gaps.map((gap) => saidGap(gap, t)),
    };
  });
  return {
    fileName: upload.input.name,
    source: upload.source,
    district: upload.districtName,
    facts: factsOf(head, t),
    read: head.rows.length,
    more: head.more,
    idColumns: shown.map((name, index) => ({
      value: String(index),
      label: name,
      chosen: name === form.idColumn,
    })),
    columns: shown.map((name, index) => {
      const { field = '', split = '' } = form.columns[name] ?? {};
      return {
        index,
        name,
        samples: samplesOf(head, name),
        field,
        split,
        list: field !== '' && LIST_FIELDS.has(field),
      };
    }),
    hiddenColumns: head.columns.length - shown.length,
    fields: NATIVE_FIELDS.filter((field) => field !== 'external_id'),
    written: writtenRules(fields, head.columns).map((field) => ({
      field,
      text: stringify(plainRules({ [field]: fields[field] })).trim(),
    })),
    fallback: FALLBACK_FIELDS.map((field) => ({
      field,
      value: form.fallback[field] ?? '',
      options: fallbackOptions(words, field),
    })),
    words: wordItems(
      await withChoices(deps.pool, words, [
        ...unknownWords(batch, ASKED_WORDS).map((one) => ({ ...one, meant: null, decided: false })),
        ...form.words.slice(0, SHOWN_WORDS).map((one) => ({ ...one, decided: true, rows: 0, near: [] })),
      ]),
    ),
    understood: [...new Set(batch.understood.map(({ word }) => word))].map((word) => ({
      word,
      label: words.shortFor(word) ?? word,
    })),
    yaml: yaml ?? stringify({ fields: plainRules(fields) }),
    preview,
    rejected: batch.rejected
      .slice(0, REJECTED)
      .map(({ line, faults }) => ({ line, reasons: faults.map((fault) => saidFault(fault, t)) })),
    rejectedCount: batch.rejected.length,
    errors,
  };
}

/** Words as the form asks for them. */
export const wordItems = (words: readonly (AskedWord | (AskedWord & WordChoice))[]): WordItem[] =>
  words.map(({ field, word, rows, decided, meant, near, all }, index) => ({
    index,
    field,
    word,
    rows,
    choice: !decided ? '' : meant === null ? '-' : `=${meant}`,
    near,
    all,
  }));

const VISIBILITIES = ['public', 'state', 'district', 'school'];

/** What may be chosen; null: any text. */
function fallbackOptions(
  words: ImportWords,
  field: (typeof FALLBACK_FIELDS)[number],
): readonly string[] | null {
  if (field === 'visibility') return VISIBILITIES;
  const labels = words.labels(field);
  return labels.length > 0 ? labels : null;
}

function factsOf({ format, text, columns, table }: FirstRows, t: Translate): string[] {
  const facts = [format.toUpperCase()];
  if (text) {
    facts.push(text.encoding === 'utf-8' ? 'UTF-8' : text.encoding.replace(/^utf/, 'UTF').replace(/^w/, 'W'));
    const name = { ',': 'comma', ';': 'semicolon', '\t': 'tab' }[text.separator] ?? 'comma';
    facts.push(t(`import.read.${name}` as 'import.read.comma'));
  }
  facts.push(t(table ? 'import.read.columns' : 'import.read.names', { count: columns.length }));
  return facts;
}

/** The first different values of a column, short. */
function samplesOf({ rows }: FirstRows, column: string): string[] {
  const found = new Set<string>();
  for (const row of rows) {
    if (!isReadable(row)) continue;
    const cell = valuesAt(row.values, column).map(cellOf).join(' | ').replaceAll(/\s+/g, ' ').trim();
    if (cell !== '') found.add(cell.length > 90 ? `${cell.slice(0, 90)}…` : cell);
    if (found.size >= SAMPLES) break;
  }
  return [...found];
}
