import { MAX_RAW_CHARACTERS, type Row, type RowFault } from '../row-reader.ts';
import { restoreCell } from '../../lib/formula-guard.ts';

/** Headings of a table, and what makes rows of its cells. */
export type Table = { columns: string[]; toRow: (cells: string[], place: Place) => Row };

type Place = { position: number; line: number; cut: boolean };

/** Excel's widest sheet has 16,384 columns; nobody's catalog has more than a few hundred. */
export const MAX_COLUMNS = 2000;

/**
 * Reads the heading line of a table. A heading that stands there more than once gives its cells together, as a list; a
 * column without a heading may only be empty.
 */
export function tableOf(headings: readonly string[]): Table {
  const names = headings.map((heading) => heading.replaceAll('\0', '').trim());
  const repeated = new Set(names.filter((name, index) => name !== '' && names.indexOf(name) !== index));
  const columns = [...new Set(names.filter((name) => name !== ''))];
  return {
    columns,
    toRow(cells, { position, line, cut }) {
      const extra = cells.findIndex((cell, index) => !names[index] && cell.trim() !== '');
      if (cut || extra !== -1) {
        const fault: RowFault = cut
          ? { field: null, key: 'import.fault.cut', params: { line } }
          : {
              field: null,
              key: 'import.fault.extraCell',
              params: { line, column: extra + 1, read: short(cells[extra] ?? '') },
            };
        return { position, line, cut, raw: cells.join(' | ').slice(0, MAX_RAW_CHARACTERS), fault };
      }
      const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const [index, name] of names.entries()) {
        const cell = restoreCell(cells[index] ?? '');
        if (name === '' || cell === '') continue;
        if (!repeated.has(name)) values[name] = cell;
        else values[name] = [...((values[name] as string[] | undefined) ?? []), cell];
      }
      return { position, line, values };
    },
  };
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
