import { parseXml } from '../../files/extract/xml-events.ts';

/** An element by its local name. */
export type XmlNode = {
  name: string;
  attributes: Record<string, string>;
  children: XmlNode[];
  /** What stands in it directly. */
  text: string;
};

const MAX_NODES = 300_000;
const MAX_DEPTH = 100;

/**
 * Reads a whole XML document into memory: for a manifest, not for a catalog. Entities that it defines itself are never
 * expanded. What is deeper or more than honest documents are is left out.
 * @returns its outermost element; `complete` false where the document breaks off before that ends, or was too much
 */
export async function readXmlTree(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ root: XmlNode | undefined; complete: boolean }> {
  const open: XmlNode[] = [];
  let root: XmlNode | undefined;
  let nodes = 0;
  let closed = false;
  await parseXml(
    chunks,
    {
      open: (name, attributes) => {
        nodes += 1;
        const node: XmlNode = { name, attributes, children: [], text: '' };
        if (open.length < MAX_DEPTH) open.at(-1)?.children.push(node);
        if (open.length === 0) root ??= node;
        open.push(node);
      },
      text: (text) => {
        const inside = open.at(-1);
        if (inside) inside.text += text;
      },
      close: () => {
        open.pop();
        if (open.length === 0) closed = true;
      },
    },
    () => nodes > MAX_NODES,
  );
  return { root, complete: closed && nodes <= MAX_NODES };
}

/** The elements at the end of a path of local names. */
export function nodesAt(from: XmlNode | undefined, ...path: string[]): XmlNode[] {
  let here = from ? [from] : [];
  for (const name of path)
    here = here.flatMap((node) => node.children.filter((child) => child.name === name));
  return here;
}

/** The first text at the end of a path, white space made plain; '' where there is none. */
export const textAt = (from: XmlNode | undefined, ...path: string[]): string =>
  nodesAt(from, ...path)
    .map(wholeText)
    .find((text) => text !== '') ?? '';

/** All texts at the end of a path. */
export const textsAt = (from: XmlNode | undefined, ...path: string[]): string[] =>
  nodesAt(from, ...path)
    .map(wholeText)
    .filter((text) => text !== '');

const wholeText = (node: XmlNode): string =>
  [node.text, ...node.children.map(({ text }) => text)].join(' ').replaceAll(/\s+/g, ' ').trim();

/** Every element of a name, however deep. */
export function allNamed(from: XmlNode, name: string): XmlNode[] {
  return from.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...allNamed(child, name),
  ]);
}
