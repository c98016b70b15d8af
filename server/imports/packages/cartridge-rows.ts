import { posix } from 'node:path';
import { titleFromName } from '../../files/guess-description.ts';
import { kindOfExtension } from '../../files/file-kinds.ts';
import { ZipError, type BoundedZip } from '../../files/zip-reader.ts';
import { decodeText, detectEncoding } from '../../files/text-encoding.ts';
import { fileExtension } from '../../lib/file-name.ts';
import { gradesOfAges } from '../../lib/grade.ts';
import { readHtml, type HtmlText } from '../../lib/html-markdown.ts';
import type { MessageKey } from '../../locale/locale.ts';
import type { NativeField } from '../native-row.ts';
import { attribute } from '../../files/extract/xml-events.ts';
import type { Cartridge, CartridgePart } from './cartridge-manifest.ts';
import { decoded, entryOf } from './packed-files.ts';
import { nodesAt, readXmlTree, textAt, type XmlNode } from './xml-tree.ts';

/** The longest page or description that is read. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const MAX_KEYWORD = 100;
/** A page that is nothing but one link is that link. */
const ONLY_A_LINK = /^(?:#{1,6} )?\[[^\]]*\]\((https?:[^)]*)\)$/;

type Values = Partial<Record<NativeField, unknown>>;

/** What a part of a package came to: a row, or why it is none. */
export type PartResult = { part: CartridgePart } & (
  | { values: Values }
  | { skipped: Extract<MessageKey, `import.skipped.${string}`>; name: string }
  /** It can't be unpacked, or is larger than is read. */
  | { broken: string }
);

/**
 * Makes rows of the parts of a course, in its order: pages, discussions, assignments and links first, then the files
 * that belong to none of these. What such a part links to or shows goes with it as its files.
 */
export async function* rowsOfCartridge(zip: BoundedZip, cartridge: Cartridge): AsyncGenerator<PartResult> {
  const attached = new Set<string>();
  const alone: CartridgePart[] = [];
  for (const part of cartridge.parts) {
    const page = pageOf(zip, part);
    if (part.kind === 'content' && page === undefined) {
      alone.push(part);
      continue;
    }
    if (part.kind === 'associated' && (page === undefined || page.startsWith('course_settings/'))) continue;
    const result = await readPart(zip, part, page).catch((error: unknown) => {
      if (!(error instanceof ZipError)) throw error;
      return { broken: page ?? part.href };
    });
    if ('skipped' in result || 'broken' in result) {
      yield { part, ...result };
      continue;
    }
    for (const name of result.files) attached.add(name);
    yield { part, values: valuesOf(cartridge, part, result) };
  }
  for (const part of alone) {
    const result = fileAlone(zip, part, attached);
    if (result === undefined) continue;
    if ('skipped' in result) yield { part, ...result };
    else yield { part, values: valuesOf(cartridge, part, result) };
  }
}

type Content = {
  title: string;
  description: string;
  text: string;
  url: string;
  /** Entries of the package. */
  files: string[];
};
type Skipped = Omit<Extract<PartResult, { skipped: unknown }>, 'part'>;

const nothing: Content = { title: '', description: '', text: '', url: '', files: [] };

/** The web page that a part is, as an entry of the package. */
function pageOf(zip: BoundedZip, part: CartridgePart): string | undefined {
  const path = part.href || part.files[0] || '';
  if (part.kind !== 'content' && part.kind !== 'associated') return undefined;
  return /\.x?html?$/i.test(path.split(/[?#]/, 1)[0] ?? '') ? entryOf(zip, path) : undefined;
}

async function readPart(
  zip: BoundedZip,
  part: CartridgePart,
  page: string | undefined,
): Promise<Content | Skipped> {
  const name = part.title || part.lom.title || part.href || part.id;
  if (page !== undefined) return readPage(zip, part, page, name);
  switch (part.kind) {
    case 'link':
      return withName(await readLink(zip, part), name);
    case 'discussion':
    case 'assignment':
      return withName(await readTopic(zip, part), name);
    case 'questionBank':
    case 'assessment':
    case 'tool':
      return {
        skipped: `import.skipped.${part.kind}`,
        name: part.title || (await nameInside(zip, part)) || name,
      };
    default:
      return { skipped: 'import.skipped.other', name: part.type === '' ? name : `${name} (${part.type})` };
  }
}

const withName = (content: Content | undefined, name: string): Content | Skipped =>
  content && (content.url !== '' || content.text !== '' || content.files.length > 0)
    ? content
    : { skipped: 'import.skipped.empty', name: content?.title || name };

/** What a quiz or a tool calls itself. */
async function nameInside(zip: BoundedZip, part: CartridgePart): Promise<string> {
  const root = await treeOf(zip, part);
  if (!root) return '';
  const titled = [root, ...root.children].map(({ attributes }) => attribute(attributes, 'title') ?? '');
  return textAt(root, 'title') || (titled.find((title) => title !== '') ?? '');
}

async function readPage(
  zip: BoundedZip,
  part: CartridgePart,
  page: string,
  name: string,
): Promise<Content | Skipped> {
  const bytes = await zip.read(page, MAX_PAGE_BYTES);
  const html = readHtml(decodeText(bytes, detectEncoding(bytes, false)));
  // What its teacher has not shown to anyone yet is not ours to show.
  if (html.meta.get('workflow_state') === 'unpublished')
    return { skipped: 'import.skipped.unpublished', name: html.title || name };
  const own = part.files
    .flatMap((file) => entryOf(zip, file) ?? [])
    .filter((file) => file !== page && isFile(file));
  const content = contentOf(zip, html, posix.dirname(page));
  return withName({ ...content, files: [...new Set([...content.files, ...own])] }, name);
}

/** The words of a page or a text, and the entries that it links to or shows. */
function contentOf(zip: BoundedZip, html: HtmlText, folder: string): Content {
  const files = html.links.flatMap((link) => linkedEntry(zip, link, folder) ?? []);
  return {
    title: html.title,
    description: html.markdown,
    text: html.text,
    url: ONLY_A_LINK.exec(html.markdown)?.[1] ?? '',
    files: [...new Set(files)].filter(isFile),
  };
}

/** `$IMS-CC-FILEBASE$/notes.pdf`, `../web_resources/notes.pdf` → the entry. */
function linkedEntry(zip: BoundedZip, link: string, folder: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link) || link.startsWith('#')) return undefined;
  const path = decoded(link.split(/[?#]/, 1)[0] ?? '');
  const based = /^\$?IMS[-_]CC[-_]FILEBASE\$?\/*(.+)$/i.exec(path)?.[1];
  if (based !== undefined)
    return [based, `web_resources/${based}`, based.replace(/^(?:\.\.\/)+/, '')]
      .flatMap((name) => entryOf(zip, name) ?? [])
      .at(0);
  const joined = posix.join(folder, path);
  return joined.startsWith('..') ? undefined : entryOf(zip, joined);
}

const isFile = (entry: string): boolean => kindOfExtension(fileExtension(entry)) !== undefined;

async function readLink(zip: BoundedZip, part: CartridgePart): Promise<Content | undefined> {
  const root = part.inlineLink ?? (await treeOf(zip, part));
  if (!root) return undefined;
  const address = nodesAt(root, 'url')
    .map(({ attributes, text }) => attribute(attributes, 'href') ?? text.trim())
    .find((found) => found !== '');
  return { ...nothing, title: textAt(root, 'title'), url: address ?? '' };
}

/** A discussion topic (imsdt) or an assignment: a text in plain words or HTML, and attachments. */
async function readTopic(zip: BoundedZip, part: CartridgePart): Promise<Content | undefined> {
  const root = await treeOf(zip, part);
  if (!root) return undefined;
  const [text] = nodesAt(root, 'text');
  const source = text?.text ?? '';
  const isHtml = /html/i.test(text?.attributes['texttype'] ?? 'text/html');
  const content = isHtml
    ? contentOf(zip, readHtml(source), '')
    : { ...nothing, description: source.trim(), text: source.trim() };
  const attachments = nodesAt(root, 'attachments', 'attachment')
    .flatMap(({ attributes }) => attribute(attributes, 'href') ?? [])
    .flatMap((href) => linkedEntry(zip, href, '') ?? entryOf(zip, `web_resources/${href}`) ?? [])
    .filter(isFile);
  return {
    ...content,
    title: textAt(root, 'title'),
    files: [...new Set([...content.files, ...attachments])],
  };
}

/** The XML that describes a part. */
async function treeOf(zip: BoundedZip, part: CartridgePart): Promise<XmlNode | undefined> {
  const entry = [part.href, ...part.files]
    .filter((path) => /\.xml$/i.test(path))
    .flatMap((path) => entryOf(zip, path) ?? [])
    .at(0);
  return entry === undefined ? undefined : (await readXmlTree(zip.chunks(entry, MAX_PAGE_BYTES))).root;
}

/** A file that no page shows or links to, or that the course itself names. */
function fileAlone(
  zip: BoundedZip,
  part: CartridgePart,
  attached: ReadonlySet<string>,
): Content | Skipped | undefined {
  const path = part.href || part.files[0] || '';
  const entry = entryOf(zip, path);
  const name = part.title || path || part.id;
  if (entry === undefined) return { skipped: 'import.skipped.noFile', name };
  if (!part.named && attached.has(entry)) return undefined;
  if (!isFile(entry)) return { skipped: 'import.skipped.kind', name };
  if (!part.named && /\.(?:png|jpe?g|gif|webp)$/i.test(entry))
    return { skipped: 'import.skipped.picture', name };
  const others = part.files.flatMap((file) => entryOf(zip, file) ?? []).filter(isFile);
  return { ...nothing, title: titleFromName(posix.basename(entry)), files: [...new Set([entry, ...others])] };
}

function valuesOf({ title: course, lom: whole }: Cartridge, part: CartridgePart, content: Content): Values {
  const { lom } = part;
  const keywords = [...part.place.toReversed(), course, ...lom.keywords, ...whole.keywords]
    .map((word) => word.trim())
    .filter((word) => word !== '' && word.length <= MAX_KEYWORD);
  const ages = lom.ages.length > 0 ? lom.ages : whole.ages;
  const paths = content.files;
  return {
    external_id: part.id,
    title: part.title || content.title || lom.title || part.id,
    summary: lom.description,
    description: content.description,
    url: content.url,
    text: content.text,
    [lom.educatorsOnly ? 'educator_files' : 'files']: paths,
    type: lom.type,
    grades: [...new Set(ages.flatMap(gradesOfAges))],
    standards: part.standards,
    license: lom.license || whole.license,
    language: lom.language || whole.language,
    authors: lom.authors || whole.authors,
    publisher: lom.publisher || whole.publisher,
    keywords: [...new Set(keywords)],
    minutes: lom.duration,
  };
}
