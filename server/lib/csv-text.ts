import { neutralizeCell } from './formula-guard.ts';

/** One line of CSV (RFC 4180) with its line end; cells that a spreadsheet would run are neutralized. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(text: string): string {
  const safe = neutralizeCell(text);
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A value of a row as one cell: lists with `|` between their items, objects as JSON. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null))
    return value.map((item) => cellOf(item)).join('|');
  return JSON.stringify(value);
}
