/**
 * What a file of standards says, whatever its form (CASE, ASN): one plain object that the service can import.
 * The readers are liberal: whatever can be understood is taken, every oddity becomes a warning with its place.
 */
import { compareGrades } from '../lib/grade.ts';
import type { Grade } from '../lib/grade.ts';
import { PortalError } from '../errors.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';

export type FrameworkFormat = 'CASE 1.1' | 'CASE 1.0' | 'CASE (before 1.0)' | 'ASN RDF/XML' | 'ASN RDF/JSON';

export interface FrameworkDocument {
  guid: string;
  uri: string;
  title: string;
  creator: string;
  publisher: string | null;
  description: string | null;
  notes: string | null;
  subjects: string[];
  /** BCP 47. */
  language: string | null;
  version: string | null;
  /** CASE's word: `Draft`, `Adopted`, `Implemented`, `Deprecated` … as written. */
  adoptionStatus: string | null;
  caseVersion: string | null;
  officialSourceUrl: string | null;
  licenseUri: string | null;
  /** ISO 8601 with a zone; null where the file has none, or none that can be read. */
  changedAt: string | null;
}

export interface FrameworkItem {
  guid: string;
  uri: string;
  code: string | null;
  /** Other codes that the file itself gives. */
  otherCodes: string[];
  statement: string;
  shortStatement: string | null;
  label: string | null;
  type: string | null;
  notes: string | null;
  keywords: string[];
  language: string | null;
  grades: Grade[];
  changedAt: string | null;
  /** The day from which the item no longer counts (CASE statusEndDate), as the file has it: `YYYY-MM-DD`. */
  endsOn: string | null;
}

/** `parent` null: at the top of the framework. */
export interface ParentLink {
  child: string;
  parent: string | null;
  /** Order among the children of one parent, from 0 without gaps. */
  sequence: number;
}

/** An association other than isChildOf. An end that has no GUID of its own carries null and its address. */
export interface FrameworkAssociation {
  guid: string;
  type: string;
  originGuid: string | null;
  originUri: string;
  destinationGuid: string | null;
  destinationUri: string;
  sequence: number | null;
}

/** What a student at a level of a standard does. `level` is the level's name as the file has it. */
export interface PackageDescriptor {
  standard: string;
  level: string;
  position: number | null;
  description: string;
}

/** An oddity that was understood or left out: words under `standards.warning.<kind>`, its first place, how often. */
export interface PackageWarning {
  kind: MessageKey & `standards.warning.${string}`;
  params: MessageParams;
  place: string;
  count: number;
}

export interface FrameworkPackage {
  format: FrameworkFormat;
  document: FrameworkDocument;
  items: FrameworkItem[];
  /** Every item has at least one; the graph has no cycle. */
  parents: ParentLink[];
  associations: FrameworkAssociation[];
  descriptors: PackageDescriptor[];
  warnings: PackageWarning[];
}

/** A file of standards that can't be taken at all; the sentence stands under `standards.unreadable.<reason>`. 422. */
export function unreadable(reason: UnreadableReason, params: MessageParams = {}): PortalError {
  const key: MessageKey = `standards.unreadable.${reason}`;
  return new PortalError(422, 'framework_unreadable', key, {
    params,
    faults: [{ field: 'file', key, params }],
  });
}

type UnreadableReason = MessageKey extends infer Key
  ? Key extends `standards.unreadable.${infer Reason}`
    ? Reason
    : never
  : never;

/** Collects warnings: those of one kind with the same words are counted, and the first place is kept. */
export class Warnings {
  readonly #byKey = new Map<string, PackageWarning>();

  add(kind: PackageWarning['kind'], place: string, params: MessageParams = {}): void {
    const key = JSON.stringify([kind, params]);
    const known = this.#byKey.get(key);
    if (known) known.count += 1;
    else this.#byKey.set(key, { kind, params, place, count: 1 });
  }

