import type { FieldFault } from '../errors.ts';
import type { Translate } from '../locale/locale.ts';
import type { FieldError } from './page-parts.ts';

/** The faults of a form in the reader's words, as the error summary and the fields show them. */
export const fieldErrors = (t: Translate, faults: FieldFault[]): FieldError[] =>
  faults.map(({ field, key, params }) => ({ field, message: t(key, params) }));
