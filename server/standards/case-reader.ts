/**
 * Reads a 1EdTech CASE package (CFPackage, 1.0 and 1.1, and the shape that services sent before 1.0 was final).
 * Liberal in what it takes: `educationalLevel`, a text where a list belongs, times without a zone, GUIDs in capitals,
 * addresses where GUIDs belong, HTML in statements.
 */
import { parseGrades } from '../lib/grade.ts';
import type { Grade } from '../lib/grade.ts';
import { asUuid, uuid5OfUrl } from '../lib/uuid5.ts';
import { plainStatement } from '../lib/plain-statement.ts';
import { cleanText } from '../web/parse.ts';
import { guidIn, guidOf } from './framework-identity.ts';
import { itemName, settleLinks, unreadable, Warnings } from './framework-package.ts';
import type {
  FrameworkAssociation,
  FrameworkDocument,
  FrameworkFormat,
  FrameworkItem,
  FrameworkPackage,
  PackageDescriptor,
  PackageWarning,
  RawLink,
} from './framework-package.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A text or number as a trimmed text; undefined for anything else and for nothing but white space. */
function text(value: unknown): string | undefined {
  const found =
    typeof value === 'string' ? cleanText(value).trim() : typeof value === 'number' ? String(value) : '';
  return found === '' ? undefined : found;
}

/** A list of texts, or one text, as a list. */
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map(text).filter((one) => one !== undefined);

const title = (value: unknown): string | undefined => (isObject(value) ? text(value['title']) : undefined);

/** What CASE calls a link: `{title, identifier, uri}`, or only an address. */
function link(value: unknown): { guid: string | undefined; uri: string | undefined } {
  if (!isObject(value)) {
    const uri = text(value);
    return { guid: uri === undefined ? undefined : guidIn(uri), uri };
  }
  const uri = text(value['uri']);
  const identifier = text(value['identifier']);
  const guid = identifier === undefined ? undefined : guidOf(identifier);
  return { guid: guid ?? (uri === undefined ? undefined : guidIn(uri)), uri: uri ?? identifier };
}

/**
 * A time as ISO 8601 in UTC; one without a zone counts as UTC. Null where there is none or it can't be read.
 */
export function readTime(value: unknown, place: string, warnings: Warnings): string | null {
  const found = text(value);
  if (found === undefined) return null;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(found) || /^\d{4}(?:-\d\d){0,2}$/.test(found);
  const time = new Date(zoned ? found : `${found.replace(' ', 'T')}Z`);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999 || time.getUTCFullYear() < 1) {
    warnings.add('standards.warning.badTime', place, { value: found.slice(0, 40) });
    return null;
  }
  if (!zoned) warnings.add('standards.warning.noZone', place);
  return time.toISOString();
}

/** Grades in any spelling; what isn't understood becomes a warning. */
export function readGrades(values: readonly string[], place: string, warnings: Warnings): Grade[] {
  const { grades, unknown } = parseGrades(values);
  for (const word of unknown)
    warnings.add('standards.warning.unknownGrade', place, { value: word.slice(0, 40) });
  return grades;
}

class CaseReader {
  readonly warnings = new Warnings();
  readonly root: Json;
  readonly #types = new Map<string, string>();
  /** GUID of a license → the address that its text gives. */
  readonly #licenses = new Map<string, string>();
  #early = false;
  #later = false;

