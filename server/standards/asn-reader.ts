/**
 * Reads a standards document of the Achievement Standards Network, as RDF/XML or RDF/JSON.
 * Both become the same nodes (subject → predicate → values) and are then read alike. ASN has no GUIDs: an item's GUID
 * is the UUIDv5 of its address (see framework-identity.ts).
 */
import { SaxesParser } from 'saxes';
import { uuid5OfUrl } from '../lib/uuid5.ts';
import { plainStatement } from '../lib/plain-statement.ts';
import { cleanText } from '../web/parse.ts';
import { readGrades, readTime } from './case-reader.ts';
import { asnUri, guidIn, guidOf } from './framework-identity.ts';
import { itemName, settleLinks, unreadable, Warnings } from './framework-package.ts';
import type {
  FrameworkAssociation,
  FrameworkDocument,
  FrameworkFormat,
  FrameworkItem,
  FrameworkPackage,
  RawLink,
} from './framework-package.ts';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const ASN = 'http://purl.org/ASN/schema/core/';
const DC = 'http://purl.org/dc/elements/1.1/';
const TERMS = 'http://purl.org/dc/terms/';
const GEM = 'http://purl.org/gem/qualifiers/';
const SKOS = 'http://www.w3.org/2004/02/skos/core#';
const CC = 'http://creativecommons.org/ns#';
const LOC = 'http://www.loc.gov/loc.terms/relators/';
const FOAF = 'http://xmlns.com/foaf/0.1/';

interface Value {
  value: string;
  language: string | undefined;
}

/** One subject: predicate (full address) → values in the order of the file. */
type Node = Map<string, Value[]>;
type Nodes = Map<string, Node>;

/** What ASN calls a relation, as a CASE association; `turned`: origin and destination change places. */
const RELATIONS: readonly { predicate: string; type: string; turned?: true }[] = [
  { predicate: `${SKOS}exactMatch`, type: 'exactMatchOf' },
  { predicate: `${SKOS}closeMatch`, type: 'isRelatedTo' },
  { predicate: `${ASN}alignTo`, type: 'isRelatedTo' },
  { predicate: `${ASN}derivedFrom`, type: 'isRelatedTo' },
  { predicate: `${ASN}comprisedOf`, type: 'isPartOf', turned: true },
  { predicate: `${TERMS}isReplacedBy`, type: 'replacedBy' },
  { predicate: `${TERMS}replaces`, type: 'replacedBy', turned: true },
];

/** ISO 639-2 as the Library of Congress writes it, for the languages that schools here teach in. */
const LANGUAGES: Record<string, string> = {
  eng: 'en',
  spa: 'es',
  fre: 'fr',
  fra: 'fr',
  ger: 'de',
  deu: 'de',
  chi: 'zh',
};

