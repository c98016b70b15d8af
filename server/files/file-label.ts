/** How a file is drawn and named on pages; `kind` is the blob's (file-kinds.ts). */
export type FileSign =
  'document' | 'slides' | 'sheet' | 'image' | 'audio' | 'video' | 'book' | 'text' | 'link' | 'package';

const signs: Record<string, [FileSign, string]> = {
  pdf: ['document', 'PDF'],
  docx: ['document', 'Word'],
  pptx: ['slides', 'PowerPoint'],
  xlsx: ['sheet', 'Excel'],
  odt: ['document', 'OpenDocument text'],
  odp: ['slides', 'OpenDocument slides'],
  ods: ['sheet', 'OpenDocument sheet'],
  rtf: ['document', 'RTF'],
  epub: ['book', 'EPUB'],
  png: ['image', 'PNG'],
  jpg: ['image', 'JPEG'],
  webp: ['image', 'WebP'],
  gif: ['image', 'GIF'],
  mp3: ['audio', 'MP3'],
  m4a: ['audio', 'M4A'],
  wav: ['audio', 'WAV'],
  mp4: ['video', 'MP4'],
  webm: ['video', 'WebM'],
  vtt: ['text', 'captions'],
  txt: ['text', 'plain text'],
  csv: ['sheet', 'CSV'],
  md: ['text', 'Markdown'],
  key: ['slides', 'Keynote'],
  pages: ['document', 'Pages'],
  numbers: ['sheet', 'Numbers'],
  zip: ['package', 'ZIP'],
  imscc: ['package', 'Common Cartridge'],
  h5p: ['package', 'H5P'],
};

/** Which drawing stands for a blob of this kind. */
export const fileSign = (kind: string): FileSign => signs[kind]?.[0] ?? 'document';

/** The kind as people say it: "PDF", "Word". Product names, the same in every language. */
export const formatName = (kind: string): string => signs[kind]?.[1] ?? kind.toUpperCase();
