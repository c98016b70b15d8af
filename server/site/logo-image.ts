/** A picture that may be a logo. */
export interface LogoImage {
  mime: 'image/png' | 'image/jpeg';
  width: number;
  height: number;
}

/** Bytes; a logo stands on every page. */
export const LOGO_BYTES = 256 * 1024;
const MOST_PIXELS = 4000;

/** What a PNG or JPEG says of itself, or undefined for anything else: SVG could carry scripts and isn't taken. */
export function readLogo(bytes: Buffer): LogoImage | undefined {
  const found = readPng(bytes) ?? readJpeg(bytes);
  if (!found || found.width < 1 || found.height < 1) return undefined;
  return found.width > MOST_PIXELS || found.height > MOST_PIXELS ? undefined : found;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function readPng(bytes: Buffer): LogoImage | undefined {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG)) return undefined;
  if (bytes.subarray(12, 16).toString('latin1') !== 'IHDR') return undefined;
  // A file that was cut short has no end.
  if (!bytes.subarray(-12).includes('IEND')) return undefined;
  return { mime: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Looks for the segment that has the size (SOF), over those before it. */
function readJpeg(bytes: Buffer): LogoImage | undefined {
  if (bytes.length < 12 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  if (bytes.at(-2) !== 0xff || bytes.at(-1) !== 0xd9) return undefined;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const length = bytes.readUInt16BE(at + 2);
    const isSize = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isSize)
      return { mime: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}
