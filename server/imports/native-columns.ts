import { NATIVE_FIELDS, type NativeField } from './native-row.ts';
import type { RowMapper } from './prepare-batch.ts';

const FIELDS = new Map<string, NativeField>(NATIVE_FIELDS.map((field) => [field.replaceAll('_', ''), field]));

/** The native field that a column is, in any spelling: `External ID`, `externalId`; undefined for other columns. */
export const nativeFieldOf = (column: string): NativeField | undefined =>
  /^[a-z][a-z _.-]*$/i.test(column.trim())
    ? FIELDS.get(column.toLowerCase().replaceAll(/[^a-z]/g, ''))
    : undefined;

/**
 * The mapper of a file in the native form. `columns`: the headings of a table; null where each row names its fields.
 */
export function nativeMapper(columns: readonly string[] | null): RowMapper {
  const fieldOf = new Map((columns ?? []).map((column) => [column, nativeFieldOf(column)]));
  return (values) => {
    const mapped: Partial<Record<NativeField, unknown>> = {};
    for (const [name, value] of Object.entries(values)) {
      const field = columns ? fieldOf.get(name) : nativeFieldOf(name);
      if (field !== undefined && mapped[field] === undefined) mapped[field] = value;
    }
    return mapped;
  };
}
