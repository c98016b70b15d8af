import { cpus, totalmem } from 'node:os';

/** The value under which so many percent of the numbers lie (nearest rank). @throws RangeError for an empty list */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (found === undefined) throw new RangeError('No numbers');
  return found;
}

/** p50, p95 and p99 as cells of a table, in ms. */
export const spread = (numbers: readonly number[]): string[] =>
  [50, 95, 99].map((percent) => ms(percentile(numbers, percent)));

export const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

/** A Markdown table; numbers to the right. */
export function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = heads.map((_, index) =>
    rows.every((row) => /^[\d–<][\d.,]*/.test(row[index] ?? '') || row[index] === '–') ? '---:' : '---',
  );
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
}

/** One line that names the machine. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
}

/** Whether a bar is met, in words for a table. */
export const verdict = (value: number, bar: number): string => (value <= bar ? 'met' : 'not met');

/** A line of progress, for whoever waits. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A part of the result: Markdown, with an empty line behind it. */
export const print = (text: string): void => void process.stdout.write(`${text}\n\n`);
