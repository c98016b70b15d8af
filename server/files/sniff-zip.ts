import { fileExtension } from '../lib/file-name.ts';
import { ARCHIVE_EXTENSIONS, PROGRAM_EXTENSIONS, type FileKind } from './file-kinds.ts';
import { checkContents, openZip, ZipError, type BoundedZip, type ZipFault } from './zip-reader.ts';

/** Why a zip, or a document that is one inside, is refused. */
export type ZipRefusal =
  | Exclude<ZipFault, 'encrypted' | 'bomb' | 'overlap' | 'too-large' | 'symlink' | 'unsafe-path'>
  | 'password'
  | 'zip-bomb'
  | 'zip-unsafe'
  | 'zip-in-zip'
  | 'zip-program'
  | 'macros';

export type RefinedZip =
  { ok: true; kind: FileKind | 'iwork' } | { ok: false; reason: ZipRefusal; entry?: string };

const REFUSAL_OF: Record<ZipFault, ZipRefusal> = {
  damaged: 'damaged',
  encrypted: 'password',
  'too-many-entries': 'too-many-entries',
  'too-large': 'zip-bomb',
  bomb: 'zip-bomb',
  overlap: 'zip-bomb',
  'unsafe-path': 'zip-unsafe',
  symlink: 'zip-unsafe',
};

/**
 * Tells what a file that begins like a zip is: an Office, OpenDocument, EPUB or Apple document, a course package, or
 * a plain zip. Checks its directory, unpacks all of it once to count, and refuses macros, programs and zips in zips.
 * Never throws for what is in the file.
 */
export async function refineZip(path: string): Promise<RefinedZip> {
  try {
    const zip = await openZip(path);
    try {
      const kind = await kindOfZip(zip);
      const refusal = await forbiddenInside(zip, kind);
      if (refusal) return { ok: false, ...refusal };
      await checkContents(zip);
      return { ok: true, kind };
    } finally {
      zip.close();
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    return { ok: false, reason: REFUSAL_OF[error.fault], entry: error.message };
  }
}

const MIMETYPES: Record<string, FileKind> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.presentation': 'odp',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/epub+zip': 'epub',
};

/** Keynote, Pages and Numbers: as a zip of parts, a zip with an `Index.zip`, a zipped bundle, or the XML of 2009. */
const IWORK_PART = /^(?:[^/]+\/)?(?:Index\/[^/]+\.iwa|Index\.zip|index\.apxl(?:\.gz)?|index\.xml(?:\.gz)?)$/;

/** Magic bytes can't tell these apart, and Google's exports order their parts freely: ask the directory. */
async function kindOfZip(zip: BoundedZip): Promise<FileKind | 'iwork'> {
  const names = zip.entries.map((entry) => entry.name);
  const holds = (prefix: string) => names.some((name) => name.startsWith(prefix));
  if (zip.has('mimetype')) {
    const declared = (await zip.read('mimetype', 1000)).toString('latin1').trim();
    const kind = MIMETYPES[declared];
    if (kind) return kind;
  }
  if (zip.has('[Content_Types].xml')) {
    if (holds('word/')) return 'docx';
    if (holds('ppt/')) return 'pptx';
    if (holds('xl/')) return 'xlsx';
  }
  if (names.some((name) => IWORK_PART.test(name))) return 'iwork';
  if (zip.has('imsmanifest.xml')) return 'imscc';
  if (zip.has('h5p.json')) return 'h5p';
  return 'zip';
}

async function forbiddenInside(
  zip: BoundedZip,
  kind: FileKind | 'iwork',
): Promise<{ reason: ZipRefusal; entry?: string } | undefined> {
  const names = zip.entries.map((entry) => entry.name);
  if (kind === 'docx' || kind === 'pptx' || kind === 'xlsx') {
    const types = (await zip.read('[Content_Types].xml', 4 * 1024 * 1024)).toString('utf8');
    const macros = /macroEnabled|vbaProject/i.test(types) || names.some((name) => /vbaProject/i.test(name));
    return macros ? { reason: 'macros' } : undefined;
  }
  if (kind === 'odt' || kind === 'odp' || kind === 'ods') {
    if (names.some((name) => /^(?:Basic\/[^/]+\/(?!script-lb\.xml$)|Scripts\/).+/.test(name))) {
      return { reason: 'macros' };
    }
    return (await isLockedOdf(zip)) ? { reason: 'password' } : undefined;
  }
  if (kind === 'zip') return forbiddenInPlainZip(names);
  return undefined;
}

/** Course packages carry web pages and sometimes zips by design and are never opened by us; plain zips needn't. */
function forbiddenInPlainZip(names: string[]): { reason: ZipRefusal; entry: string } | undefined {
  for (const entry of names) {
    const extension = fileExtension(entry.split('/').at(-1) ?? '');
    if (ARCHIVE_EXTENSIONS.has(extension)) return { reason: 'zip-in-zip', entry };
    if (PROGRAM_EXTENSIONS.has(extension)) return { reason: 'zip-program', entry };
  }
  return undefined;
}

async function isLockedOdf(zip: BoundedZip): Promise<boolean> {
  if (!zip.has('META-INF/manifest.xml')) return false;
  const manifest = await zip.read('META-INF/manifest.xml', 4 * 1024 * 1024);
  return manifest.includes('encryption-data');
}
