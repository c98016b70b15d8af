import { open, type FileHandle } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';
import { fileExtension } from '../lib/file-name.ts';
import {
  extensionRefusal,
  kindFacts,
  kindOfExtension,
  type ExtensionRefusal,
  type FileKind,
} from './file-kinds.ts';
import { readImageSize } from './image-structure.ts';
import { looksLikeText } from './text-encoding.ts';
import { refineZip, type ZipRefusal } from './sniff-zip.ts';

/** Why a file is not taken; `file.refused.<reason>` is the sentence. */
export type RefusalReason =
  | ExtensionRefusal
  | ZipRefusal
  | 'empty'
  | 'too-large'
  | 'wrong-extension'
  | 'wrong-content'
  | 'password'
  | 'old-office-inside'
  | 'image-too-large';

export type SniffResult =
  | { ok: true; kind: FileKind; mime: string; width?: number; height?: number }
  | { ok: false; reason: RefusalReason; message: { key: string; params: Record<string, string> } };

export interface SniffOptions {
  /** Tells whether an encrypted PDF opens without a password; runs a child process. */
  pdfNeedsPassword: (path: string) => Promise<boolean>;
}

const MAX_IMAGE_PIXELS = 50_000_000;

/** file-type recommends 4100 bytes; the tar header is the farthest it looks. */
const HEAD_BYTES = 4100;

/**
 * Decides whether an uploaded file is taken, by its name (already cleaned) and its content: the extension is on the
 * allow-list, the magic bytes say the same kind, and archives, images and encrypted documents pass their own checks.
 * The browser's Content-Type plays no part. Takes the path of the file; reads it without holding it in memory.
 * Never throws for what is in the file; throws only when the file can't be read.
 */
export async function sniffFile(path: string, name: string, options: SniffOptions): Promise<SniffResult> {
  const extension = fileExtension(name);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) return refuse('empty', { name });
    const found = await identify(file, size);
    const promised = kindOfExtension(extension);
    if (!promised) return refuseExtension(name, extension, found);
    if (found.type === 'zip') return await sniffZip(path, name, promised);
    if (found.type === 'ole') return refuse(found.encrypted ? 'password' : 'old-office-inside', { name });
    if (!agrees(promised, found)) return refuseMismatch(name, extension, promised, found);
    if (promised === 'pdf' && (await mentionsEncryption(file)) && (await options.pdfNeedsPassword(path))) {
      return refuse('password', { name });
    }
    return await acceptWithSize(file, promised, name);
  } finally {
    await file.close();
  }
}

/** What the content is, as far as magic bytes tell. `type` is a file-type extension, or one of our own words. */
type Found =
  | { type: 'zip' | 'text' | 'unknown' }
  | { type: 'ole'; encrypted: boolean }
  | { type: 'known'; extension: string; readable: boolean };

async function identify(file: FileHandle, size: number): Promise<Found> {
  const head = await readAt(file, 0, Math.min(HEAD_BYTES, size));
  const starts = (bytes: string) => head.subarray(0, bytes.length / 2).equals(Buffer.from(bytes, 'hex'));
  if (starts('504b0304') || starts('504b0506')) return { type: 'zip' };
  if (starts('d0cf11e0a1b11ae1')) return { type: 'ole', encrypted: await mentions(file, ENCRYPTED_PACKAGE) };
  // The PDF standard lets the header stand anywhere in the first 1024 bytes.
  if (head.subarray(0, 1024).includes('%PDF-')) return { type: 'known', extension: 'pdf', readable: false };
  const readable = looksLikeText(head, size > head.length);
  const known = await fileTypeFromBuffer(head).catch(() => undefined);
  if (known && !['xml', 'html'].includes(known.ext)) return { type: 'known', extension: known.ext, readable };
  return { type: readable ? 'text' : 'unknown' };
}

/** The container for encrypted Office documents has a stream of this name ([MS-OFFCRYPTO] 2.3.4.4). */
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

