import { createHash } from 'node:crypto';

/** The name space of URLs, RFC 9562 §6.6. */
const URL_NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** The UUID of version 5 (RFC 9562 §5.5) of a URL: the same address always gives the same UUID. */
export function uuid5OfUrl(url: string): string {
  const hash = createHash('sha1').update(URL_NAMESPACE).update(url, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The text as a UUID in lower case with hyphens (32 hexadecimal digits and braces are taken too), or undefined. */
export function asUuid(text: string): string | undefined {
  const hex = text
    .trim()
    .replace(/^urn:(?:uuid|guid):|^\{|\}$/gi, '')
    .toLowerCase();
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(hex)) return hex;
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
