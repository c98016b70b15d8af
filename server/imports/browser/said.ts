import type { Translate } from '../../locale/locale.ts';
import type { Gap } from '../import-record.ts';
import { NATIVE_FIELDS, type NativeField } from '../native-row.ts';
import type { RowFault } from '../row-reader.ts';
import { gapWords } from '../run-report.ts';

/** A gap in words that name its field as this page does. */
export const saidGap = (gap: Gap, t: Translate): string =>
  gapWords({ ...gap, field: isNative(gap.field) ? t(`import.field.${gap.field}`) : gap.field }, t);

const isNative = (field: string): field is NativeField =>
  (NATIVE_FIELDS as readonly string[]).includes(field);

/** A fault in words that name its field as this page does. */
export function saidFault({ field, key, params }: RowFault, t: Translate): string {
  const named = params['field'];
  const words = t(key, typeof named === 'string' ? { ...params, field: fieldName(named, t) } : params);
  return field === null || key.startsWith('import.gap.') ? words : `${fieldName(field, t)}: ${words}`;
}

const fieldName = (field: string, t: Translate): string =>
  isNative(field) ? t(`import.field.${field}`) : field;
