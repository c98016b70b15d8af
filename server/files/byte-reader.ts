import type { FileHandle } from 'node:fs/promises';

/** Thrown where a file ends or breaks off against its own structure. */
export class StructureError extends Error {
  override name = 'StructureError';
}

const WINDOW_BYTES = 64 * 1024;

/** Random access to a file through one small window of memory, for walking the structure of large files. */
export class ByteReader {
  readonly size: number;
  readonly #file: FileHandle;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  static async of(file: FileHandle): Promise<ByteReader> {
    return new ByteReader(file, (await file.stat()).size);
  }

  /** Bytes of the file; throws StructureError where it ends before. At most 64 KiB at a time. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (length > WINDOW_BYTES) throw new StructureError(`${length} bytes at once are too many.`);
    if (position < 0 || position + length > this.size) throw new StructureError('The file ends too early.');
    if (position < this.#start || position + length > this.#start + this.#window.length)
      await this.#load(position);
    const from = position - this.#start;
    return this.#window.subarray(from, from + length);
  }

  /** The position of the next byte of this value from `position` on, or undefined where there is none. */
  async find(value: number, position: number): Promise<number | undefined> {
    for (let at = position; at < this.size;) {
      if (at < this.#start || at >= this.#start + this.#window.length) await this.#load(at);
      const found = this.#window.indexOf(value, at - this.#start);
      if (found >= 0) return this.#start + found;
      at = this.#start + this.#window.length;
    }
    return undefined;
  }

  async #load(position: number): Promise<void> {
    const { buffer, bytesRead } = await this.#file.read(
      Buffer.alloc(WINDOW_BYTES),
      0,
      WINDOW_BYTES,
      position,
    );
    this.#window = buffer.subarray(0, bytesRead);
    this.#start = position;
    if (bytesRead === 0) throw new StructureError('The file ends too early.');
  }
}