  constructor(root: Json) {
    this.root = root;
    const definitions = isObject(root['CFDefinitions']) ? root['CFDefinitions'] : {};
    for (const type of objects(definitions['CFItemTypes'])) {
      const identifier = text(type['identifier']);
      const name = text(type['title']);
      if (identifier !== undefined && name !== undefined) this.#types.set(identifier, name);
    }
    for (const license of objects(definitions['CFLicenses'])) {
      const { guid } = link(license);
      const address = /https?:\/\/[^\s"'<>]+/.exec(text(license['licenseText']) ?? '')?.[0];
      if (guid !== undefined && address !== undefined) this.#licenses.set(guid, address);
    }
  }

  read(): FrameworkPackage {
    const document = this.document();
    const items = this.items();
    const { links, associations } = this.associations(document, new Set(items.map((item) => item.guid)));
    const parents = settleLinks(items, links, this.warnings);
    const descriptors = this.descriptors(items);
    const format: FrameworkFormat = this.#early ? 'CASE (before 1.0)' : this.#later ? 'CASE 1.1' : 'CASE 1.0';
    return { format, document, items, parents, associations, descriptors, warnings: this.warnings.list() };
  }

  guid(of: Json, place: string): string | undefined {
    const identifier = text(of['identifier']) ?? text(of['uri']);
    if (identifier === undefined) return undefined;
    const guid = guidOf(identifier);
    if (asUuid(identifier) === undefined) {
      this.#early = true;
      this.warnings.add('standards.warning.addressForGuid', place);
    } else if (guid !== identifier) this.warnings.add('standards.warning.guidSpelling', place);
    return guid;
  }

  document(): FrameworkDocument {
    const raw = this.root['CFDocument'];
    if (!isObject(raw)) throw unreadable('noDocument');
    const guid = this.guid(raw, 'CFDocument');
    if (guid === undefined) throw unreadable('noDocumentIdentifier');
    const subjectLinks = [...objects(raw['subjectURI']), ...objects(raw['subjectURL'])].map(title);
    const subjects = texts(raw['subject']);
    if ('subjectURL' in raw || typeof raw['subject'] === 'string') this.#early = true;
    if (text(raw['caseVersion']) === '1.1' || 'frameworkType' in raw) this.#later = true;
    const name = text(raw['title']);
    if (name === undefined) this.warnings.add('standards.warning.noTitle', 'CFDocument');
    return {
      guid,
      uri: text(raw['uri']) ?? `urn:uuid:${guid}`,
      title: name === undefined ? 'Untitled framework' : plainStatement(name),
      creator: text(raw['creator']) ?? '',
      publisher: text(raw['publisher']) ?? null,
      description: this.prose(raw['description']),
      notes: this.prose(raw['notes']),
      subjects: subjects.length > 0 ? subjects : subjectLinks.filter((one) => one !== undefined),
      language: text(raw['language']) ?? null,
      version: text(raw['version']) ?? null,
      adoptionStatus: text(raw['adoptionStatus']) ?? null,
      caseVersion: text(raw['caseVersion']) ?? null,
      officialSourceUrl: text(raw['officialSourceURL']) ?? null,
      licenseUri: this.license(raw['licenseURI']),
      changedAt: readTime(raw['lastChangeDateTime'], 'CFDocument', this.warnings),
    };
  }

  license(value: unknown): string | null {
    const { guid, uri } = link(value);
    return this.#licenses.get(guid ?? '') ?? uri ?? null;
  }

  prose(value: unknown): string | null {
    const found = text(value);
    return found === undefined ? null : plainStatement(found) || null;
  }

  items(): FrameworkItem[] {
    const items = new Map<string, FrameworkItem>();
    for (const [index, raw] of objects(this.root['CFItems']).entries()) {
      const place = `CFItems[${index}]`;
      const item = this.item(raw, place);
      if (!item) continue;
      if (items.has(item.guid))
        this.warnings.add('standards.warning.itemTwice', `${place} ${itemName(item)}`);
      else items.set(item.guid, item);
    }
    if (items.size === 0) throw unreadable('noItems');
    return [...items.values()];
  }

  item(raw: Json, index: string): FrameworkItem | undefined {
    const code = text(raw['humanCodingScheme'])?.replaceAll(/\s+/g, ' ');
    const place = code === undefined ? index : `${index} ${code}`;
    const guid = this.guid(raw, place);
    if (guid === undefined) {
      this.warnings.add('standards.warning.noIdentifier', place);
      return undefined;
    }
    const short = this.prose(raw['abbreviatedStatement']);
    const full = this.prose(raw['fullStatement']);
    const statement = full ?? short ?? code;
    if (statement === undefined) {
      this.warnings.add('standards.warning.noStatement', place);
      return undefined;
    }
    if (full === null) this.warnings.add('standards.warning.shortForFull', place);
    const levels = raw['educationLevel'] ?? raw['educationalLevel'];
    if ('educationalLevel' in raw) this.#early = true;
    if (typeof levels === 'string') this.warnings.add('standards.warning.gradeText', place);
    const typeLink = raw['CFItemTypeURI'];
    const typeId = isObject(typeLink) ? text(typeLink['identifier']) : undefined;
    const enumeration = text(raw['listEnumeration']);
    return {
      guid,
      uri: text(raw['uri']) ?? `urn:uuid:${guid}`,
      code: code ?? null,
      otherCodes: [],
      statement,
      shortStatement: full === null ? null : short,
      label:
        text(raw['alternativeLabel']) ??
        (enumeration && /[\p{L}\p{N}]/u.test(enumeration) ? enumeration : null),
      type: text(raw['CFItemType']) ?? this.#types.get(typeId ?? '') ?? title(typeLink) ?? null,
      notes: this.prose(raw['notes']),
      keywords: [...new Set(texts(raw['conceptKeywords']))],
      language: text(raw['language']) ?? null,
      grades: readGrades(texts(levels), place, this.warnings),
      changedAt: readTime(raw['lastChangeDateTime'], place, this.warnings),
      endsOn: /^\d{4}-\d\d-\d\d/.exec(text(raw['statusEndDate']) ?? '')?.[0] ?? null,
    };
  }

  associations(
    document: FrameworkDocument,
    items: ReadonlySet<string>,
  ): { links: RawLink[]; associations: FrameworkAssociation[] } {
    const links: RawLink[] = [];
    const associations = new Map<string, FrameworkAssociation>();
    for (const [index, raw] of objects(this.root['CFAssociations']).entries()) {
      const place = `CFAssociations[${index}]`;
      const type = this.type(raw['associationType'], place);
      const origin = link(raw['originNodeURI'] ?? raw['originNodeIdentifier']);
      const destination = link(raw['destinationNodeURI'] ?? raw['destinationNodeIdentifier']);
      if (type === undefined || origin.uri === undefined || destination.uri === undefined) {
        this.warnings.add('standards.warning.linkIncomplete', place);
        continue;
      }
      if (
        type === 'isChildOf' &&
        origin.guid !== undefined &&
        (items.has(origin.guid) || !destination.guid)
      ) {
        const sequence = Number(raw['sequenceNumber'] ?? NaN);
        links.push({
          child: origin.guid,
          parent: destination.guid === document.guid ? null : (destination.guid ?? destination.uri),
          sequence: Number.isFinite(sequence) ? sequence : null,
        });
        continue;
      }
      if (type === 'isChildOf') {
        this.warnings.add('standards.warning.linkToNothing', place);
        continue;
      }
      const own = text(raw['identifier']);
      const guid = (own && asUuid(own)) ?? uuid5OfUrl(`${type} ${origin.uri} ${destination.uri}`);
      if (associations.has(guid)) {
        this.warnings.add('standards.warning.linkTwice', place);
        continue;
      }
      const order = Number(raw['sequenceNumber'] ?? NaN);
      associations.set(guid, {
        guid,
        type,
        originGuid: origin.guid ?? null,
        originUri: origin.uri,
        destinationGuid: destination.guid ?? null,
        destinationUri: destination.uri,
        sequence: Number.isInteger(order) && Math.abs(order) < 2 ** 31 ? order : null,
      });
    }
    return { links, associations: [...associations.values()] };
  }

  /** The type as CASE spells it, from any capitals and spaces ("Is Child Of"). */
  type(value: unknown, place: string): string | undefined {
    const written = text(value);
    if (written === undefined) return undefined;
    const known = ASSOCIATION_TYPES.get(written.replaceAll(/[\s_-]/g, '').toLowerCase());
    if (known === 'isTranslationOf') this.#later = true;
    if (known !== undefined) return known;
    if (!/^ext:[A-Za-z0-9.\-_]+$/.test(written))
      this.warnings.add('standards.warning.unknownLinkType', place, { value: written.slice(0, 40) });
    return written;
  }

  /** @param items those of the file; undefined: standards that are here already may be meant */
  descriptors(items: readonly FrameworkItem[] | undefined): PackageDescriptor[] {
    const known = items && new Set(items.map((item) => item.guid));
    const found = new Map<string, PackageDescriptor>();
    for (const [r, rubric] of objects(this.root['CFRubrics']).entries()) {
      for (const [c, criterion] of objects(rubric['CFRubricCriteria']).entries()) {
        const place = `CFRubrics[${r}].CFRubricCriteria[${c}]`;
        const standard = link(criterion['CFItemURI']).guid;
        if (standard === undefined || (known && !known.has(standard))) {
          this.warnings.add('standards.warning.rubricWithoutItem', place);
          continue;
        }
        for (const [l, level] of objects(criterion['CFRubricCriterionLevels']).entries()) {
          const name = text(level['quality']);
          const description = this.prose(level['description']);
          const position = Number(level['position'] ?? level['score'] ?? NaN);
          if (name === undefined || description === null) {
            this.warnings.add('standards.warning.levelIncomplete', `${place}.CFRubricCriterionLevels[${l}]`);
            continue;
          }
          const key = `${standard} ${name.toLowerCase()}`;
          if (found.has(key)) this.warnings.add('standards.warning.levelTwice', place, { value: name });
          else
            found.set(key, {
              standard,
              level: name,
              position: Number.isFinite(position) ? position : null,
              description,
            });
        }
      }
    }
    return [...found.values()];
  }
}

const ASSOCIATION_TYPES = new Map(
  [
    'isChildOf',
    'isPeerOf',
    'isPartOf',
    'exactMatchOf',
    'precedes',
    'isRelatedTo',
    'replacedBy',
    'exemplar',
    'hasSkillLevel',
    'isTranslationOf',
  ].map((type) => [type.toLowerCase(), type]),
);

/** Whether a JSON value is a CASE answer of any kind (a package, or the list of documents). */
export function looksLikeCase(json: unknown): boolean {
  return isObject(json) && ['CFDocument', 'CFPackage', 'CFDocuments', 'CFItems'].some((key) => key in json);
}

/**
 * Reads the JSON of a CASE package.
 * Throws a PortalError (422) in words when it holds no framework, no standards, or a cycle.
 */
export function readCasePackage(json: unknown): FrameworkPackage {
  if (!isObject(json)) throw unreadable('notCase');
  const root = isObject(json['CFPackage']) ? json['CFPackage'] : json;
  if (!('CFDocument' in root) && Array.isArray(json['CFDocuments'])) throw unreadable('listOfDocuments');
  return new CaseReader(root).read();
}

/** What rubrics say that standards look like at levels, whatever framework they belong to. */
export interface RubricFile {
  descriptors: PackageDescriptor[];
  warnings: PackageWarning[];
}

/**
 * Reads the rubrics of a CASE answer: a package, a list of rubrics, or one of them.
 * @throws 422 in words when it holds none
 */
export function readRubrics(json: unknown): RubricFile {
  const root = isObject(json) && isObject(json['CFPackage']) ? json['CFPackage'] : json;
  const rubrics = Array.isArray(root)
    ? objects(root)
    : isObject(root) && 'CFRubricCriteria' in root
      ? [root]
      : isObject(root)
        ? [...objects(root['CFRubrics']), ...(isObject(root['CFRubric']) ? [root['CFRubric']] : [])]
        : [];
  if (rubrics.length === 0) throw unreadable('noRubrics');
  const reader = new CaseReader({ CFRubrics: rubrics });
  const descriptors = reader.descriptors(undefined);
  if (descriptors.length === 0) throw unreadable('noDescriptors');
  return { descriptors, warnings: reader.warnings.list() };
}
