import { attribute } from '../../files/extract/xml-events.ts';
import { readLom, type Lom } from './lom.ts';
import { allNamed, nodesAt, textAt, type XmlNode } from './xml-tree.ts';

/** What a resource of a package is, by its type. */
export type PartKind =
  | 'content'
  | 'link'
  | 'discussion'
  | 'assignment'
  | 'assessment'
  | 'questionBank'
  | 'tool'
  /** What a system wrote for itself: settings of a page, a quiz or a course. */
  | 'associated'
  | 'other';

/** A resource of a package. */
export type CartridgePart = {
  id: string;
  kind: PartKind;
  /** As the manifest has it, for a report. */
  type: string;
  /** Path in the package; '' where it has none. */
  href: string;
  /** Paths of all its files. */
  files: string[];
  /** Titles of the items that stand above it, the topmost first. */
  place: string[];
  /** Of the item that names it; '' where none does. */
  title: string;
  named: boolean;
  lom: Lom;
  standards: { guid: string; code: string }[];
  /** A web link that stands in the manifest itself. */
  inlineLink: XmlNode | undefined;
};

export type Cartridge = { title: string; lom: Lom; parts: CartridgePart[] };

const KINDS: readonly (readonly [RegExp, PartKind])[] = [
  [/^imswl_/i, 'link'],
  [/^imsdt_/i, 'discussion'],
  [/^assignment_/i, 'assignment'],
  [/question-bank/i, 'questionBank'],
  [/^imsqti|^imsapip|assessment/i, 'assessment'],
  [/^imsbasiclti_|lti/i, 'tool'],
  [/^associatedcontent\/|learning-application-resource$/i, 'associated'],
  [/^webcontent$|^idpf_epub/i, 'content'],
];

const kindOf = (type: string): PartKind => KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';

/**
 * Reads an `imsmanifest.xml` (IMS Content Packaging as Common Cartridge 1.0–1.4 and Thin Common Cartridge use it).
 * @returns its resources, those that an item names first, in the order of the course; undefined where it has none
 */
export function readManifest(root: XmlNode): Cartridge | undefined {
  const resources = nodesAt(root, 'resources', 'resource');
  if (resources.length === 0) return undefined;
  const lom = readLom(nodesAt(root, 'metadata', 'lom')[0]);
  const places = placesOf(root);
  const fallbacks = fallbacksOf(resources);
  const own = resources.filter((node) => !fallbacks.has(attribute(node.attributes, 'identifier') ?? ''));
  const parts = own.map((node): CartridgePart => {
    const id = attribute(node.attributes, 'identifier') ?? '';
    const place = places.get(id);
    const href = attribute(node.attributes, 'href') ?? '';
    const base = attribute(node.attributes, 'base') ?? '';
    const files = nodesAt(node, 'file').flatMap((file) => attribute(file.attributes, 'href') ?? []);
    const type = attribute(node.attributes, 'type') ?? '';
    return {
      id,
      kind: kindOf(type),
      type,
      href: href === '' ? '' : base + href,
      files: files.map((file) => base + file),
      place: place?.above ?? [],
      title: place?.title ?? '',
      named: place !== undefined,
      lom: readLom(nodesAt(node, 'metadata', 'lom')[0]),
      standards: [...standardsOf(node), ...(place?.standards ?? [])],
      inlineLink: nodesAt(node, 'webLink')[0],
    };
  });
  const order = new Map([...places.keys()].map((id, index) => [id, index]));
  parts.sort((a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size));
  return { title: lom.title, lom, parts };
}

type Place = { title: string; above: string[]; standards: CartridgePart['standards'] };

/** By the resource that an item names: the first item counts. Items that share a title get that of the one above. */
function placesOf(root: XmlNode): Map<string, Place> {
  const places = new Map<string, Place>();
  const walk = (item: XmlNode, above: string[]) => {
    const title = textAt(item, 'title');
    const ref = attribute(item.attributes, 'identifierref');
    if (ref !== undefined && !places.has(ref))
      places.set(ref, { title, above, standards: standardsOf(item) });
    const below = title === '' || ref !== undefined ? above : [...above, title];
    for (const child of nodesAt(item, 'item')) walk(child, below);
  };
  for (const organization of nodesAt(root, 'organizations', 'organization'))
    for (const item of nodesAt(organization, 'item')) walk(item, []);
  const count = new Map<string, number>();
  for (const { title } of places.values()) count.set(title, (count.get(title) ?? 0) + 1);
  for (const place of places.values()) {
    const parent = place.above.at(-1);
    if ((count.get(place.title) ?? 0) > 1 && parent !== undefined) place.title = `${parent}: ${place.title}`;
  }
  return places;
}

/** Ids of resources that stand in for another one, for systems that don't know its type; we know it. */
function fallbacksOf(resources: readonly XmlNode[]): ReadonlySet<string> {
  const kinds = new Map(
    resources.map((node) => [
      attribute(node.attributes, 'identifier') ?? '',
      kindOf(attribute(node.attributes, 'type') ?? ''),
    ]),
  );
  return new Set(
    resources.flatMap((node) => {
      const [variant] = nodesAt(node, 'variant');
      const kind = variant && kinds.get(attribute(variant.attributes, 'identifierref') ?? '');
      return kind !== undefined && kind !== 'other' ? (attribute(node.attributes, 'identifier') ?? []) : [];
    }),
  );
}

/** Curriculum standards of a resource or an item (imscsmd): a GUID each, with a code where it has one. */
function standardsOf(node: XmlNode): { guid: string; code: string }[] {
  return nodesAt(node, 'metadata')
    .flatMap((metadata) => allNamed(metadata, 'labelledGUID'))
    .map((one) => ({ guid: textAt(one, 'GUID'), code: textAt(one, 'label') }))
    .filter(({ guid, code }) => guid !== '' || code !== '');
}
