import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';

/** Attributes by their whole name, prefix included. */
export type XmlAttributes = Record<string, string>;

/** Called with local names: prefixes are each writer's own choice. */
export interface XmlHandlers {
  open?: (name: string, attributes: XmlAttributes) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
}

/** Names that XHTML takes from its DTD, as far as books use them; DTDs themselves are never read. */
const HTML_ENTITIES = Object.fromEntries(
  (
    'nbsp=\u00a0 copy=© reg=® deg=° middot=· times=× divide=÷ frac12=½ ndash=– mdash=— lsquo=‘ rsquo=’ ldquo=“ ' +
    'rdquo=” hellip=… bull=• eacute=é egrave=è aacute=á iacute=í oacute=ó uacute=ú ntilde=ñ uuml=ü'
  )
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
);

/**
 * Parses XML as it streams in. Broken XML doesn't throw: what can be read is read. Entities that a document defines
 * itself are never expanded. Stops early when `stop` says so.
 */
export async function parseXml(
  chunks: AsyncIterable<Uint8Array>,
  handlers: XmlHandlers,
  stop: () => boolean = () => false,
): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  Object.assign(parser.ENTITIES, HTML_ENTITIES);
  parser.on('error', () => undefined);
  parser.on('opentag', ({ name, attributes }) => handlers.open?.(localName(name), attributes));
  parser.on('closetag', ({ name }) => handlers.close?.(localName(name)));
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    parser.write(decoder.decode(chunk, { stream: true }));
    if (stop()) return;
  }
  parser.close();
}

/** The value of an attribute by its local name, whatever its prefix; `id` doesn't find `r:id` unless there is no `id`. */
export function attribute(attributes: XmlAttributes, name: string): string | undefined {
  return attributes[name] ?? prefixedAttribute(attributes, name);
}

/** The value of an attribute that has a prefix, such as `r:id`. */
export function prefixedAttribute(attributes: XmlAttributes, name: string): string | undefined {
  const found = Object.keys(attributes).find((key) => key.endsWith(`:${name}`));
  return found === undefined ? undefined : attributes[found];
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const declared = /^[^>]{0,200}encoding=["']([\w-]+)/.exec(
    Buffer.from(head.subarray(0, 200)).toString('latin1'),
  );
  try {
    return new TextDecoder(declared?.[1] ?? 'utf-8').encoding;
  } catch {
    return 'utf-8';
  }
}
