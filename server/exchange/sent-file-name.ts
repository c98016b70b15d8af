import type { IncomingHttpHeaders } from 'node:http';

const BY_TYPE: Record<string, string> = {
  'text/csv': 'rows.csv',
  'text/tab-separated-values': 'rows.tsv',
  'application/json': 'rows.json',
  'application/x-ndjson': 'rows.ndjson',
  'application/ndjson': 'rows.ndjson',
  'application/jsonl': 'rows.ndjson',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'rows.xlsx',
  'application/zip': 'rows.zip',
};

/**
 * What a body is called: as `Content-Disposition` says (RFC 6266), else, with `byType`, a row file's name by its
 * `Content-Type`; '' where nothing tells.
 */
export function sentFileName(headers: IncomingHttpHeaders, byType = true): string {
  const disposition = headers['content-disposition'] ?? '';
  const extended = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  const decoded = extended === undefined ? undefined : decode(extended);
  if (decoded !== undefined) return decoded;
  const quoted = /filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const plain = quoted ?? /filename\s*=\s*([^;\s"]+)/i.exec(disposition)?.[1];
  // Headers are read as Latin-1; programs write UTF-8 into them all the same.
  if (plain !== undefined) return Buffer.from(plain, 'latin1').toString('utf8');
  if (!byType) return '';
  return BY_TYPE[headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''] ?? '';
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
