import { z } from 'zod';
import { cleanText } from '../../web/parse.ts';
import { NATIVE_FIELDS, type NativeField } from '../native-row.ts';
import { FALLBACK_FIELDS, type MappingForm, type WordChoice } from './mapping-form.ts';

/** How many columns the form shows; wider tables are mapped by text. */
export const MOST_COLUMNS = 300;
/** How many decided words the form shows; the others stay as they are. */
export const SHOWN_WORDS = 200;
const MOST_WORDS = 400;

const value = z
  .string()
  .max(2000)
  .transform((text) => cleanText(text).trim())
  .catch('');

const body = z.record(z.string(), value);

const isField = (text: string): text is NativeField => (NATIVE_FIELDS as readonly string[]).includes(text);

/** What the buttons of the form do. */
export const pressed = z
  .object({
    do: z.enum(['look', 'save', 'try']).catch('look'),
    based: z.coerce.number().int().min(0).catch(0),
  })
  .catch({ do: 'look', based: 0 });

/** Reads the form of columns; what it can't read is as if it had not been chosen. */
export function readColumns(given: unknown, columns: readonly string[]): MappingForm {
  const sent = body.catch({}).parse(given ?? {});
  const form: MappingForm = { idColumn: '', columns: {}, fallback: {}, words: readWords(given) };
  form.idColumn = columns[Number(sent['id'] || Number.NaN)] ?? '';
  for (const [index, column] of columns.slice(0, MOST_COLUMNS).entries()) {
    const field = sent[`column.${index}`] ?? '';
    if (isField(field) && field !== 'external_id')
      form.columns[column] = { field, split: (sent[`split.${index}`] ?? '').slice(0, 10) };
  }
  for (const field of FALLBACK_FIELDS) {
    const text = sent[`fallback.${field}`] ?? '';
    if (text !== '') form.fallback[field] = text.slice(0, 300);
  }
  return form;
}

/** What somebody has decided about words: `-` leaves one out, `=Lesson` says what it is; the rest stays open. */
export function readWords(given: unknown): WordChoice[] {
  const sent = body.catch({}).parse(given ?? {});
  const words: WordChoice[] = [];
  for (let index = 0; index < MOST_WORDS; index += 1) {
    const field = sent[`word.${index}.field`];
    const word = sent[`word.${index}.word`] ?? '';
    const choice = sent[`word.${index}`] ?? '';
    if (field === undefined) break;
    if (!isField(field) || word === '' || choice === '') continue;
    words.push({ field, word, meant: choice.startsWith('=') ? choice.slice(1) : null });
  }
  return words;
}
