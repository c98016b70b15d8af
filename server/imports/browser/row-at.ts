import type { Deps } from '../../deps.ts';
import { nativeFieldOf } from '../native-columns.ts';
import type { NativeField } from '../native-row.ts';
import type { Mapping } from '../mapping.ts';
import { openRows } from '../readers/read-rows.ts';
import type { Row } from '../row-reader.ts';
import type { ImportRun } from '../run-store.ts';

/** One row of a run's file, read again from the file itself, with the headings of the table. */
export async function rowAt(
  { files }: Pick<Deps, 'files'>,
  run: Pick<ImportRun, 'input'>,
  position: number,
): Promise<{ row: Row; columns: string[] | null } | undefined> {
  const source = await openRows({ path: files.path(run.input.sha256), name: run.input.name });
  try {
    for await (const row of source.rows)
      if (row.position === position) return { row, columns: source.columns };
  } finally {
    await source.close();
  }
  return undefined;
}

/** Which field a column of the file is for, where one can tell. */
export function fieldsOfColumns(
  fields: Mapping['fields'] | null,
  columns: readonly string[],
): Map<string, NativeField> {
  const found = new Map<string, NativeField>();
  for (const column of columns) {
    const field = nativeFieldOf(column);
    if (field && fields?.[field] === undefined) found.set(column, field);
  }
  for (const [field, rule] of Object.entries(fields ?? {}) as [
    NativeField,
    { from?: string[]; template?: string },
  ][]) {
    const named = [
      ...(rule.from ?? []),
      ...[...(rule.template ?? '').matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name.trim()),
    ];
    for (const name of named) {
      const column = columns.includes(name) ? name : /^[^.[]+/.exec(name)?.[0];
      if (column && columns.includes(column) && !found.has(column)) found.set(column, field);
    }
  }
  return found;
}
