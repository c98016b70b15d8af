import { z } from 'zod';
import { GRADES } from '../lib/grade.ts';
import type { FieldFault } from '../errors.ts';
import { cleanText, list } from '../web/parse.ts';
import { presentValues, type FormerTerms, type Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import type { DraftAlignment, DraftFields } from './draft-service.ts';

/** The longest of what the share form takes, in characters. */
const shareLengths = {
  title: 200,
  summary: 600,
  description: 20_000,
  url: 2000,
  line: 300,
  keywords: 600,
};

const field = z
  .union([z.string(), z.array(z.string()).transform((values) => values[0] ?? '')])
  .optional()
  .transform((value) => (value === undefined ? undefined : cleanText(value).replace(/\r\n?/g, '\n')));

const rawForm = z.object({
  revision: field,
  /** Set by a form that sends all its choices but not every text. */
  whole: field,
  do: field,
  find: field,
  title: field,
  summary: field,
  description: field,
  url: field,
  type: field,
  minutes: field,
  language: field,
  license: field,
  visibility: field,
  setting: field,
  keywords: field,
  authors: field,
  publisher: field,
  subject: list(20),
  grade: list(20),
  topic: list(40),
  // Parallel lists: a level may be empty and one standard may stand twice, so nothing is dropped or folded here.
  standard: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(asList),
  level: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(asList),
  relation: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(asList),
});

function asList(value: string | string[] | undefined): string[] {
  return (value === undefined ? [] : Array.isArray(value) ? value : [value]).slice(0, 100).map(cleanText);
}

export type ShareForm = {
  /** The draft's revision that the form was opened with; null where it was not sent. */
  revision: number | null;
  /** The pressed button: `save`, `check`, `find`, `add:<guid>` … ; empty for an autosave. */
  pressed: string;
  find: string;
  /** What can be kept as it is. A field with a fault is left out, so that the draft keeps what it had. */
  fields: DraftFields;
  faults: FieldFault[];
  /** Chosen topics (slugs) and standards as sent, for sending them again. */
  topics: string[];
  standards: { guid: string; level: string; relation: string }[];
  /** The text fields as typed, to show again. */
  typed: Record<
    'title' | 'summary' | 'description' | 'url' | 'minutes' | 'keywords' | 'authors' | 'publisher',
    string
  >;
};

const relations = new Set(['teaches', 'assesses', 'requires', 'related']);
const visibilities = new Set(['public', 'state', 'district', 'school']);
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads the share form. Never fails: whatever can't be kept becomes a fault of its field, so that the rest is saved.
 * Text is kept as typed up to its longest; lists hold only values that the vocabularies know.
 */
export function readShareForm(
  body: unknown,
  vocabularies: Vocabularies,
  former: FormerTerms = {},
): ShareForm {
  const raw = rawForm.parse(withKept(body ?? {}));
  const faults: FieldFault[] = [];
  const fields: DraftFields = {};
  const keepText = (name: 'title' | 'summary' | 'description' | 'authors' | 'publisher', max: number) => {
    const value = raw[name];
    if (value === undefined) return;
    const text = name === 'description' ? value.trim() : value.replace(/\s+/g, ' ').trim();
    if (text.length > max) faults.push({ field: name, key: 'fault.tooLong', params: { max } });
    else fields[name] = text;
  };
  keepText('title', shareLengths.title);
  keepText('summary', shareLengths.summary);
  keepText('description', shareLengths.description);
  keepText('authors', shareLengths.line);
  keepText('publisher', shareLengths.line);
  keepUrl(raw.url, fields, faults);
  keepMinutes(raw.minutes, fields, faults);
  keepKeywords(raw.keywords, fields, faults);

  const known = (terms: { slug: string }[], value: string) => terms.some((term) => term.slug === value);
  // A form that was opened before a value was merged means the one that took its place.
  const oneOf = (kind: 'type' | 'setting', terms: { slug: string }[], value: string) =>
    presentValues([value], former[kind]).find((slug) => known(terms, slug)) ?? null;
  if (raw.type !== undefined) fields.type = oneOf('type', vocabularies.types, raw.type);
  if (raw.setting !== undefined) fields.setting = oneOf('setting', vocabularies.settings, raw.setting);
  if (raw.license !== undefined)
    fields.license = vocabularies.licenses.some((license) => license.code === raw.license)
      ? raw.license
      : null;
  if (raw.language !== undefined && isLanguage(raw.language)) fields.language = raw.language;
  if (raw.visibility !== undefined && visibilities.has(raw.visibility))
    fields.visibility = raw.visibility as NonNullable<DraftFields['visibility']>;
  // A form that was sent whole has its checkboxes; an unchecked list is empty, not missing.
  if (raw.title !== undefined || raw.whole !== undefined) {
    fields.subjects = presentValues(raw.subject, former.subject).filter((value) =>
      known(vocabularies.subjects, value),
    );
    fields.grades = raw.grade.filter((value) => (GRADES as readonly string[]).includes(value));
    const topics = new Map(vocabularies.topics.map((topic) => [topic.slug, topic.id]));
    fields.topicIds = presentValues(raw.topic, former.topic).flatMap((value) => topics.get(value) ?? []);
    fields.alignments = readAlignments(raw, vocabularies);
  }
  return {
    revision: raw.revision !== undefined && /^\d{1,9}$/.test(raw.revision) ? Number(raw.revision) : null,
    pressed: raw.do ?? '',
    find: (raw.find ?? '').trim().slice(0, 500),
    fields,
    faults,
    topics: raw.topic,
    standards: raw.standard.map((guid, index) => ({
      guid,
      level: raw.level[index] ?? '',
      relation: raw.relation[index] ?? '',
    })),
    typed: {
      title: raw.title ?? '',
      summary: raw.summary ?? '',
      description: raw.description ?? '',
      url: raw.url ?? '',
      minutes: raw.minutes ?? '',
      keywords: raw.keywords ?? '',
      authors: raw.authors ?? '',
      publisher: raw.publisher ?? '',
    },
  };
}

/** The conflict page sends `keep-title=mine` beside `mine-title`; what is theirs stays as it is stored. */
function withKept(body: object): object {
  const sent = body as Record<string, unknown>;
  const kept = Object.keys(sent)
    .filter((name) => name.startsWith('keep-') && sent[name] === 'mine')
    .map((name) => name.slice('keep-'.length));
  return { ...sent, ...Object.fromEntries(kept.map((name) => [name, sent[`mine-${name}`]])) };
}

function readAlignments(
  raw: { standard: string[]; level: string[]; relation: string[] },
  vocabularies: Vocabularies,
): DraftAlignment[] {
  const levels = new Map(vocabularies.levels.map((level) => [level.slug, level.id]));
  return raw.standard.flatMap((value, index) => {
    if (!guid.test(value)) return [];
    const relation = raw.relation[index] ?? '';
    return {
      guid: value.toLowerCase(),
      levelId: levels.get(raw.level[index] ?? '') ?? null,
      relation: relations.has(relation) ? (relation as DraftAlignment['relation']) : 'teaches',
    };
  });
}

function keepUrl(value: string | undefined, fields: DraftFields, faults: FieldFault[]): void {
  if (value === undefined) return;
  const link = readLink(value);
  if (link === undefined) faults.push({ field: 'url', key: 'share.fault.url' });
  else fields.url = link;
}

/**
 * A link as it will be kept: `https://` is added where nothing was said, only http and https are taken.
 * @returns null for nothing, undefined for what can't be a link
 */
export function readLink(value: string): string | null | undefined {
  const typed = value.trim();
  if (typed === '') return null;
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`;
  if (typed.length > shareLengths.url || !URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  if (
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    !url.hostname.includes('.') ||
    url.username !== ''
  )
    return undefined;
  return url.href;
}

function keepMinutes(value: string | undefined, fields: DraftFields, faults: FieldFault[]): void {
  if (value === undefined) return;
  const typed = value.trim();
  if (typed === '') fields.minutes = null;
  else if (/^\d{1,5}$/.test(typed) && Number(typed) >= 1) fields.minutes = Number(typed);
  else faults.push({ field: 'minutes', key: 'share.fault.minutes' });
}

function keepKeywords(value: string | undefined, fields: DraftFields, faults: FieldFault[]): void {
  if (value === undefined) return;
  if (value.length > shareLengths.keywords)
    faults.push({ field: 'keywords', key: 'fault.tooLong', params: { max: shareLengths.keywords } });
  else
    fields.keywords = value
      .split(/[,;\n]/)
      .map((word) => word.replace(/\s+/g, ' ').trim())
      .filter((word) => word !== '')
      .slice(0, 30);
}

/** Whether this is a language tag that a browser would understand (BCP 47). */
function isLanguage(value: string): boolean {
  try {
    return value.length <= 35 && Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}
