import { parseGrades } from '../lib/grade.ts';
import { findPersonalData } from '../lib/personal-data.ts';
import { readLink } from '../resources/share-schema.ts';
import type { Visibility } from '../resources/resource-policy.ts';
import type { CodeMatch } from '../standards/code-queries.ts';
import type { Gap, ImportRecord, RecordClaim, RecordFile } from './import-record.ts';
import { plainWord, type ImportWords, type WordField } from './import-words.ts';
import { languageTag } from './language-tag.ts';
import { remembered } from './remembered.ts';
import type { NativeRow, StandardClaim } from './native-row.ts';

/** The longest of what is kept, in characters; the rest is cut, and said to be. */
const LENGTHS = {
  title: 200,
  summary: 600,
  description: 20_000,
  text: 1_000_000,
  authors: 300,
  publisher: 300,
};
const MOST = { subjects: 20, topics: 40, keywords: 30, standards: 100, files: 60 };
const MAX_KEYWORD = 100;

/** What a row is read against. */
export type ResolveContext = {
  words: ImportWords;
  /** What each code of the batch means, as `resolveCodes` orders it. */
  codes: ReadonlyMap<string, readonly CodeMatch[]>;
  districtId: string;
  /** The widest circle that this source may ask for. */
  widest: Visibility;
};

/** Files of the row as far as they could be had; `complete` false: one is missing, so the resource keeps what it has. */
export type RowFiles = {
  files: RecordFile[];
  /** Names of those that only educators see. */
  educatorFiles: string[];
  gaps: Gap[];
  complete: boolean;
};

/**
 * Turns a row into what will be stored. What nobody knows is left out and named as a gap. Never throws.
 * The row keeps its content: with neither a link that can be read, nor a file, nor text, `record` is null.
 */
export function resolveRow(
  row: NativeRow,
  { files, educatorFiles, gaps: fileGaps }: RowFiles,
  context: ResolveContext,
): { record: ImportRecord | null; gaps: Gap[]; understood: string[] } {
  const gaps: Gap[] = [...fileGaps];
  const understood = row.subjects.filter((text) => context.words.shortFor(text) !== undefined);
  const gap = (field: string, reason: Gap['reason'], value: string) =>
    void gaps.push({ field, reason, value: shorten(value) });
  const cut = (field: keyof typeof LENGTHS): string => {
    const text = row[field];
    if (text.length <= LENGTHS[field]) return text;
    gap(field, 'tooLong', text.slice(0, 60));
    return wholeCharacters(text.slice(0, LENGTHS[field]));
  };
  /** Of several kinds, the first that is known. */
  const kind = (): string | null => {
    const found = row.type.map((text) => context.words.find('type', text)).find((slug) => slug !== undefined);
    if (found === undefined && row.type.length > 0) gap('type', 'unknown', row.type.join(', '));
    return found ?? null;
  };
  const one = (field: Exclude<WordField, 'type' | 'subjects' | 'topics' | 'levels'>): string | null => {
    if (row[field] === '') return null;
    const found = context.words.find(field, row[field]);
    if (found === undefined) gap(field, 'unknown', row[field]);
    return found ?? null;
  };
  const many = (field: 'subjects' | 'topics' | 'levels', most: number): string[] => {
    const found = row[field].flatMap((text) => {
      const value = context.words.find(field, text);
      if (value === undefined) gap(field, 'unknown', text);
      return value ?? [];
    });
    if (found.length > most) gap(field, 'tooMany', String(found.length));
    return [...new Set(found)].slice(0, most);
  };

  const url = link(row.url, files, fileGaps, gap);
  const license = one('license');
  const organizationId = one('school') ?? context.districtId;
  const { claims, levels } = standards(row, context, many('levels', 20), gap);
  const record: ImportRecord = {
    title: cut('title'),
    summary: cut('summary'),
    description: cut('description'),
    url,
    fullText: cut('text'),
    type: kind(),
    license: license ?? context.words.find('license', 'unknown') ?? null,
    language: language(row.language, gap),
    authors: cut('authors'),
    publisher: cut('publisher'),
    minutes: minutes(row.minutes, gap),
    setting: one('setting'),
    visibility: visibility(row.visibility, license, context, gap),
    organizationId,
    subjects: many('subjects', MOST.subjects),
    grades: grades(row.grades, gap),
    topics: many('topics', MOST.topics),
    keywords: keywords(row.keywords, gap),
    levels: claims.length > 0 ? [] : levels,
    // Looked up in the transaction that writes the row: it may stand further up in the same file.
    adaptedFrom: row.adapted_from === '' ? null : row.adapted_from,
    files,
    educatorFiles,
    claims,
  };
  if (row.modified !== '' && Number.isNaN(Date.parse(row.modified)))
    gap('modified', 'unreadable', row.modified);
  for (const { sample } of findPersonalData([
    record.title,
    record.summary,
    record.description,
    record.fullText,
  ]))
    gap('text', 'studentData', sample);
  const content = record.url !== null || record.fullText !== '' || files.length > 0;
  return { record: content ? record : null, gaps, understood };
}

type AddGap = (field: string, reason: Gap['reason'], value: string) => void;

const shorten = (text: string): string =>
  text.length > 200 ? `${wholeCharacters(text.slice(0, 200))}…` : text;

/** Without half a character at the end. */
const wholeCharacters = (text: string): string => text.replace(/\p{Surrogate}$/u, '');