  list(): PackageWarning[] {
    return [...this.#byKey.values()];
  }
}

/** How an item is called in messages: its code, else the beginning of its statement. */
export function itemName(item: Pick<FrameworkItem, 'code' | 'statement' | 'guid'>): string {
  if (item.code) return item.code;
  const words = item.statement.replaceAll(/\s+/g, ' ');
  return `“${words.length > 40 ? `${words.slice(0, 40).trimEnd()}…` : words || item.guid}”`;
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** A link as a file has it, before order is settled. */
export interface RawLink {
  child: string;
  parent: string | null;
  sequence: number | null;
}

/**
 * Settles the links of a package: unknown ends and doubled links go, items without a parent stand at the top, and
 * children are put in order: by the file's sequence; those without one follow by their lowest grade and their code,
 * read as people do (`2` before `10`), or in the order of the file where some of them have no code.
 * Throws a PortalError (422) that names the standards when some stand below themselves.
 */
export function settleLinks(
  items: readonly FrameworkItem[],
  raw: readonly RawLink[],
  warnings: Warnings,
): ParentLink[] {
  const byGuid = new Map(items.map((item, index) => [item.guid, { item, index }]));
  const links = new Map<string, RawLink>();
  const placed = new Set<string>();
  for (const link of raw) {
    const child = byGuid.get(link.child)?.item;
    if (!child || (link.parent !== null && !byGuid.has(link.parent))) {
      warnings.add('standards.warning.linkToNothing', child ? itemName(child) : link.child);
      continue;
    }
    if (link.child === link.parent) {
      warnings.add('standards.warning.ownParent', itemName(child));
      continue;
    }
    const key = `${link.child} ${link.parent ?? ''}`;
    if (links.has(key)) warnings.add('standards.warning.linkTwice', itemName(child));
    else links.set(key, link);
    placed.add(link.child);
  }
  for (const item of items) {
    if (placed.has(item.guid)) continue;
    warnings.add('standards.warning.noParent', itemName(item));
    links.set(item.guid, { child: item.guid, parent: null, sequence: null });
  }
  refuseCycles(items, [...links.values()]);
  return inOrder([...links.values()], byGuid);
}

function inOrder(
  links: readonly RawLink[],
  byGuid: ReadonlyMap<string, { item: FrameworkItem; index: number }>,
): ParentLink[] {
  const families = new Map<string | null, RawLink[]>();
  for (const link of links) {
    const family = families.get(link.parent);
    if (family) family.push(link);
    else families.set(link.parent, [link]);
  }
  return [...families.values()].flatMap((family) => {
    const key = (link: RawLink) => byGuid.get(link.child)?.item;
    const coded = family.every((link) => key(link)?.code);
    family.sort((a, b) => {
      const bySequence = (a.sequence ?? Infinity) - (b.sequence ?? Infinity);
      if (Number.isFinite(bySequence) ? bySequence !== 0 : a.sequence !== b.sequence) return bySequence;
      const byCode = coded ? compareCoded(key(a), key(b)) : 0;
      return byCode || (byGuid.get(a.child)?.index ?? 0) - (byGuid.get(b.child)?.index ?? 0);
    });
    return family.map(({ child, parent }, sequence) => ({ child, parent, sequence }));
  });
}

function compareCoded(a: FrameworkItem | undefined, b: FrameworkItem | undefined): number {
  const [gradeA, gradeB] = [a?.grades[0], b?.grades[0]];
  const byGrade = gradeA && gradeB ? compareGrades(gradeA, gradeB) : 0;
  return byGrade || natural.compare(a?.code ?? '', b?.code ?? '');
}

function refuseCycles(items: readonly FrameworkItem[], links: readonly RawLink[]): void {
  const below = new Map<string, string[]>();
  const parentsLeft = new Map<string, number>(items.map((item) => [item.guid, 0]));
  for (const { child, parent } of links) {
    if (parent === null) continue;
    const children = below.get(parent);
    if (children) children.push(child);
    else below.set(parent, [child]);
    parentsLeft.set(child, (parentsLeft.get(child) ?? 0) + 1);
  }
  const ready = items.map((item) => item.guid).filter((guid) => parentsLeft.get(guid) === 0);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    parentsLeft.delete(next);
    for (const child of below.get(next) ?? []) {
      const left = (parentsLeft.get(child) ?? 1) - 1;
      parentsLeft.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  if (parentsLeft.size === 0) return;
  // What is left is a cycle or hangs below one; walking up from any of it must come round.
  const above = new Map<string, string>();
  for (const { child, parent } of links) {
    if (parent !== null && parentsLeft.has(child) && parentsLeft.has(parent)) above.set(child, parent);
  }
  const walk: string[] = [];
  let at = [...parentsLeft.keys()].find((guid) => above.has(guid));
  while (at !== undefined && !walk.includes(at)) {
    walk.push(at);
    at = above.get(at);
  }
  const names = new Map(items.map((item) => [item.guid, itemName(item)]));
  const cycle = [...walk.slice(at === undefined ? 0 : walk.indexOf(at)), at ?? '']
    .slice(0, 12)
    .map((guid) => names.get(guid) ?? guid);
  throw unreadable('cycle', { path: cycle.join(' → ') });
}
