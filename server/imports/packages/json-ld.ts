import { gradesOfAges } from '../../lib/grade.ts';
import { guidIn } from '../../standards/framework-identity.ts';
import type { NativeField } from '../native-row.ts';

type Node = Record<string, unknown>;
type Values = Partial<Record<NativeField, unknown>>;

/** Namespaces and prefixes that stand before the terms of schema.org, LRMI and Dublin Core. */
const NAMESPACE =
  /^(?:https?:\/\/(?:schema\.org\/|lrmi\.net\/the-specification#|purl\.org\/dcx\/lrmi-terms\/|purl\.org\/dc\/(?:terms|elements\/1\.1)\/)|(?:schema|sdo|lrmi|dc|dcterms):)/;

/** Kinds of things that a description of a resource speaks of without their being one. */
const NO_RESOURCES = new Set(
  'Person Organization EducationalOrganization CollegeOrUniversity Corporation NGO GovernmentOrganization Audience EducationalAudience PeopleAudience AlignmentObject DefinedTerm DefinedTermSet CategoryCode Concept ConceptScheme PropertyValue BreadcrumbList ListItem WebSite SearchAction ImageObject MediaObject DataDownload Place Country Offer Rating AggregateRating Language'.split(
    ' ',
  ),
);

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without prefixes, `@value` and `@list`: one shape for compact and expanded JSON-LD. */
function plain(value: unknown, depth = 0): unknown {
  if (depth > 20) return null;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (!isNode(value)) return value;
  if ('@value' in value) return value['@value'];
  if ('@list' in value) return plain(value['@list'], depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replace(NAMESPACE, ''), plain(item, depth + 1)]),
  );
}

/**
 * The descriptions of learning resources in a JSON-LD document: itself, the items of its list, or those of its `@graph`
 * that are no people, terms and the like. What a node only names by `@id` is put in its place, one level deep.
 */
export function resourcesIn(document: unknown): Node[] {
  const given = (Array.isArray(document) ? document : [document]).filter(isNode);
  const nodes = given.flatMap((node) => {
    const graph = node['@graph'];
    return Array.isArray(graph) ? graph.filter(isNode) : [node];
  });
  const all = nodes.map((node) => plain(node) as Node);
  const byId = new Map(all.flatMap((node) => (typeof node['@id'] === 'string' ? [[node['@id'], node]] : [])));
  const whole = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(whole);
    const known =
      isNode(value) && Object.keys(value).length === 1 ? byId.get(String(value['@id'])) : undefined;
    return known ?? value;
  };
  const resources = all.filter((node) => !typesOf(node).some((type) => NO_RESOURCES.has(type)));
  return resources.map((node) =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, whole(value)])),
  );
}

const typesOf = (node: Node): string[] =>
  list(node['@type'] ?? node['type']).map((type) => String(type).replace(NAMESPACE, ''));

