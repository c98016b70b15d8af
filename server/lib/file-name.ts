/** The longest name we keep, in characters and in UTF-8 bytes (file systems allow 255 bytes; zips are unpacked there). */
const MAX_CHARACTERS = 200;
const MAX_BYTES = 240;

/** Invisible characters that can disguise a name: controls, bidi marks, soft hyphen, zero-width space, BOM.
 * The joiners U+200C and U+200D stay: Persian and family emoji are written with them. */
const INVISIBLE =
  /(?!\s)\p{Cc}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]/gu;

/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Makes the name of an uploaded file safe to show, to store as text and to unpack on any system.
 * Takes whatever the browser or script sent (perhaps a path); returns NFC text of 1 to 200 characters without path,
 * control or bidi characters, never a Windows device name, with its extension kept. Applying it twice changes nothing.
 */
export function cleanFileName(raw: string): string {
  const text = wellFormed(raw).replaceAll(INVISIBLE, '').normalize('NFC');
  const base = text.split(/[/\\]/).findLast((part) => part.trim() !== '') ?? '';
  let name = base
    .replaceAll(/[<>:"|?*]/g, '-')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  if (/^\.+[^.\s]+$/.test(name)) name = `file${name.replace(/^\.+/, '.')}`;
  name = trimEnds(name);
  if (name === '') return 'file';
  const [stem = ''] = name.split('.', 1);
  if (RESERVED.test(stem.trimEnd())) name = `_${name}`;
  return shorten(name);
}

/** Returns the extension of a name in lower case without the dot, or '' where it has none. */
export function fileExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  if (dot < 1) return '';
  const extension = name.slice(dot + 1).toLowerCase();
  return /^[a-z0-9]{1,10}$/.test(extension) ? extension : '';
}

/**
 * Makes a name unlike all names in `taken` by a number before the extension: `quiz.pdf` becomes `quiz (2).pdf`.
 * Compares without regard to case, as Windows and macOS do; adds the result to `taken` (lower case).
 */
export function uniqueFileName(name: string, taken: Set<string>): string {
  const extension = fileExtension(name);
  const stem = extension === '' ? name : name.slice(0, -extension.length - 1);
  let unique = name;
  for (let n = 2; taken.has(unique.toLowerCase()); n++) {
    unique = `${stem} (${n})${extension === '' ? '' : `.${name.slice(-extension.length)}`}`;
  }
  taken.add(unique.toLowerCase());
  return unique;
}

/**
 * Builds a `Content-Disposition` header by RFC 6266: an ASCII `filename` for old clients and, where that loses
 * something, `filename*` in UTF-8 (RFC 8187). Expects a name that went through cleanFileName.
 */
export function contentDisposition(name: string, disposition: 'inline' | 'attachment'): string {
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]+/g, '_')
    .replaceAll(/["\\%]/g, '_');
  const plain = `${disposition}; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encodeExtValue(name)}`;
}

function encodeExtValue(text: string): string {
  return encodeURIComponent(wellFormed(text)).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Half a surrogate pair can't be written as UTF-8. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

/** Leading dots hide a file, trailing dots and spaces can't be stored on Windows. */
function trimEnds(name: string): string {
  return name.replace(/^[\s.]+/u, '').replace(/[\s.]+$/u, '');
}

function shorten(name: string): string {
  if (name.length <= MAX_CHARACTERS && Buffer.byteLength(name) <= MAX_BYTES) return name;
  const extension = fileExtension(name);
  const ending = extension === '' ? '' : name.slice(-extension.length - 1);
  const stem = extension === '' ? name : name.slice(0, -ending.length);
  let kept = '';
  let bytes = Buffer.byteLength(ending);
  for (const { segment } of graphemes.segment(stem)) {
    bytes += Buffer.byteLength(segment);
    if (kept.length + segment.length + ending.length > MAX_CHARACTERS || bytes > MAX_BYTES) break;
    kept += segment;
  }
  return `${trimEnds(kept) || 'file'}${ending}`;
}