/** The row's link; else the address of a file that wasn't fetched. */
function link(url: string, files: RecordFile[], fileGaps: readonly Gap[], gap: AddGap): string | null {
  const own = readLink(url);
  if (own === undefined) gap('url', 'unreadable', url);
  if (own) return own;
  const address =
    files.length === 0
      ? fileGaps.find(({ reason }) => reason === 'fileAddress' || reason === 'fileFetch')
      : undefined;
  return (address && readLink(address.value)) ?? null;
}

const readGrades = remembered((texts) => parseGrades(texts.split('|')));

function grades(texts: readonly string[], gap: AddGap): string[] {
  const read = readGrades(texts.join('|'));
  for (const text of read.unknown) gap('grades', 'unknown', text);
  return read.grades;
}

function keywords(texts: readonly string[], gap: AddGap): string[] {
  const distinct = [
    ...new Map(texts.map((text) => [text.toLowerCase(), text.slice(0, MAX_KEYWORD)])).values(),
  ];
  if (distinct.length > MOST.keywords) gap('keywords', 'tooMany', String(distinct.length));
  return distinct.slice(0, MOST.keywords).map(wholeCharacters);
}

function language(text: string, gap: AddGap): string {
  if (text === '') return 'en';
  const tag = languageTag(text);
  if (tag === undefined) gap('language', 'unknown', text);
  return tag ?? 'und';
}

/** `45`, `45 min`, `1.5 hours`, `1 h 30 min`, `PT1H30M` (ISO 8601) in minutes. */
function minutes(text: string, gap: AddGap): number | null {
  if (text === '') return null;
  const iso = /^P(?:0D)?T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+)(?:\.\d+)?S)?$/i.exec(text);
  const words = /^(?:(\d+(?:\.\d+)?)\s*h(?:ours?|rs?)?)?\s*(?:(\d+)\s*(?:m(?:in(?:ute)?s?)?)?)?\.?$/i.exec(
    text,
  );
  const found = iso ?? words;
  const total = found
    ? Math.round(Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0) + Number(found[3] ?? 0) / 60)
    : 0;
  if (total >= 1 && total <= 100_000) return total;
  if (!/^0+$/.test(text)) gap('minutes', 'unreadable', text);
  return null;
}

const CIRCLES: readonly Visibility[] = ['public', 'state', 'district', 'school'];
const CIRCLE_WORDS: Record<string, Visibility> = {
  public: 'public',
  everyone: 'public',
  open: 'public',
  state: 'state',
  'educators of this state': 'state',
  district: 'district',
  'my district': 'district',
  school: 'school',
  'my school': 'school',
};

/**
 * Who may see it: as the row asks, never wider than the source may. A row that doesn't ask is for everyone where its
 * license is open, else for the educators of the state.
 */
function visibility(text: string, license: string | null, context: ResolveContext, gap: AddGap): Visibility {
  const usual = license !== null && context.words.openLicenses.has(license) ? 'public' : 'state';
  const asked = text === '' ? usual : CIRCLE_WORDS[plainWord(text)];
  // Nobody knows whom they meant: only the narrowest circle is surely not too wide.
  if (asked === undefined) gap('visibility', 'unknown', text);
  const wanted = asked ?? 'district';
  if (CIRCLES.indexOf(wanted) >= CIRCLES.indexOf(context.widest)) return wanted;
  if (text !== '') gap('visibility', 'narrowed', text);
  return context.widest;
}

const RELATIONS = new Set(['teaches', 'assesses', 'requires', 'related']);

/** Claims in the order of the row, each standard, level and relation once. */
function standards(
  row: NativeRow,
  context: ResolveContext,
  levels: string[],
  gap: AddGap,
): { claims: RecordClaim[]; levels: string[] } {
  const claims = new Map<string, RecordClaim>();
  for (const named of row.standards) {
    const match = standardOf(named, context);
    if (!match) {
      // People know it by its code rather than by a GUID.
      gap('standards', 'unknown', named.spare?.[0] ?? named.code);
      continue;
    }
    const ownLevel = named.level === '' ? undefined : context.words.find('levels', named.level);
    if (named.level !== '' && ownLevel === undefined) gap('levels', 'unknown', named.level);
    if (named.relation !== '' && !RELATIONS.has(named.relation))
      gap('standards', 'unreadable', named.relation);
    const relation = RELATIONS.has(named.relation) ? named.relation : 'teaches';
    // A claim that states no level is one at each level of the row.
    const at = named.level === '' && levels.length > 0 ? levels : [ownLevel ?? null];
    for (const levelId of at)
      claims.set(`${match} ${relation} ${levelId}`, { guid: match, relation, levelId });
  }
  if (claims.size > MOST.standards) gap('standards', 'tooMany', String(claims.size));
  return { claims: [...claims.values()].slice(0, MOST.standards), levels };
}

/** The standard's GUID; of a retired one, of what replaced it, if that is one. */
function standardOf(
  { code, framework, spare = [] }: StandardClaim,
  { codes }: ResolveContext,
): string | undefined {
  const all = [code, ...spare].map((name) => codes.get(name) ?? []).find((found) => found.length > 0) ?? [];
  const word = plainWord(framework);
  const within =
    framework === ''
      ? all
      : all.filter((match) =>
          [match.framework.title, match.framework.slug, match.framework.guid].some(
            (name) => plainWord(name) === word,
          ),
        );
  const match = within[0];
  if (!match) return undefined;
  return match.retired && match.replacedBy.length === 1 ? match.replacedBy[0] : match.guid;
}