const list = (value: unknown): unknown[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value.flat(2) : [value];

/** A value in words: of a thing, its name; of words in several languages, the English ones or the first. */
function words(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return words(value[0]);
  if (!isNode(value)) return '';
  const named = ['name', 'prefLabel', 'title', 'label', 'legalName', 'alternateName', 'value']
    .map((key) => words(value[key]))
    .find((text) => text !== '');
  if (named !== undefined) return named;
  const keys = Object.keys(value);
  const isByLanguage = keys.length > 0 && keys.every((key) => /^[a-z]{2,3}(?:-[A-Za-z0-9]+)*$/.test(key));
  return isByLanguage ? words(value['en'] ?? value[keys[0] ?? '']) : '';
}

/** An address: as it stands, or of a thing. */
function address(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return value.map(address).find((text) => text !== '') ?? '';
  if (!isNode(value)) return '';
  return ['url', '@id', 'id'].map((key) => address(value[key])).find((text) => /^https?:/i.test(text)) ?? '';
}

const texts = (value: unknown): string[] =>
  list(value)
    .map(words)
    .filter((text) => text !== '');

type Claim = { guid: string; code: string; identifier: string; relation: string };

const RELATIONS: Record<string, string> = {
  teaches: 'teaches',
  assesses: 'assesses',
  requires: 'requires',
  related: 'related',
};

/** How an alignment's type is written in old and new records: `Educational level`, `educationalLevel`. */
const kindOf = (alignment: Node): string =>
  words(alignment['alignmentType'])
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');

/** Turns a description by schema.org or LRMI terms into a row in the native form. */
export function nativeOfLd(node: Node): Values {
  const alignments = list(node['educationalAlignment'] ?? node['AlignmentObject']).filter(isNode);
  const named = (kind: string) =>
    alignments.filter((one) => kindOf(one) === kind).map((one) => words(one['targetName']));
  const byGrade = (one: Node) =>
    /^$|grade|\bus\b|united states|ceds|k-?12/i.test(words(one['educationalFramework']));
  const levelsBy = alignments.filter((one) => kindOf(one) === 'educationallevel');
  const levels = [
    ...texts(node['educationalLevel']),
    ...levelsBy.filter(byGrade).map((one) => words(one['targetName'])),
  ].filter((text) => text !== '');
  // Level 2 of somebody else's scale is no second grade.
  const otherLevels = levelsBy
    .filter((one) => !byGrade(one))
    .map((one) => `${words(one['educationalFramework'])} ${words(one['targetName'])}`);
  const ages = texts(node['typicalAgeRange']).flatMap(gradesOfAges);
  const description = words(node['description']);
  const abstract = words(node['abstract']);
  const isShort = abstract === '' && description.length <= 400;
  const id = typeof node['@id'] === 'string' && !node['@id'].startsWith('_:') ? node['@id'] : '';
  const url = address(node['url']) || (/^https?:/i.test(id) ? id : '') || address(node['mainEntityOfPage']);
  const licenses = list(node['license'] ?? node['useRightsUrl'] ?? node['usageInfo']);
  return {
    external_id: id || words(node['identifier']) || url,
    title: words(node['name']) || words(node['headline']) || words(node['title']),
    summary: isShort ? description : abstract,
    description: isShort ? '' : description,
    url,
    files: list(node['encoding'] ?? node['associatedMedia'])
      .filter(isNode)
      .map((one) => address(one['contentUrl']))
      .filter((text) => text !== ''),
    text: words(node['text']) || words(node['articleBody']),
    type: texts(node['learningResourceType']),
    subjects: [...new Set([...named('educationalsubject'), ...texts(node['about'])])],
    grades: levels.length > 0 ? levels : [...new Set(ages)],
    standards: claimsOf(node, alignments),
    license: licenses.map((one) => address(one) || words(one)).find((text) => text !== ''),
    language: languageOf(node['inLanguage']),
    authors: texts(node['author'] ?? node['creator']).join(', '),
    publisher: texts(node['publisher'] ?? node['provider']).join(', '),
    keywords: [...texts(node['keywords']).flatMap((text) => text.split(/[,;]/)), ...otherLevels],
    minutes: texts(node['timeRequired'])[0] ?? '',
    adapted_from: address(node['isBasedOn'] ?? node['isBasedOnUrl']),
    modified: words(node['dateModified']),
  };
}

/** `en`, `English`, `{"@type": "Language", "name": "English", "alternateName": "en"}`; the first of several. */
function languageOf(value: unknown): string {
  const [first] = list(value);
  return isNode(first) ? words(first['alternateName']) || words(first) : words(first);
}

function claimsOf(node: Node, alignments: readonly Node[]): Claim[] {
  const claims: Claim[] = [];
  for (const [property, relation] of [
    ['teaches', 'teaches'],
    ['assesses', 'assesses'],
    ['competencyRequired', 'requires'],
  ] as const)
    for (const term of list(node[property])) claims.push(claimOf(term, relation));
  for (const alignment of alignments) {
    const kind = kindOf(alignment);
    const relation = kind === '' ? 'related' : RELATIONS[kind];
    if (relation === undefined) continue;
    const targets = list(alignment['targetUrl']).map(address);
    claims.push(claimOf({ url: targets, termCode: alignment['targetName'] }, relation));
  }
  // The same standard often stands there twice: for newer and for older readers.
  const distinct = new Map<string, Claim>();
  for (const claim of claims) {
    const key = `${claim.relation} ${claim.code || claim.guid}`;
    if (claim.guid !== '' || claim.code !== '' || claim.identifier !== '')
      distinct.set(key, distinct.get(key)?.guid ? distinct.get(key)! : claim);
  }
  return [...distinct.values()];
}

/** A standard by what may stand for it: an address with its GUID, an ASN address, a code, a name. */
function claimOf(term: unknown, relation: string): Claim {
  if (!isNode(term)) return { guid: firstGuid([words(term)]), code: words(term), identifier: '', relation };
  const addresses = [term['@id'], term['id'], ...list(term['url']), term['sameAs'], term['identifier']].map(
    (value) => address(value) || words(value),
  );
  return {
    guid: firstGuid(addresses),
    code: words(term['termCode']) || words(term),
    identifier: addresses.find((text) => text !== '' && !/^https?:/i.test(text)) ?? '',
    relation,
  };
}

/** The first of these that is a standard's GUID or an address that stands for one. */
const firstGuid = (texts: readonly string[]): string =>
  texts.map((text) => guidIn(text)).find((guid) => guid !== undefined) ?? '';
