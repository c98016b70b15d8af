/** Opens a file of standards, finds out by its content what it is, and reads it. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { PortalError } from '../errors.ts';
import { firstBytes } from '../platform/first-bytes.ts';
import { AsnXmlReader, looksLikeAsnJson, readAsnJson } from './asn-reader.ts';
import { looksLikeCase, readCasePackage, readRubrics, type RubricFile } from './case-reader.ts';
import { unreadable } from './framework-package.ts';
import type { FrameworkPackage } from './framework-package.ts';

/** Unpacked; the largest real framework known is a tenth of it. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The bytes, unpacked where the file is packed with gzip. */
async function contentOf(path: string): Promise<Readable> {
  const head = await firstBytes(path, 4);
  if (head.length === 0) throw unreadable('empty');
  if (head.subarray(0, 2).toString('latin1') === 'PK') throw unreadable('zip');
  if (head[0] !== 0x1f || head[1] !== 0x8b) return createReadStream(path);
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  return source.pipe(unpacked);
}

/** Decodes UTF-8 (with or without a mark) and UTF-16 (with one); anything else is refused. */
async function* textOf(content: Readable): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw unreadable('tooLarge', { megabytes: MAX_BYTES / 1024 / 1024 });
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder?.decode() ?? '';
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** Line ends and tabs inside strings, which some services write as they are, made `\n` and `\t`. */
function mended(json: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return json.replaceAll(/"(?:[^"\\]|\\[\s\S])*"/g, (literal) =>
    // eslint-disable-next-line no-control-regex -- these are what strict JSON forbids
    literal.replaceAll(/[\u0000-\u001F]/g, (sign) => escapes[sign] ?? ''),
  );
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (first) {
    try {
      return JSON.parse(mended(source)) as unknown;
    } catch {
      const detail = first instanceof Error ? first.message.replace(/\s+/g, ' ').slice(0, 200) : '';
      throw unreadable('brokenJson', { detail });
    }
  }
}

function readFramework(source: string): FrameworkPackage {
  const json = parseJson(source);
  if (looksLikeCase(json)) return readCasePackage(json);
  if (looksLikeAsnJson(json)) return readAsnJson(json);
  throw unreadable('otherJson');
}

/**
 * Reads a framework from a file: a CASE package (1.0, 1.1 or earlier), ASN RDF/XML or ASN RDF/JSON, each also packed
 * with gzip. What it is, its content says, not its name. XML is read as a stream; JSON is held in memory.
 * Throws a PortalError (422) whose words say in words what is wrong with the file, or the error of the file system.
 */
export async function readFrameworkFile(path: string): Promise<FrameworkPackage> {
  return readFile(path, { json: readFramework, xml: () => new AsnXmlReader() });
}

/**
 * Reads the rubrics of a CASE file: a package, a list of rubrics or one of them, also packed with gzip.
 * Throws as readFrameworkFile.
 */
export async function readRubricFile(path: string): Promise<RubricFile> {
  return readFile(path, { json: (source) => readRubrics(parseJson(source)) });
}

/** Takes text piece by piece. */
interface StreamReader<Read> {
  write: (piece: string) => void;
  end: () => Read;
}

/** Reads text by what it begins with. @param as.xml undefined: XML is none of what it may be */
async function readFile<Read>(
  path: string,
  as: { json: (source: string) => Read; xml?: () => StreamReader<Read> },
): Promise<Read> {
  const content = await contentOf(path);
  let xml: StreamReader<Read> | undefined;
  const parts: string[] = [];
  let begun = false;
  try {
    for await (const part of textOf(content)) {
      const piece = begun ? part : part.replace(/^\uFEFF?\s*/, '');
      if (piece === '') continue;
      if (!begun) {
        begun = true;
        if (as.xml && piece.startsWith('<')) xml = as.xml();
        else if (!/^[{[]/.test(piece)) throw unreadable('otherText');
      }
      if (xml) xml.write(piece);
      else parts.push(piece);
    }
    return xml ? xml.end() : as.json(parts.join(''));
  } catch (error) {
    throw inWords(error);
  } finally {
    content.destroy();
  }
}

function inWords(error: unknown): unknown {
  if (error instanceof PortalError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return unreadable('notUtf8');
  if (code.startsWith('Z_')) return unreadable('brokenGzip');
  return error;
}
