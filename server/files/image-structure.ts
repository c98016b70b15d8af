import type { FileHandle } from 'node:fs/promises';
import { ByteReader, StructureError } from './byte-reader.ts';
import type { FileKind } from './file-kinds.ts';

export interface ImageSize {
  width: number;
  height: number;
}

/** One part of an image file, as its format divides it; the parts lie end to end from the first byte. */
export interface ImagePart {
  /** Marker, chunk or block name, such as `APP1`, `eXIf`, `EXIF`, `comment`. */
  name: string;
  start: number;
  end: number;
  /** Where the payload begins. */
  data: number;
  /** What an application block calls itself (`Exif`, `ICC_PROFILE`, `NETSCAPE2.0`), where the format has that. */
  owner?: string;
}

export interface ImageStructure extends ImageSize {
  parts: ImagePart[];
}

/** More parts than any camera or editor writes; a file of a million empty chunks is an attack. */
const MAX_PARTS = 100_000;

/**
 * Reads the size in pixels of a PNG, JPEG, WebP or GIF from its header, without decoding it.
 * Returns undefined where the file isn't whole enough to tell.
 */
export async function readImageSize(file: FileHandle, kind: FileKind): Promise<ImageSize | undefined> {
  const structure = await readImageStructure(file, kind);
  return structure && { width: structure.width, height: structure.height };
}

/**
 * Walks an image file part by part, up to its proper end; whatever a program appended behind that is in no part.
 * Returns undefined where the structure is broken.
 */
export async function readImageStructure(
  file: FileHandle,
  kind: FileKind,
): Promise<ImageStructure | undefined> {
  const walk = WALKS[kind];
  if (!walk) return undefined;
  try {
    const { parts, width, height } = await walk(await ByteReader.of(file));
    return width > 0 && height > 0 ? { parts, width, height } : undefined;
  } catch (error) {
    if (error instanceof StructureError) return undefined;
    throw error;
  }
}

type Walk = (reader: ByteReader) => Promise<ImageStructure>;

const WALKS: Partial<Record<FileKind, Walk>> = { png: walkPng, jpg: walkJpeg, webp: walkWebp, gif: walkGif };

