import { createHash } from 'node:crypto';

/** When the demo frameworks were last changed; fixed, so that a rebuild gives the same bytes. */
const CHANGED = '2026-06-15T00:00:00+00:00';
const URI_BASE = 'https://standards.demo-state.example/uri/';
const LEVELS = ['Emerging', 'Developing', 'Proficient', 'Extending'] as const;
const NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** One node of an outline: a heading (no descriptors) or a standard (a list item with four). */
interface OutlineNode {
  code: string;
  statement: string;
  depth: number;
  line: number;
  parent: OutlineNode | undefined;
  isLeaf: boolean;
  grades: string[];
  levels: string[];
  short?: string;
  notes?: string;
  keywords: string[];
  retired?: string;
  links: { kind: 'precedes' | 'isRelatedTo' | 'replacedBy'; code: string }[];
}

interface Outline {
  title: string;
  description: string;
  nodes: OutlineNode[];
}

/** Version-5 UUID of a name in the URL namespace (RFC 9562 §5.5): the same name always gives the same GUID. */
function uuidV5(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** `04` → [04]; `09-12` → [09, 10, 11, 12]; `KG,01` → [KG, 01]. CEDS grade codes, as CASE `educationLevel` wants. */
function readGrades(text: string): string[] {
  return text.split(',').flatMap((part) => {
    const [from = '', to] = part.trim().split('-');
    if (to === undefined) return [from];
    const start = from === 'KG' ? 0 : Number(from);
    const list = [];
    for (let grade = start; grade <= Number(to); grade++)
      list.push(grade === 0 ? 'KG' : String(grade).padStart(2, '0'));
    return list;
  });
}

/**
 * Reads an outline (`# title`, `## CODE | title | grades`, `- CODE | statement`, four indented level lines,
 * `@short @after @related @replacedby @retired @notes @keywords`). Throws an Error that names the file and line.
 */
export function parseOutline(text: string, file: string): Outline {
  const outline: Outline = { title: '', description: '', nodes: [] };
  const stack: OutlineNode[] = [];
  let leaf: OutlineNode | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const fail = (why: string): never => {
      throw new Error(`${file}:${line}: ${why}`);
    };
    const content = raw.trim();
    if (content === '' || content.startsWith('<!--')) continue;
    const heading = /^(#{1,6})\s+(.+)$/.exec(raw);
    if (heading?.[1] === '#') {
      outline.title = heading[2] ?? '';
    } else if (heading) {
      const depth = heading[1]?.length ?? 0;
      while (stack.length > 0 && (stack.at(-1)?.depth ?? 0) >= depth) stack.pop();
      const [code = '', title = '', grades] = (heading[2] ?? '').split('|').map((cell) => cell.trim());
      if (!code || !title) fail('a heading needs a code and a title: ## CODE | title | grade');
      const parent = stack.at(-1);
      const node = newNode(code, title, depth, line, parent, grades ? readGrades(grades) : parent?.grades);
      stack.push(node);
      outline.nodes.push(node);
      leaf = undefined;
    } else if (/^-\s/.test(raw)) {
      const [code = '', ...rest] = raw.slice(2).split('|');
      const parent = stack.at(-1);
      const statement = rest.join('|').trim();
      if (!parent || !statement)
        fail('a standard needs a heading above it and a statement: - CODE | statement');
      leaf = newNode(code.trim(), statement, 99, line, parent, parent?.grades);
      leaf.isLeaf = true;
      outline.nodes.push(leaf);
    } else if (/^\s/.test(raw) && leaf) {
      readDetail(leaf, content, fail);
    } else if (outline.nodes.length === 0) {
      outline.description = `${outline.description} ${content}`.trim();
    } else {
      fail(`not understood: ${content.slice(0, 60)}`);
    }
  }
  if (!outline.title) throw new Error(`${file}: no "# title" line`);
  return outline;
}

function newNode(
  code: string,
  statement: string,
  depth: number,
  line: number,
  parent: OutlineNode | undefined,
  grades: string[] = [],
): OutlineNode {
  return { code, statement, depth, line, parent, isLeaf: false, grades, levels: [], keywords: [], links: [] };
}

function readDetail(leaf: OutlineNode, content: string, fail: (why: string) => never): void {
  const level = /^([1-4])[.)]?\s+(.+)$/.exec(content);
  if (level) {
    if (leaf.levels.length !== Number(level[1]) - 1) fail(`${leaf.code}: levels 1 to 4 must stand in order`);
    leaf.levels.push(level[2] ?? '');
    return;
  }
  const [, key = '', value = ''] = /^@(\w+)\s+(.+)$/.exec(content) ?? [];
  switch (key) {
    case 'short':
      leaf.short = value;
      break;
    case 'notes':
      leaf.notes = value;
      break;
    case 'keywords':
      leaf.keywords = value.split(',').map((word) => word.trim());
      break;
    case 'grades':
      leaf.grades = readGrades(value);
      break;
    case 'retired':
      leaf.retired = value;
      break;
    case 'after':
    case 'related':
    case 'replacedby': {
      const kind = ({ after: 'precedes', related: 'isRelatedTo', replacedby: 'replacedBy' } as const)[key];
      for (const code of value.split(',')) leaf.links.push({ kind, code: code.trim() });
      break;
    }
    default:
      fail(`not understood: ${content.slice(0, 60)}`);
  }
}

