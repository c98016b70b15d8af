import { open, rename, type FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.ts';
import type { FileKind } from './file-kinds.ts';
import { readImageStructure, type ImagePart } from './image-structure.ts';
import { findMp4Locations } from './mp4-location.ts';

/**
 * Takes out of an uploaded picture what tells where, when and by whom it was taken (EXIF with GPS, XMP, IPTC,
 * comments, thumbnails and films that phones append), and out of an MP4 or M4A the place it was recorded.
 * Pixels and sound stay as they are, byte for byte; so do colour profiles, animation and the way up.
 * Works in place on a staged file (`scratch` is a fresh path beside it) and streams.
 * Returns whether anything was changed; a file whose structure is broken is left alone (sniffFile refuses those).
 */
export async function stripMetadata(path: string, kind: FileKind, scratch: string): Promise<boolean> {
  if (kind === 'mp4' || kind === 'm4a') return wipeLocations(path);
  if (kind !== 'jpg' && kind !== 'png' && kind !== 'webp' && kind !== 'gif') return false;
  const source = await open(path, 'r');
  try {
    const structure = await readImageStructure(source, kind);
    if (!structure) return false;
    const orientation = kind === 'png' || kind === 'gif' ? 1 : await findOrientation(source, structure.parts);
    const kept = structure.parts.filter((part) => KEEP[kind](part));
    const size = (await source.stat()).size;
    if (kept.reduce((sum, part) => sum + part.end - part.start, 0) === size) return false;
    await writeParts(source, scratch, kind, kept, orientation);
  } finally {
    await source.close();
  }
  await rename(scratch, path);
  return true;
}

type Picture = 'jpg' | 'png' | 'webp' | 'gif';

/** Chunks of a PNG that change what is seen; the rest is text, dates and EXIF. */
const PNG_KEPT = new Set(
  'signature IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(
    ' ',
  ),
);

const WEBP_KEPT = new Set(['RIFF', 'VP8X', 'VP8 ', 'VP8L', 'ICCP', 'ANIM', 'ANMF', 'ALPH']);

const KEEP: Record<Picture, (part: ImagePart) => boolean> = {
  jpg: ({ name, owner }) => {
    if (name === 'APP0') return owner === 'JFIF';
    if (name === 'APP2') return owner === 'ICC_PROFILE';
    if (name === 'APP14') return true; // Adobe: says how the colours are coded
    return !name.startsWith('APP') && name !== 'comment' && name !== 'fill';
  },
  png: ({ name }) => PNG_KEPT.has(name),
  webp: ({ name }) => WEBP_KEPT.has(name),
  gif: ({ name, owner = '' }) =>
    name === 'application' ? ['NETSCAPE2.0', 'ANIMEXTS1.0'].includes(owner) : name !== 'comment',
};

async function writeParts(
  source: FileHandle,
  target: string,
  kind: Picture,
  parts: ImagePart[],
  orientation: number,
): Promise<void> {
  const output = await open(target, 'wx', 0o640);
  const rotated = orientation > 1;
  try {
    for (const [index, part] of parts.entries()) {
      if (kind === 'webp' && part.name === 'VP8X')
        await output.write(await webpHeader(source, part, rotated));
      else await copyRange(source, output, part.start, part.end);
      if (kind === 'jpg' && index === 0 && rotated) await output.write(jpegOrientation(orientation));
    }
    if (kind === 'webp') {
      if (rotated && parts.some((part) => part.name === 'VP8X'))
        await output.write(webpOrientation(orientation));
      const length = Buffer.alloc(4);
      length.writeUInt32LE((await output.stat()).size - 8);
      await output.write(length, 0, 4, 4);
    }
  } finally {
    await output.close();
  }
}

async function copyRange(source: FileHandle, output: FileHandle, start: number, end: number): Promise<void> {
  const buffer = Buffer.alloc(Math.min(end - start, 256 * 1024));
  for (let at = start; at < end;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error('The file shrank while it was read.');
    await output.appendFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** The flags of VP8X announce EXIF (8) and XMP (4) chunks. */
async function webpHeader(source: FileHandle, part: ImagePart, rotated: boolean): Promise<Buffer> {
  const { buffer } = await source.read(
    Buffer.alloc(part.end - part.start),
    0,
    part.end - part.start,
    part.start,
  );
  buffer[8] = ((buffer[8] ?? 0) & ~0b1100) | (rotated ? 0b1000 : 0);
  return buffer;
}

/** A whole EXIF block of one entry: which side is up. Little-endian TIFF, one directory, tag 0x0112 as a SHORT. */
function orientationTiff(orientation: number): Buffer {
  const tiff = Buffer.from(
    '49492a0008000000' + '0100' + '1201' + '0300' + '01000000' + '00000000' + '00000000',
    'hex',
  );
  tiff.writeUInt16LE(orientation, 18);
  return tiff;
}

function jpegOrientation(orientation: number): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationTiff(orientation)]);
  const head = Buffer.from('ffe10000', 'hex');
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function webpOrientation(orientation: number): Buffer {
  const body = orientationTiff(orientation);
  const head = Buffer.from('EXIF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** Reads the orientation (1 to 8) out of the EXIF of a JPEG or WebP; 1 where there is none. */
async function findOrientation(source: FileHandle, parts: ImagePart[]): Promise<number> {
  const exif = parts.find((part) => (part.name === 'APP1' && part.owner === 'Exif') || part.name === 'EXIF');
  if (!exif) return 1;
  const length = Math.min(exif.end - exif.data, 64 * 1024);
  const { buffer } = await source.read(Buffer.alloc(length), 0, length, exif.data);
  const tiff = buffer.subarray(buffer.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0);
  try {
    return orientationOf(tiff);
  } catch (error) {
    if (error instanceof RangeError) return 1; // an offset that points outside: no orientation to keep
    throw error;
  }
}

function orientationOf(tiff: Buffer): number {
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = long(4);
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + entry * 12;
    if (short(at) !== 0x0112) continue;
    const value = short(at + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

async function wipeLocations(path: string): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    const boxes = await findMp4Locations(await ByteReader.of(file));
    const FREE = Buffer.from('free', 'latin1');
    for (const { typeAt, data, end } of boxes) {
      await file.write(FREE, 0, 4, typeAt);
      const zeros = Buffer.alloc(Math.min(end - data, 64 * 1024));
      for (let at = data; at < end; at += zeros.length) {
        await file.write(zeros, 0, Math.min(zeros.length, end - at), at);
      }
    }
    return boxes.length > 0;
  } finally {
    await file.close();
  }
}
