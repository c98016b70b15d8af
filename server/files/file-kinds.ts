/** What an uploaded file is, once its name and its content agree. */
export type FileKind = (typeof FILE_KINDS)[number]['kind'];

interface FileKindFacts {
  kind: string;
  /** Lower case, without the dot; the first is the one we suggest. */
  extensions: readonly [string, ...string[]];
  /** The Content-Type that we serve, whatever the browser sent. */
  mime: string;
  /** `inline`: the browser's own viewer shows it; `attachment`: it is only ever saved. */
  serve: 'inline' | 'attachment';
  /** Whether extractDocument reads text from it. */
  text: boolean;
  /** How renderPreviews makes images of it. `office` needs LibreOffice; `cover` is a picture inside the package. */
  preview: 'pdf' | 'image' | 'office' | 'cover' | 'none';
}

const OOXML = 'application/vnd.openxmlformats-officedocument';
const ODF = 'application/vnd.oasis.opendocument';

/** The allow-list. What isn't here is refused; there is no way around it. */
export const FILE_KINDS = [
  facts('pdf', ['pdf'], 'application/pdf', 'inline', true, 'pdf'),
  facts('docx', ['docx'], `${OOXML}.wordprocessingml.document`, 'attachment', true, 'office'),
  facts('pptx', ['pptx'], `${OOXML}.presentationml.presentation`, 'attachment', true, 'office'),
  facts('xlsx', ['xlsx'], `${OOXML}.spreadsheetml.sheet`, 'attachment', true, 'office'),
  facts('odt', ['odt'], `${ODF}.text`, 'attachment', true, 'office'),
  facts('odp', ['odp'], `${ODF}.presentation`, 'attachment', true, 'office'),
  facts('ods', ['ods'], `${ODF}.spreadsheet`, 'attachment', true, 'office'),
  facts('rtf', ['rtf'], 'application/rtf', 'attachment', true, 'office'),
  facts('epub', ['epub'], 'application/epub+zip', 'attachment', true, 'cover'),
  facts('png', ['png'], 'image/png', 'inline', false, 'image'),
  facts('jpg', ['jpg', 'jpeg'], 'image/jpeg', 'inline', false, 'image'),
  facts('webp', ['webp'], 'image/webp', 'inline', false, 'image'),
  facts('gif', ['gif'], 'image/gif', 'inline', false, 'image'),
  facts('mp3', ['mp3'], 'audio/mpeg', 'inline', false, 'none'),
  facts('m4a', ['m4a'], 'audio/mp4', 'inline', false, 'none'),
  facts('wav', ['wav'], 'audio/wav', 'inline', false, 'none'),
  facts('mp4', ['mp4', 'm4v'], 'video/mp4', 'inline', false, 'none'),
  facts('webm', ['webm'], 'video/webm', 'inline', false, 'none'),
  facts('vtt', ['vtt'], 'text/vtt; charset=utf-8', 'attachment', true, 'none'),
  facts('txt', ['txt'], 'text/plain; charset=utf-8', 'attachment', true, 'none'),
  facts('csv', ['csv'], 'text/csv; charset=utf-8', 'attachment', true, 'none'),
  facts('md', ['md', 'markdown'], 'text/markdown; charset=utf-8', 'attachment', true, 'none'),
  facts('key', ['key'], 'application/vnd.apple.keynote', 'attachment', false, 'cover'),
  facts('pages', ['pages'], 'application/vnd.apple.pages', 'attachment', false, 'cover'),
  facts('numbers', ['numbers'], 'application/vnd.apple.numbers', 'attachment', false, 'cover'),
  facts('zip', ['zip'], 'application/zip', 'attachment', false, 'none'),
  facts('imscc', ['imscc'], 'application/vnd.ims.imsccv1p1', 'attachment', false, 'none'),
  facts('h5p', ['h5p'], 'application/zip', 'attachment', false, 'none'),
] as const;

/** Kinds that people often try and that get a sentence of their own, by extension. */
const KNOWN_REFUSALS = {
  'old-office': words('doc dot xls xlt ppt pps pot pub wpd wps'),
  macros: words('docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam'),
  'web-page': words('html htm xhtml mht mhtml svg svgz xml xsl css js mjs webarchive'),
  program: words(
    'exe dll msi com scr pif bat cmd ps1 vbs vbe jse wsf hta jar app apk dmg pkg deb rpm sh lnk reg swf iso elf macho',
  ),
  'image-format': words('heic heif avif tif tiff bmp psd ai eps'),
  'video-format': words('mov avi wmv mkv flv mpg mpeg 3gp'),
  'audio-format': words('wma aac ogg oga flac aif aiff mid midi'),
  'archive-format': words('rar 7z gz tgz tar bz2 xz'),
  'cloud-shortcut': words('gdoc gsheet gslides gdraw url webloc'),
};

/** Why an extension is refused when it isn't on the allow-list. `kind`: simply not one of ours. */
export type ExtensionRefusal = keyof typeof KNOWN_REFUSALS | 'kind' | 'no-extension';

/** Extensions of programs and macro documents, that no zip may carry either. */
export const PROGRAM_EXTENSIONS: ReadonlySet<string> = new Set([
  ...KNOWN_REFUSALS.program,
  ...KNOWN_REFUSALS.macros,
]);

/** Extensions of archives, that no zip may carry: we look one level deep. */
export const ARCHIVE_EXTENSIONS: ReadonlySet<string> = new Set(['zip', ...KNOWN_REFUSALS['archive-format']]);

const byKind = new Map<FileKind, (typeof FILE_KINDS)[number]>(FILE_KINDS.map((found) => [found.kind, found]));
const byExtension = new Map<string, FileKind>(
  FILE_KINDS.flatMap(({ kind, extensions }) => extensions.map((extension) => [extension, kind] as const)),
);

/** Returns what we know of a kind. */
export function kindFacts(kind: FileKind): (typeof FILE_KINDS)[number] {
  const found = byKind.get(kind);
  if (!found) throw new RangeError(`No such kind of file: ${kind}`);
  return found;
}

/** Returns whether a text (from the database, say) names a kind. */
export function isFileKind(text: string): text is FileKind {
  return byKind.has(text as FileKind);
}

/** Returns the kind that an extension promises, or undefined where it isn't on the allow-list. */
export function kindOfExtension(extension: string): FileKind | undefined {
  return byExtension.get(extension);
}

/** Returns why an extension that isn't on the allow-list is refused. */
export function extensionRefusal(extension: string): ExtensionRefusal {
  if (extension === '') return 'no-extension';
  for (const [reason, extensions] of Object.entries(KNOWN_REFUSALS)) {
    if (extensions.includes(extension)) return reason as keyof typeof KNOWN_REFUSALS;
  }
  return 'kind';
}

/** The `accept` attribute for a file input: every extension we take. */
export const ACCEPT_ATTRIBUTE = FILE_KINDS.flatMap(({ extensions }) =>
  extensions.map((extension) => `.${extension}`),
).join(',');

function words(text: string): string[] {
  return text.split(' ');
}

function facts<const Kind extends string>(
  kind: Kind,
  extensions: FileKindFacts['extensions'],
  mime: string,
  serve: FileKindFacts['serve'],
  text: boolean,
  preview: FileKindFacts['preview'],
): FileKindFacts & { kind: Kind } {
  return { kind, extensions, mime, serve, text, preview };
}