/**
 * Expands an outline into a CASE 1.1 CFPackage (a plain object ready for JSON).
 * @param slug name of the framework file, `ds-math`; @param subject the CASE subject, `Mathematics`.
 * Throws an Error that names the line for duplicate codes, unknown links and missing descriptors.
 */
export function toCasePackage(outline: Outline, slug: string, subject: string): Record<string, unknown> {
  checkOutline(outline, slug);
  const byCode = new Map(outline.nodes.map((node) => [node.code, node]));
  const identify = (kind: string, name: string) => {
    const identifier = uuidV5(`${URI_BASE}${slug}/${kind}/${name}`);
    return { identifier, uri: `${URI_BASE}${identifier}` };
  };
  const link = (node: OutlineNode) => ({ title: node.code, ...identify('item', node.code) });
  const document = { title: outline.title, ...identify('document', slug) };
  const itemTypes = {
    Level: { title: 'Level', ...identify('type', 'Level') },
    Domain: { title: 'Domain', ...identify('type', 'Domain') },
    Standard: { title: 'Standard', ...identify('type', 'Standard') },
  };
  const subjectNode = { title: subject, ...identify('subject', subject) };
  const licence = { title: 'CC BY 4.0', ...identify('licence', 'cc-by-4.0') };
  const rubricId = identify('rubric', 'levels');
  const associate = (type: string, from: object, to: object, name: string, sequenceNumber?: number) => ({
    ...identify('association', name),
    associationType: type,
    ...(sequenceNumber === undefined ? {} : { sequenceNumber }),
    originNodeURI: from,
    destinationNodeURI: to,
    lastChangeDateTime: CHANGED,
  });
  const typeOf = (node: OutlineNode) =>
    node.isLeaf ? itemTypes.Standard : node.parent ? itemTypes.Domain : itemTypes.Level;

  const items = outline.nodes.map((node) => ({
    ...identify('item', node.code),
    humanCodingScheme: node.code,
    fullStatement: node.statement,
    ...(node.short ? { abbreviatedStatement: node.short } : {}),
    ...(node.keywords.length > 0 ? { conceptKeywords: node.keywords } : {}),
    ...(node.notes ? { notes: node.notes } : {}),
    language: 'en',
    educationLevel: node.grades,
    CFItemType: typeOf(node).title,
    CFItemTypeURI: typeOf(node),
    ...(node.retired ? { statusEndDate: node.retired } : {}),
    lastChangeDateTime: CHANGED,
  }));

  const childCount = new Map<OutlineNode | undefined, number>();
  const children = outline.nodes.map((node) => {
    const sequence = (childCount.get(node.parent) ?? 0) + 1;
    childCount.set(node.parent, sequence);
    const parent = node.parent ? link(node.parent) : document;
    return associate('isChildOf', link(node), parent, `child/${node.code}`, sequence);
  });
  const relations = outline.nodes.flatMap((node) =>
    node.links.map(({ kind, code }) => {
      const other = byCode.get(code);
      if (!other) throw new Error(`${slug}:${node.line}: ${node.code} points to ${code}, which is not there`);
      // `@after X` is written on the later standard; CASE says "X precedes this".
      const [from, to] = kind === 'precedes' ? [other, node] : [node, other];
      return associate(kind, link(from), link(to), `${kind}/${from.code}/${to.code}`);
    }),
  );

  const criteria = outline.nodes
    .filter((node) => node.levels.length > 0)
    .map((node, position) => {
      const criterion = identify('criterion', node.code);
      return {
        ...criterion,
        description: node.short ?? node.statement,
        CFItemURI: link(node),
        position: position + 1,
        rubricId: rubricId.identifier,
        CFRubricCriterionLevels: node.levels.map((description, index) => ({
          ...identify('level', `${node.code}/${index + 1}`),
          quality: LEVELS[index],
          score: index + 1,
          description,
          position: index + 1,
          rubricCriterionId: criterion.identifier,
          lastChangeDateTime: CHANGED,
        })),
        lastChangeDateTime: CHANGED,
      };
    });

  return {
    CFDocument: {
      identifier: document.identifier,
      uri: document.uri,
      frameworkType: 'Competency framework',
      caseVersion: '1.1',
      creator: 'Demo State Department of Education',
      publisher: 'Demo State Department of Education',
      title: outline.title,
      description: outline.description,
      subject: [subject],
      subjectURI: [subjectNode],
      language: 'en',
      version: '2026',
      adoptionStatus: 'Implemented',
      statusStartDate: '2026-07-01',
      licenseURI: licence,
      lastChangeDateTime: CHANGED,
    },
    CFItems: items,
    CFAssociations: [...children, ...relations],
    CFDefinitions: {
      CFSubjects: [
        {
          identifier: subjectNode.identifier,
          uri: subjectNode.uri,
          title: subject,
          hierarchyCode: '1',
          description: subject,
          lastChangeDateTime: CHANGED,
        },
      ],
      CFLicenses: [
        {
          identifier: licence.identifier,
          uri: licence.uri,
          title: licence.title,
          licenseText: 'https://creativecommons.org/licenses/by/4.0/',
          lastChangeDateTime: CHANGED,
        },
      ],
      CFItemTypes: Object.values(itemTypes).map((type) => ({
        identifier: type.identifier,
        uri: type.uri,
        title: type.title,
        description: type.title,
        hierarchyCode: '1',
        typeCode: type.title,
        lastChangeDateTime: CHANGED,
      })),
    },
    CFRubrics: [
      {
        ...rubricId,
        title: `${outline.title}: competency levels`,
        description: 'What a student at each competency level of a standard does.',
        CFRubricCriteria: criteria,
        lastChangeDateTime: CHANGED,
      },
    ],
  };
}

function checkOutline(outline: Outline, slug: string): void {
  const seen = new Set<string>();
  for (const node of outline.nodes) {
    const where = `${slug}:${node.line}: ${node.code}`;
    if (seen.has(node.code)) throw new Error(`${where} is there twice`);
    seen.add(node.code);
    if (node.grades.length === 0) throw new Error(`${where} has no grade (give one on the heading)`);
    if (node.isLeaf && !node.retired && node.levels.length !== LEVELS.length)
      throw new Error(`${where} has ${node.levels.length} level descriptors, not 4`);
  }
}
