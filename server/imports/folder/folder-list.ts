import { join, posix } from 'node:path';
import { kindOfExtension, type FileKind } from '../../files/file-kinds.ts';
import { guessDescription, titleFromName } from '../../files/guess-description.ts';
import { fileExtension } from '../../lib/file-name.ts';
import type { Translate } from '../../locale/locale.ts';
import { guessMapping } from '../mapping-guess.ts';
import { NATIVE_FIELDS, type NativeField } from '../native-row.ts';
import { openRows } from '../readers/read-rows.ts';
import type { FolderLine } from '../readers/folder-reader.ts';
import { isReadable, type Row } from '../row-reader.ts';
import { walkFolder, type FolderEntry } from './folder-walk.ts';

/** What was read from a document when the folder was listed last. */
export type KnownDocument = { seen: string; title: string; summary: string };
export type KnownDocuments = ReadonlyMap<string, KnownDocument>;

/** A table at the top of the folder that says more about its documents. */
const SIDECAR = /^(?:rows|metadata|catalog|resources)\.(?:csv|tsv|xlsx|ndjson|json)$/i;
const MAX_KEYWORD = 100;
/** Kinds of documents that have a title of their own; to read one costs a process of its own. */
const WITH_PROPERTIES: ReadonlySet<FileKind> = new Set(['pdf', 'docx', 'pptx', 'odt', 'odp', 'ods', 'epub']);

type Document = Extract<FolderEntry, { size: number }>;

/**
 * Lists a folder as rows: one for each document, with its path as id, its own title or its name as title, its first
 * sentences as summary, and the names of its folders as keywords. Where a table at the top (`rows.csv`, `metadata.csv`)
 * names documents in `files`, its rows stand for these.
 * @param known what was read from unchanged documents before, by path
 * @returns lines of the list, as bytes, that `readFolderList` reads
 * @throws UnreadableFile where the table can't be read
 */
export async function* folderLines(
  root: string,
  known: KnownDocuments,
  t: Translate,
): AsyncGenerator<Buffer> {
  const documents = new Map<string, Document>();
  const skipped: FolderLine[] = [];
  let sidecar: string | undefined;
  for await (const entry of walkFolder(root)) {
    if (SIDECAR.test(entry.path)) sidecar ??= entry.path;
    else if ('skipped' in entry) skipped.push({ skipped: entry.skipped, name: entry.path });
    else documents.set(entry.path, entry);
  }
  const describe = (document: Document) => described(root, document, known);
  if (sidecar !== undefined)
    for await (const line of sidecarLines(root, { sidecar, documents, describe, t })) yield lineOf(line);
  for (const document of documents.values()) yield lineOf(await rowOf(document, describe));
  for (const line of skipped) yield lineOf(line);
}

const lineOf = (line: FolderLine): Buffer => Buffer.from(`${JSON.stringify(line)}\n`);

type Describe = (document: Document) => Promise<KnownDocument>;

const seenOf = ({ size, modified }: Document): string => `${size} ${modified}`;

/** What a document says of itself; read anew only where it changed. */
async function described(root: string, document: Document, known: KnownDocuments): Promise<KnownDocument> {
  const before = known.get(document.path);
  const seen = seenOf(document);
  if (before?.seen === seen) return before;
  const name = posix.basename(document.path);
  const kind = kindOfExtension(fileExtension(name)) ?? 'zip';
  if (!WITH_PROPERTIES.has(kind)) return { seen, title: titleFromName(name), summary: '' };
  const { ownTitle, summary } = await guessDescription(join(root, document.path), kind, name);
  return { seen, title: ownTitle || titleFromName(name), summary };
}

/** Names of the folders in which it lies, the nearest first. */
const folderWords = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .toReversed()
    .map(titleFromName)
    .filter((word) => word !== '' && word.length <= MAX_KEYWORD);

async function rowOf(document: Document, describe: Describe): Promise<FolderLine> {
  const { path } = document;
  const { seen, title, summary } = await describe(document);
  const values = {
    external_id: path.normalize('NFC'),
    title,
    summary,
    files: [path],
    keywords: folderWords(path),
  };
  return { values, document: { path, seen, title, summary } };
}

/** The rows of the table, each with what it leaves open; documents that it names have no row of their own. */
async function* sidecarLines(
  root: string,
  {
    sidecar,
    documents,
    describe,
    t,
  }: { sidecar: string; documents: Map<string, Document>; describe: Describe; t: Translate },
): AsyncGenerator<FolderLine> {
  const source = await openRows({ path: join(root, sidecar), name: sidecar });
  const fieldOf = source.columns
    ? Object.entries(guessMapping(source.columns, []).fields)
    : NATIVE_FIELDS.map((field) => [field, field] as const);
  const named = new Set<string>();
  try {
    for await (const row of source.rows) {
      if (!isReadable(row)) yield unreadable(row, sidecar, t);
      else yield await sidecarRow(row.values, { fieldOf, documents, describe, named });
    }
  } finally {
    await source.close();
  }
  for (const path of named) documents.delete(path);
}

const unreadable = (row: Exclude<Row, { values: unknown }>, sidecar: string, t: Translate): FolderLine => ({
  unreadable: t(row.fault.key, row.fault.params),
  name: sidecar,
  raw: row.raw,
});

async function sidecarRow(
  given: Record<string, unknown>,
  {
    fieldOf,
    documents,
    describe,
    named,
  }: {
    fieldOf: readonly (readonly [string, string])[];
    documents: ReadonlyMap<string, Document>;
    describe: Describe;
    named: Set<string>;
  },
): Promise<FolderLine> {
  const values: Record<string, unknown> = { ...given };
  for (const [field, column] of fieldOf) if (given[column] !== undefined) values[field] = given[column];
  const files = (['files', 'educator_files'] as NativeField[]).flatMap((field) => namesIn(values[field]));
  for (const file of files) named.add(file);
  const [first] = files.flatMap((file) => documents.get(file) ?? []);
  if (!first) return { values };
  const { seen, title, summary } = await describe(first);
  values['external_id'] ??= first.path.normalize('NFC');
  values['title'] ??= title;
  values['summary'] ??= summary;
  return { values, document: { path: first.path, seen, title, summary } };
}

const namesIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : typeof value === 'string' ? value.split('|') : []).map((name) =>
    posix.normalize(String(name).trim().replaceAll('\\', '/')),
  );
