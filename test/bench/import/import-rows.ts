import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { realRecords } from '../records/real-records.ts';
import type { RealRecord } from '../records/record.ts';

/** A record as a district's own system would hand it over: a row in the native form (docs/district.md). */
const rowOf = (record: RealRecord, copy: number): Record<string, unknown> => ({
  external_id: copy === 0 ? record.key : `${record.key}#${copy}`,
  title: copy === 0 ? record.title : `${record.title} (${copy})`,
  summary: record.summary,
  description: record.description,
  // A row needs an address, a file or a text.
  url:
    record.url ??
    (record.fullText === '' ? `https://example.org/${encodeURIComponent(record.key)}/${copy}` : ''),
  text: record.fullText,
  type: record.type,
  subjects: record.subjects,
  grades: record.grades,
  standards: record.codes,
  license: record.license,
  language: record.language,
  authors: record.authors,
  publisher: record.publisher,
  keywords: record.keywords,
});

/**
 * Writes `count` rows of real records as NDJSON, the same each time, one in memory at a time. When there are fewer records
 * than that, they come again under other ids and titles. Returns how many records there were.
 */
export async function writeRows(
  path: string,
  folders: { resources: string; scale: string },
  count: number,
): Promise<number> {
  let different = 0;
  async function* lines(): AsyncGenerator<string> {
    let written = 0;
    for (let copy = 0; written < count; copy += 1) {
      for await (const { record } of realRecords(folders, count, { handouts: false })) {
        yield `${JSON.stringify(rowOf(record, copy))}\n`;
        written += 1;
        if (copy === 0) different += 1;
        if (written === count) return;
      }
      if (written === 0) return;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(path));
  return different;
}

/** Copies a file of rows; every `nth` gets other words in its summary. Returns how many were changed. */
export async function writeChanged(from: string, to: string, nth: number): Promise<number> {
  let changed = 0;
  async function* lines(): AsyncGenerator<string> {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(from), crlfDelay: Infinity })) {
      line += 1;
      if (line % nth !== 0) {
        yield `${text}\n`;
        continue;
      }
      const row = JSON.parse(text) as { summary: string };
      changed += 1;
      yield `${JSON.stringify({ ...row, summary: `${row.summary} Changed for the bench.`.trim() })}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(to));
  return changed;
}
