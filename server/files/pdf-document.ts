// Runs only in a child process: a PDF is a program by someone we don't know.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getDocument, PDFDataRangeTransport, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

export type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

const RANGE_BYTES = 256 * 1024;
const MAX_IMAGE_PIXELS = 50_000_000;

/**
 * Opens a PDF by reading only the ranges it needs. Scripts in it are never run, nothing is fetched, and fonts, maps
 * and decoders come from the installed package.
 * Throws pdfjs' own errors; `isPasswordError` tells the one for a locked file.
 */
export async function openPdf(path: string): Promise<{ pdf: PDFDocumentProxy; close: () => Promise<void> }> {
  const fd = openSync(path, 'r');
  const assets = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const folder = (name: string) => `${join(assets, name)}/`;
  const task = getDocument({
    range: new FileRanges(fd, fstatSync(fd).size),
    rangeChunkSize: RANGE_BYTES,
    disableStream: true,
    disableAutoFetch: true,
    isEvalSupported: false,
    enableXfa: false,
    useSystemFonts: false,
    maxImageSize: MAX_IMAGE_PIXELS,
    cMapUrl: folder('cmaps'),
    standardFontDataUrl: folder('standard_fonts'),
    wasmUrl: folder('wasm'),
    iccUrl: folder('iccs'),
    verbosity: 0,
  });
  const close = async () => {
    await task.destroy();
    closeSync(fd);
  };
  try {
    return { pdf: await task.promise, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether an error of openPdf says that the file can't be opened without a password. */
export function isPasswordError(error: unknown): boolean {
  return error instanceof Error && error.name === 'PasswordException';
}

class FileRanges extends PDFDataRangeTransport {
  readonly #fd: number;

  constructor(fd: number, size: number) {
    super(size, null);
    this.#fd = fd;
  }

  override requestDataRange(begin: number, end: number): void {
    const bytes = new Uint8Array(end - begin);
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(this.#fd, bytes, read, bytes.length - read, begin + read);
      if (count === 0) break;
      read += count;
    }
    queueMicrotask(() => this.onDataRange(begin, bytes.subarray(0, read)));
  }
}