/** PNG, third edition, 5.3: length, type, data, CRC. */
async function walkPng(reader: ByteReader): Promise<ImageStructure> {
  const structure = begin('signature', 8);
  for (let at = 8; ;) {
    const head = await reader.bytes(at, 8);
    const length = head.readUInt32BE(0);
    const name = head.toString('latin1', 4, 8);
    const end = at + 12 + length;
    if (end > reader.size) throw new StructureError('A chunk is cut.');
    add(structure, { name, start: at, end, data: at + 8 });
    if (name === 'IHDR') {
      const header = await reader.bytes(at + 8, 8);
      structure.width = header.readUInt32BE(0);
      structure.height = header.readUInt32BE(4);
    }
    if (name === 'IEND') return structure;
    at = end;
  }
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Start-of-frame markers carry the size (ITU-T T.81, table B.1); C4, C8 and CC in their range mean other things. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

async function walkJpeg(reader: ByteReader): Promise<ImageStructure> {
  const [first, soi] = await reader.bytes(0, 2);
  if (first !== 0xff || soi !== SOI) throw new StructureError('No start of image.');
  const structure = begin('SOI', 2);
  for (let at = 2; ;) {
    const [ff, marker = 0] = await reader.bytes(at, 2);
    if (ff !== 0xff) throw new StructureError('No marker.');
    if (marker === 0xff) {
      add(structure, { name: 'fill', start: at, end: at + 1, data: at + 1 });
      at += 1;
      continue;
    }
    if (marker === EOI) {
      add(structure, { name: 'EOI', start: at, end: at + 2, data: at + 2 });
      return structure;
    }
    const length = (await reader.bytes(at + 2, 2)).readUInt16BE(0);
    let end = at + 2 + length;
    if (length < 2 || end > reader.size) throw new StructureError('A segment is cut.');
    if (isFrame(marker)) {
      const frame = await reader.bytes(at + 4, 5);
      structure.height = frame.readUInt16BE(1);
      structure.width = frame.readUInt16BE(3);
    }
    if (marker === SOS) end = await endOfScan(reader, end);
    const owner = marker >= 0xe0 && marker <= 0xef ? await ownerOf(reader, at + 4, length - 2) : undefined;
    add(structure, {
      name: jpegName(marker),
      start: at,
      end,
      data: at + 4,
      ...(owner !== undefined && { owner }),
    });
    if (marker === SOS && end === reader.size) return structure;
    at = end;
  }
}

/** Packed pixels run on until a marker that isn't a stuffed zero or a restart; some cameras forget the last one. */
async function endOfScan(reader: ByteReader, from: number): Promise<number> {
  for (let at = from; ;) {
    const ff = await reader.find(0xff, at);
    if (ff === undefined || ff + 1 >= reader.size) return reader.size;
    const [, next = 0] = await reader.bytes(ff, 2);
    if (next !== 0 && next !== 0xff && !isRestart(next)) return ff;
    at = next === 0xff ? ff + 1 : ff + 2;
  }
}

function jpegName(marker: number): string {
  if (marker >= 0xe0 && marker <= 0xef) return `APP${marker - 0xe0}`;
  return marker === 0xfe ? 'comment' : marker.toString(16).toUpperCase();
}

async function ownerOf(reader: ByteReader, at: number, length: number): Promise<string> {
  const bytes = await reader.bytes(at, Math.min(length, 32));
  return bytes.toString('latin1').split('\0', 1)[0] ?? '';
}

/** RIFF chunks as in the WebP container specification. */
async function walkWebp(reader: ByteReader): Promise<ImageStructure> {
  const header = await reader.bytes(0, 12);
  const fileEnd = 8 + header.readUInt32LE(4);
  if (fileEnd > reader.size) throw new StructureError('The picture is cut.');
  const structure = begin('RIFF', 12);
  for (let at = 12; at + 8 <= fileEnd;) {
    const head = await reader.bytes(at, 8);
    const name = head.toString('latin1', 0, 4);
    const length = head.readUInt32LE(4);
    const end = at + 8 + length + (length % 2);
    if (end > fileEnd) throw new StructureError('A chunk is cut.');
    add(structure, { name, start: at, end, data: at + 8 });
    if (structure.width === 0) Object.assign(structure, await webpSize(reader, name, at + 8));
    at = end;
  }
  return structure;
}

async function webpSize(reader: ByteReader, name: string, at: number): Promise<Partial<ImageSize>> {
  if (name === 'VP8X') {
    const bytes = await reader.bytes(at, 10);
    return { width: bytes.readUIntLE(4, 3) + 1, height: bytes.readUIntLE(7, 3) + 1 };
  }
  if (name === 'VP8 ') {
    const bytes = await reader.bytes(at, 10);
    return { width: bytes.readUInt16LE(6) & 0x3fff, height: bytes.readUInt16LE(8) & 0x3fff };
  }
  if (name === 'VP8L') {
    const bits = (await reader.bytes(at, 5)).readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return {};
}

/** GIF89a: header, colour table, then blocks that begin with `,` (image) or `!` (extension) until `;`. */
async function walkGif(reader: ByteReader): Promise<ImageStructure> {
  const header = await reader.bytes(0, 13);
  const structure = begin('header', 13 + colorTable(header[10] ?? 0));
  structure.width = header.readUInt16LE(6);
  structure.height = header.readUInt16LE(8);
  for (let at = structure.parts[0]!.end; ;) {
    const [introducer] = await reader.bytes(at, 1);
    if (introducer === 0x3b) {
      add(structure, { name: 'trailer', start: at, end: at + 1, data: at + 1 });
      return structure;
    }
    const part = introducer === 0x2c ? await gifImage(reader, at, structure) : await gifExtension(reader, at);
    add(structure, part);
    at = part.end;
  }
}

const colorTable = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

async function gifImage(reader: ByteReader, at: number, screen: ImageSize): Promise<ImagePart> {
  const head = await reader.bytes(at, 10);
  // A frame may be larger than the screen says; decoders make room for it.
  screen.width = Math.max(screen.width, head.readUInt16LE(1) + head.readUInt16LE(5));
  screen.height = Math.max(screen.height, head.readUInt16LE(3) + head.readUInt16LE(7));
  const data = at + 10 + colorTable(head[9] ?? 0) + 1;
  return { name: 'image', start: at, data, end: await gifBlocksEnd(reader, data) };
}

async function gifExtension(reader: ByteReader, at: number): Promise<ImagePart> {
  const [introducer, label, length = 0] = await reader.bytes(at, 3);
  if (introducer !== 0x21) throw new StructureError('Neither image nor extension.');
  const end = await gifBlocksEnd(reader, at + 2);
  if (label === 0xfe) return { name: 'comment', start: at, data: at + 2, end };
  if (label !== 0xff) return { name: 'control', start: at, data: at + 2, end };
  const owner = (await reader.bytes(at + 3, Math.min(length, 11))).toString('latin1');
  return { name: 'application', start: at, data: at + 2, end, owner };
}

async function gifBlocksEnd(reader: ByteReader, from: number): Promise<number> {
  for (let at = from; ;) {
    const [length = 0] = await reader.bytes(at, 1);
    at += length + 1;
    if (length === 0) return at;
  }
}

function begin(name: string, end: number): ImageStructure {
  return { width: 0, height: 0, parts: [{ name, start: 0, end, data: end }] };
}

function add(structure: ImageStructure, part: ImagePart): void {
  if (structure.parts.length >= MAX_PARTS) throw new StructureError('Too many parts.');
  structure.parts.push(part);
}
