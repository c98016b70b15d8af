import iconv from 'iconv-lite';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * Guesses the encoding of a text from its first bytes: a byte order mark, else zeros in every second byte (UTF-16),
 * else UTF-8 where the bytes are valid UTF-8, else Windows-1252, in which old Windows programs of the Americas save.
 * `cut` says that more bytes follow, so that a character may be cut at the end.
 */
export function detectEncoding(head: Buffer, cut: boolean): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[index % 2]!++;
  const [even = 0, odd = 0] = zeros;
  if (odd > head.length / 8 && even < odd / 10) return 'utf-16le';
  if (even > head.length / 8 && odd < even / 10) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: cut });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Decodes bytes, drops a byte order mark, and makes all line ends `\n`. */
export function decodeText(bytes: Buffer, encoding: TextEncoding): string {
  return iconv.decode(bytes, encoding).replaceAll(/\r\n?/g, '\n');
}

/** Returns whether bytes without known magic can be a text: no NULs, next to no control characters. */
export function looksLikeText(head: Buffer, cut: boolean): boolean {
  const text = decodeText(head, detectEncoding(head, cut));
  const controls = text.match(/(?![\n\t\f])\p{Cc}|\ufffd/gu)?.length ?? 0;
  return !text.includes('\0') && controls <= text.length / 200;
}
