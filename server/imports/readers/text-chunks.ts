import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TextDecoder } from 'node:util';
import { firstBytes } from '../../platform/first-bytes.ts';
import iconv from 'iconv-lite';
import type { BoundedZip } from '../../files/zip-reader.ts';
import { detectEncoding, type TextEncoding } from '../../files/text-encoding.ts';

const HEAD_BYTES = 64 * 1024;

/** A text in a zip is no larger than this, unpacked. */
const MAX_PACKED_BYTES = 8 * 1024 ** 3;

/** Where a text lies: a path, or an entry of an open zip. */
export type TextPlace = string | { zip: BoundedZip; entry: string };

/** A text file, decoded as it streams. */
export type TextFile = {
  chunks: () => AsyncIterable<string>;
  bytesDone: () => number;
  encoding: TextEncoding;
};

/**
 * Opens a text of any size: packed with gzip or not, in UTF-8, UTF-16 or Windows-1252. A byte order mark is dropped.
 * It is UTF-8 only if all of it is: the first accent of an old Excel file may stand far down.
 */
export async function openText(from: TextPlace): Promise<TextFile> {
  const packed = await isGzip(from);
  const encoding = await encodingOf(from, packed);
  let done = 0;
  return {
    encoding,
    bytesDone: () => done,
    async *chunks() {
      const decoder = iconv.getDecoder(encoding, { stripBOM: true });
      for await (const chunk of bytes(from, packed, (count) => (done += count))) {
        const text = decoder.write(chunk);
        if (text !== '') yield text;
      }
      const rest = decoder.end();
      if (rest) yield rest;
    },
  };
}

async function* bytes(
  from: TextPlace,
  packed: boolean,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of rawBytes(from)) {
      count(chunk.length);
      yield chunk;
    }
  }
  if (!packed) return yield* counted();
  const gunzip = createGunzip();
  // A fault of either side ends the loop below by destroying the other.
  pipeline(Readable.from(counted()), gunzip, () => {});
  yield* gunzip as AsyncIterable<Buffer>;
}

const rawBytes = (from: TextPlace): AsyncIterable<Buffer> =>
  typeof from === 'string'
    ? (createReadStream(from, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>)
    : from.zip.chunks(from.entry, MAX_PACKED_BYTES);

async function isGzip(from: TextPlace): Promise<boolean> {
  return typeof from === 'string' && (await firstBytes(from, 2)).toString('hex') === '1f8b';
}

async function encodingOf(from: TextPlace, packed: boolean): Promise<TextEncoding> {
  let head = Buffer.alloc(0);
  let strict: TextDecoder | undefined;
  for await (const chunk of bytes(from, packed, () => {})) {
    if (!strict) {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      const guess = detectEncoding(head.subarray(0, HEAD_BYTES), true);
      if (guess !== 'utf-8') return guess;
      strict = new TextDecoder('utf-8', { fatal: true });
      if (!decodes(strict, head)) return 'windows-1252';
    } else if (!decodes(strict, chunk)) return 'windows-1252';
  }
  return strict ? 'utf-8' : detectEncoding(head, true);
}

function decodes(decoder: TextDecoder, chunk: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: true });
    return true;
  } catch {
    return false;
  }
}