const last = (uri: string): string =>
  uri
    .replace(/[/#]+$/, '')
    .split(/[/#]/)
    .at(-1) ?? uri;

class AsnReader {
  readonly warnings = new Warnings();
  readonly nodes: Nodes;
  readonly format: FrameworkFormat;

  constructor(nodes: Nodes, format: FrameworkFormat) {
    this.nodes = nodes;
    this.format = format;
  }

  read(): FrameworkPackage {
    const documents = [...this.nodes].filter(([, node]) => this.is(node, 'StandardDocument'));
    const [first] = documents;
    if (!first) throw unreadable('noAsnDocument');
    if (documents.length > 1) this.warnings.add('standards.warning.moreDocuments', first[0]);
    const document = this.document(...first);
    const items = this.items();
    const parents = settleLinks(items, this.links(document), this.warnings);
    const associations = this.associations();
    return {
      format: this.format,
      document,
      items,
      parents,
      associations,
      descriptors: [],
      warnings: this.warnings.list(),
    };
  }

  is(node: Node, type: string): boolean {
    return (node.get(`${RDF}type`) ?? []).some(({ value }) => value === ASN + type);
  }

  all(node: Node, predicate: string): string[] {
    return (node.get(predicate) ?? [])
      .map(({ value }) => cleanText(value).trim())
      .filter((value) => value !== '');
  }

  one(node: Node, ...predicates: string[]): string | null {
    for (const predicate of predicates) {
      const [value] = this.all(node, predicate);
      if (value !== undefined) return value;
    }
    return null;
  }

  prose(node: Node, ...predicates: string[]): string | null {
    const texts = predicates.flatMap((predicate) => this.all(node, predicate)).map(plainStatement);
    return [...new Set(texts)].filter((one) => one !== '').join('\n\n') || null;
  }

  language(node: Node): string | null {
    const described = node.get(`${TERMS}description`)?.find(({ language }) => language)?.language;
    const code = this.one(node, `${TERMS}language`);
    const short = code === null ? undefined : last(code);
    return described ?? (short === undefined ? null : (LANGUAGES[short] ?? short));
  }

  document(uri: string, node: Node): FrameworkDocument {
    // What ASN says about the file itself stands in a node beside the document.
    const about = [...this.nodes.values()].find((other) =>
      this.all(other, `${FOAF}primaryTopic`).includes(uri),
    );
    const meta: Node = about ?? new Map<string, Value[]>();
    const title = this.one(node, `${DC}title`, `${TERMS}title`);
    if (title === null) this.warnings.add('standards.warning.noTitle', uri);
    const jurisdiction = this.one(node, `${ASN}jurisdiction`);
    const status = this.one(node, `${ASN}publicationStatus`);
    return {
      guid: guidOf(uri) ?? '',
      uri,
      title: title === null ? 'Untitled framework' : plainStatement(title),
      creator:
        this.one(node, `${LOC}aut`, `${DC}creator`, `${TERMS}creator`) ??
        (jurisdiction === null ? null : last(jurisdiction)) ??
        this.one(meta, `${TERMS}rightsHolder`) ??
        '',
      publisher: this.one(node, `${DC}publisher`, `${TERMS}publisher`),
      description: this.prose(node, `${TERMS}description`),
      notes: this.one(node, `${TERMS}rights`) ?? this.one(meta, `${CC}attributionName`),
      subjects: this.all(node, `${TERMS}subject`).map((subject) => readable(last(subject))),
      language: this.language(node),
      version: this.one(node, `${TERMS}valid`, `${TERMS}dateCopyright`),
      adoptionStatus: status === null ? null : last(status),
      caseVersion: null,
      officialSourceUrl: this.one(node, `${TERMS}source`),
      licenseUri: this.one(node, `${CC}license`) ?? this.one(meta, `${CC}license`),
      changedAt: readTime(
        this.one(meta, `${TERMS}modified`) ?? this.one(node, `${TERMS}modified`),
        uri,
        this.warnings,
      ),
    };
  }

  items(): FrameworkItem[] {
    const items = new Map<string, FrameworkItem>();
    for (const [uri, node] of this.nodes) {
      const item = this.is(node, 'Statement') ? this.item(uri, node) : undefined;
      if (!item) continue;
      if (items.has(item.guid)) this.warnings.add('standards.warning.itemTwice', itemName(item));
      else items.set(item.guid, item);
    }
    if (items.size === 0) throw unreadable('noItems');
    return [...items.values()];
  }

  item(uri: string, node: Node): FrameworkItem | undefined {
    const guid = guidOf(uri);
    const codes = [
      ...this.all(node, `${ASN}statementNotation`),
      ...this.all(node, `${ASN}altStatementNotation`),
    ];
    const [code = null, ...otherCodes] = new Set(codes.map((one) => one.replaceAll(/\s+/g, ' ')));
    const statement = this.prose(node, `${TERMS}description`) ?? code;
    const place = code ?? uri;
    if (guid === undefined || statement === null) {
      this.warnings.add('standards.warning.noStatement', place);
      return undefined;
    }
    const list = this.one(node, `${ASN}listID`);
    return {
      guid,
      uri,
      code,
      otherCodes,
      statement,
      shortStatement: null,
      label: list !== null && /[\p{L}\p{N}]/u.test(list) ? list : null,
      type: this.one(node, `${ASN}statementLabel`),
      notes: this.prose(node, `${ASN}comment`, `${SKOS}note`),
      keywords: this.all(node, `${ASN}localSubject`),
      language: this.language(node),
      grades: readGrades(this.all(node, `${TERMS}educationLevel`), place, this.warnings),
      changedAt: null,
      endsOn: null,
    };
  }

  /** From both sides: the child's isChildOf, and the parent's hasChild, which alone has the order. */
  links(document: FrameworkDocument): RawLink[] {
    const links = new Map<string, RawLink>();
    const add = (childUri: string, parentUri: string, sequence: number | null) => {
      const child = guidOf(childUri) ?? childUri;
      const parentGuid = guidOf(parentUri) ?? parentUri;
      const key = `${child} ${parentGuid}`;
      if (!links.has(key))
        links.set(key, { child, parent: parentGuid === document.guid ? null : parentGuid, sequence });
    };
    for (const [uri, node] of this.nodes) {
      for (const [index, child] of this.all(node, `${GEM}hasChild`).entries()) add(child, uri, index);
    }
    for (const [uri, node] of this.nodes) {
      if (!this.is(node, 'Statement')) continue;
      for (const parent of this.all(node, `${GEM}isChildOf`)) add(uri, parent, null);
    }
    return [...links.values()];
  }

  associations(): FrameworkAssociation[] {
    const found = new Map<string, FrameworkAssociation>();
    for (const [uri, node] of this.nodes) {
      if (!this.is(node, 'Statement')) continue;
      for (const { predicate, type, turned } of RELATIONS) {
        for (const other of this.all(node, predicate)) {
          const [originUri, destinationUri] = turned ? [other, uri] : [uri, other];
          const guid = uuid5OfUrl(
            `${type} ${asnUri(originUri) ?? originUri} ${asnUri(destinationUri) ?? destinationUri}`,
          );
          found.set(guid, {
            guid,
            type,
            originGuid: guidIn(originUri) ?? null,
            originUri,
            destinationGuid: guidIn(destinationUri) ?? null,
            destinationUri,
            sequence: null,
          });
        }
      }
    }
    return [...found.values()];
  }
}

/** `careerEducation` → `Career education`. */
function readable(word: string): string {
  const spaced = word.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function push(nodes: Nodes, subject: string, predicate: string, value: Value): void {
  const node = nodes.get(subject) ?? new Map<string, Value[]>();
  nodes.set(subject, node);
  const values = node.get(predicate);
  if (values) values.push(value);
  else node.set(predicate, [value]);
}

type Frame =
  { kind: 'node'; uri: string } | { kind: 'property'; predicate: string; value: string; language?: string };

/**
 * Reads ASN RDF/XML piece by piece; feed it with `write`, then call `end`.
 * Both throw a PortalError (422) that names the line when the XML is broken.
 */
export class AsnXmlReader {
  readonly #nodes: Nodes = new Map();
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #stack: Frame[] = [];
  #root = '';

  constructor() {
    this.#parser.on('error', (error) => {
      throw unreadable('brokenXml', {
        line: this.#parser.line,
        detail: error.message.replace(/^[\d:]+ /, ''),
      });
    });
    this.#parser.on('opentag', (tag) => {
      const name = tag.uri + tag.local;
      if (this.#root === '') {
        this.#root = name;
        if (name !== `${RDF}RDF`) throw unreadable('notAsnXml', { tag: tag.name.slice(0, 60) });
        return;
      }
      this.#open(name, tag.attributes);
    });
    const addText = (text: string) => {
      const top = this.#stack.at(-1);
      if (top?.kind === 'property') top.value += text;
    };
    this.#parser.on('text', addText);
    this.#parser.on('cdata', addText);
    this.#parser.on('closetag', () => {
      const top = this.#stack.pop();
      const below = this.#stack.at(-1);
      if (top?.kind === 'property' && below?.kind === 'node' && top.value.trim() !== '')
        push(this.#nodes, below.uri, top.predicate, { value: top.value, language: top.language });
    });
  }

  #open(name: string, attributes: Record<string, { uri: string; local: string; value: string }>): void {
    const attribute = (uri: string, local: string) =>
      Object.values(attributes).find((one) => one.uri === uri && one.local === local)?.value;
    const top = this.#stack.at(-1);
    if (this.#stack.length > 50) throw unreadable('tooDeep');
    if (top?.kind === 'node') {
      const language = attribute('http://www.w3.org/XML/1998/namespace', 'lang');
      const value = attribute(RDF, 'resource') ?? '';
      this.#stack.push({
        kind: 'property',
        predicate: name,
        value,
        ...(language === undefined ? {} : { language }),
      });
      return;
    }
    const uri =
      attribute(RDF, 'about') ?? attribute(RDF, 'ID') ?? attribute(RDF, 'nodeID') ?? `_:${this.#nodes.size}`;
    // A node inside a property is that property's value.
    if (top?.kind === 'property') top.value = uri;
    if (!this.#nodes.has(uri)) this.#nodes.set(uri, new Map());
    if (name !== `${RDF}Description`)
      push(this.#nodes, uri, `${RDF}type`, { value: name, language: undefined });
    this.#stack.push({ kind: 'node', uri });
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  end(): FrameworkPackage {
    this.#parser.close();
    return new AsnReader(this.#nodes, 'ASN RDF/XML').read();
  }
}

/** Whether a JSON value is RDF/JSON: addresses, each with predicates that are addresses. */
export function looksLikeAsnJson(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const [first] = Object.entries(json as Record<string, unknown>);
  if (!first || !/^https?:|^_:/.test(first[0]) || typeof first[1] !== 'object' || first[1] === null)
    return false;
  return Object.keys(first[1]).every((key) => /^https?:/.test(key));
}

/**
 * Reads ASN RDF/JSON.
 * Throws a PortalError (422) in words when it holds no document, no statements, or a cycle.
 */
export function readAsnJson(json: unknown): FrameworkPackage {
  if (!looksLikeAsnJson(json)) throw unreadable('notAsnJson');
  const nodes: Nodes = new Map();
  for (const [subject, predicates] of Object.entries(json as Record<string, Record<string, unknown>>)) {
    if (!nodes.has(subject)) nodes.set(subject, new Map());
    for (const [predicate, values] of Object.entries(predicates)) {
      for (const one of Array.isArray(values) ? (values as unknown[]) : []) {
        if (typeof one !== 'object' || one === null) continue;
        const { value, lang } = one as { value?: unknown; lang?: unknown };
        if (typeof value !== 'string') continue;
        push(nodes, subject, predicate, { value, language: typeof lang === 'string' ? lang : undefined });
      }
    }
  }
  return new AsnReader(nodes, 'ASN RDF/JSON').read();
}
