import { hash } from 'node:crypto';

/**
 * Which external ids a file has named so far, and in which row: 12 bytes an id, so that a million of them are no burden.
 * An id is known by 64 bits of its hash; that two of a million share them is next to impossible.
 */
export class SeenIds {
  #hashes = new BigUint64Array(1024);
  #positions = new Int32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row that named the id before, or undefined where this is the first. */
  add(externalId: string, position: number): number | undefined {
    if (this.#size * 2 >= this.#hashes.length) this.#grow();
    const hash = hashOf(externalId);
    const slot = this.#find(hash);
    if (this.#hashes[slot] === hash) return this.#positions[slot];
    this.#hashes[slot] = hash;
    this.#positions[slot] = position;
    this.#size += 1;
    return undefined;
  }

  has(externalId: string): boolean {
    const hash = hashOf(externalId);
    return this.#hashes[this.#find(hash)] === hash;
  }

  /** The slot of a hash, or the free one in which it belongs. */
  #find(hash: bigint): number {
    const mask = this.#hashes.length - 1;
    let slot = Number(hash & BigInt(mask));
    while (this.#hashes[slot] !== 0n && this.#hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [hashes, positions] = [this.#hashes, this.#positions];
    this.#hashes = new BigUint64Array(hashes.length * 2);
    this.#positions = new Int32Array(hashes.length * 2);
    for (const [index, hash] of hashes.entries()) {
      if (hash === 0n) continue;
      const slot = this.#find(hash);
      this.#hashes[slot] = hash;
      this.#positions[slot] = positions[index] ?? 0;
    }
  }
}

/** Never 0, which stands for a free slot. */
function hashOf(externalId: string): bigint {
  return hash('sha1', externalId, 'buffer').readBigUInt64LE(0) || 1n;
}
