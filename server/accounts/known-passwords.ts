import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../lib/project-root.ts';

/**
 * 1.4 million passwords of twelve characters and more that stood in published breaches, as a Bloom filter: nobody can
 * read them out of it, and none of them is missed. A password that is in no breach is taken for one once in 20,000.
 * Made by `npm run known-passwords` from lists like SecLists' Passwords/Common-Credentials (MIT).
 */
export const knownPasswordsFile = join(projectRoot, 'server/accounts/known-passwords.bin');

/** Bytes of the filter: 23 bits for each password. */
const SIZE = 4 * 1024 * 1024;

/** Eight places in the filter, whatever the case of the letters: the eight words of a SHA-256. */
function* placesOf(password: string): Generator<{ byte: number; bit: number }> {
  const digest = createHash('sha256').update(password.toLowerCase(), 'utf8').digest();
  for (let word = 0; word < 32; word += 4) {
    const place = digest.readUInt32LE(word) % (SIZE * 8);
    yield { byte: place >>> 3, bit: 1 << (place & 7) };
  }
}

/** The filter of these passwords, as it is written to the file. */
export function filterOf(passwords: Iterable<string>): Buffer {
  const filter = Buffer.alloc(SIZE);
  for (const password of passwords)
    for (const { byte, bit } of placesOf(password)) filter[byte] = (filter[byte] ?? 0) | bit;
  return filter;
}

let kept: Buffer | undefined;

/** Whether a password stood in a published breach. The first call reads the file. */
export function isKnownPassword(password: string): boolean {
  kept ??= readFileSync(knownPasswordsFile);
  for (const { byte, bit } of placesOf(password)) if (((kept[byte] ?? 0) & bit) === 0) return false;
  return true;
}