const TEXT_KINDS: readonly FileKind[] = ['txt', 'csv', 'md', 'vtt'];

/** What file-type calls the content of each kind; the MP4 family names itself by brand, not by use. */
const CONTENT_OF: Partial<Record<FileKind, readonly string[]>> = {
  mp4: ['mp4', 'm4v', 'm4a', 'f4v'],
  m4a: ['m4a', 'mp4', 'm4b'],
  webm: ['webm', 'mkv'],
};

function agrees(promised: FileKind, found: Found): boolean {
  if (TEXT_KINDS.includes(promised)) {
    // A text may begin like something else by chance: UTF-16 like an MP1, "BM" like a bitmap.
    return found.type === 'text' || (found.type === 'known' && found.readable);
  }
  return found.type === 'known' && (CONTENT_OF[promised] ?? [promised]).includes(found.extension);
}

async function sniffZip(path: string, name: string, promised: FileKind): Promise<SniffResult> {
  const refined = await refineZip(path);
  if (!refined.ok) {
    return refuse(refined.reason, { name, entry: refined.entry ?? '' });
  }
  const { kind } = refined;
  const isPackage = ['zip', 'imscc', 'h5p'].includes(kind);
  if (kind === promised || (promised === 'zip' && isPackage) || (kind === 'iwork' && isIwork(promised))) {
    return { ok: true, kind: promised, mime: kindFacts(promised).mime };
  }
  if (kind === 'iwork' || kind === 'zip') return refuse('wrong-content', { name, kind: promised });
  return refuseMismatch(name, fileExtension(name), promised, {
    type: 'known',
    extension: kind,
    readable: false,
  });
}

function isIwork(kind: FileKind): boolean {
  return kind === 'key' || kind === 'pages' || kind === 'numbers';
}

async function acceptWithSize(file: FileHandle, kind: FileKind, name: string): Promise<SniffResult> {
  const { mime, preview } = kindFacts(kind);
  if (preview !== 'image') return { ok: true, kind, mime };
  const size = await readImageSize(file, kind);
  if (!size) return refuse('damaged', { name });
  if (size.width * size.height > MAX_IMAGE_PIXELS) {
    const megapixels = Math.round((size.width * size.height) / 1_000_000);
    return refuse('image-too-large', { name, megapixels: String(megapixels) });
  }
  return { ok: true, kind, mime, ...size };
}

function refuseExtension(name: string, extension: string, found: Found): SniffResult {
  const reason = extensionRefusal(extension);
  if (reason === 'no-extension' && found.type === 'known') {
    const kind = kindOfExtension(found.extension);
    if (kind)
      return refuse('wrong-extension', { name, really: kind, extension: kindFacts(kind).extensions[0] });
  }
  return refuse(reason, { name, extension });
}

function refuseMismatch(name: string, extension: string, promised: FileKind, found: Found): SniffResult {
  const really = found.type === 'known' ? kindOfExtension(found.extension) : undefined;
  if (really) {
    return refuse('wrong-extension', { name, really, promised, extension: kindFacts(really).extensions[0] });
  }
  if (found.type === 'known') {
    const reason = extensionRefusal(found.extension);
    if (reason !== 'kind') return refuse(reason, { name, extension: found.extension });
  }
  return refuse('wrong-content', { name, extension, kind: promised });
}

function refuse(reason: RefusalReason, params: Record<string, string>): SniffResult {
  return { ok: false, reason, message: { key: `file.refused.${reason}`, params } };
}

/** The word stands in the trailer or in the dictionary of a cross-reference stream, never packed (ISO 32000 7.6.1). */
async function mentionsEncryption(file: FileHandle): Promise<boolean> {
  return mentions(file, Buffer.from('/Encrypt'));
}

async function mentions(file: FileHandle, needle: Buffer): Promise<boolean> {
  let tail = Buffer.alloc(0);
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const window = Buffer.concat([tail, chunk]);
    if (window.includes(needle)) return true;
    tail = window.subarray(-needle.length);
  }
  return false;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
