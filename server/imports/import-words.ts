import type { Pool } from 'pg';
import { editDistance } from '../lib/edit-distance.ts';
import { readFormerTerms, readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { remembered } from './remembered.ts';
import { subjectWords } from './subject-words.ts';

/** Vocabularies whose values a row may name in its own spelling. */
export type WordField = 'type' | 'subjects' | 'topics' | 'levels' | 'license' | 'setting' | 'school';

/** What a word of a row means. */
export type ImportWords = {
  /** The value as it is stored (a slug, a code, an id), or undefined where nobody knows the word. */
  find: (field: WordField, text: string) => string | undefined;
  /** The name of the subject that a short word ("Math") is taken for; undefined for any other text. */
  shortFor: (text: string) => string | undefined;
  /** Known words that look like it, the nearest first, at most three. */
  near: (field: string, text: string) => string[];
  /** All known words for a field, in their order; empty where any text will do. */
  labels: (field: string) => readonly string[];
  /** Licenses under which a work may be open to everyone. */
  openLicenses: ReadonlySet<string>;
};

type Lookup = { byWord: Map<string, string>; labels: string[] };

/** Letters and digits only, so that `Health & PE`, `health-pe` and `HEALTH PE` are one. */
export const plainWord = remembered((text) =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/&/g, ' and ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim(),
);

/** Reads what the state and a district have words for: vocabularies, and the district's own schools. */
export async function loadImportWords(pool: Pool, districtId: string): Promise<ImportWords> {
  const [known, former, schools] = await Promise.all([
    readVocabularies(pool),
    readFormerTerms(pool),
    pool.query<{ id: string; slug: string; name: string; label: string }>(
      // A district's own files may go on saying what a school was called before; the present names go first.
      `WITH place AS (SELECT id, slug, name FROM organization WHERE district_id = $1 AND closed_at IS NULL)
       SELECT id, slug, name, label FROM (
         SELECT id, slug, name, name AS label, 0 AS age FROM place
         UNION ALL SELECT p.id, coalesce(f.slug, p.slug), f.name, p.name, 1 FROM organization_former f JOIN place p ON p.id = f.organization_id
         UNION ALL SELECT p.id, g.slug, g.name, p.name, 2 FROM organization g JOIN place p ON p.id = g.merged_into_id) known ORDER BY age, name, id`,
      [districtId],
    ),
  ]);
  const terms = (list: { slug: string; label: string }[]) =>
    lookup(list.map(({ slug, label }) => ({ value: slug, label, words: [slug, label, ...singular(label)] })));
  const lookups: Record<WordField, Lookup> = {
    type: terms(known.types),
    subjects: terms(known.subjects),
    setting: terms(known.settings),
    levels: lookup(known.levels.map(({ id, slug, label }) => ({ value: id, label, words: [slug, label] }))),
    topics: lookup(
      known.topics.map(({ id, slug, path, name }) => ({
        value: id,
        label: path,
        words: [path, slug],
        also: name,
      })),
    ),
    license: lookup(
      known.licenses.map(({ code, name, url }) => ({
        value: code,
        label: name,
        // CC0 has only ever had one version, so people leave it out.
        words: [code, name, ...(url ? [licenseOfAddress(url)] : []), ...(code === 'CC0-1.0' ? ['CC0'] : [])],
      })),
    ),
    school: lookup(
      schools.rows.map(({ id, slug, name, label }) => ({ value: id, label, words: [slug, name] })),
    ),
  };
  const idOf = new Map(known.topics.map(({ slug, id }) => [slug, id]));
  // What the state has renamed or merged is still understood under its old name.
  addFormer(lookups.type, former.type, (slug) => slug);
  addFormer(lookups.subjects, former.subject, (slug) => slug);
  addFormer(lookups.setting, former.setting, (slug) => slug);
  addFormer(lookups.topics, former.topic, (slug) => idOf.get(slug));
  // Last, so that it is never taken for what the state itself calls so.
  const short = new Map(
    subjectWords(known.subjects.map(({ slug, label }) => ({ slug, name: plainWord(label) }))).filter(
      ([word]) => !lookups.subjects.byWord.has(word),
    ),
  );
  const subjectOf = new Map(known.subjects.map(({ slug, label }) => [slug, label]));
  const levelOf = new Map(known.levels.map(({ slug, id }) => [slug, id]));
  addFormer(lookups.levels, former.level, (slug) => levelOf.get(slug));
  const licenses = lookups.license;
  return {
    shortFor: (text) => {
      const slug = short.get(plainWord(text));
      return slug === undefined ? undefined : subjectOf.get(slug);
    },
    openLicenses: new Set(known.licenses.filter(({ open }) => open).map(({ code }) => code)),
    find: (field, text) => {
      const word = plainWord(text);
      if (field === 'license') return findLicense(licenses, text);
      const { byWord } = lookups[field];
      return (
        byWord.get(word) ??
        (field === 'subjects' ? short.get(word) : undefined) ??
        (field === 'type' ? byWord.get(word.replace(/ plans?$/, '').replace(/s$/, '')) : undefined)
      );
    },
    labels: (field) => (field in lookups ? lookups[field as WordField].labels : []),
    near: (field, text) => (field in lookups ? nearest(lookups[field as WordField].labels, text) : []),
  };
}

type Entry = { value: string; label: string; words: string[]; also?: string };

/** `also`: a word that counts only where it is nobody else's. */
function lookup(entries: readonly Entry[]): Lookup {
  const byWord = new Map<string, string>();
  for (const { value, words } of entries)
    for (const word of words) if (!byWord.has(plainWord(word))) byWord.set(plainWord(word), value);
  const shared = new Map<string, number>();
  for (const { also } of entries)
    if (also) shared.set(plainWord(also), (shared.get(plainWord(also)) ?? 0) + 1);
  for (const { also, value } of entries) {
    const word = plainWord(also ?? '');
    if (shared.get(word) === 1 && !byWord.has(word)) byWord.set(word, value);
  }
  return { byWord, labels: [...new Set(entries.map(({ label }) => label))] };
}

function addFormer(
  { byWord }: Lookup,
  former: Record<string, string> | undefined,
  valueOf: (slug: string) => string | undefined,
): void {
  for (const [text, slug] of Object.entries(former ?? {})) {
    const word = plainWord(text);
    const value = valueOf(slug);
    if (value !== undefined && !byWord.has(word)) byWord.set(word, value);
  }
}

const singular = (label: string): string[] => (label.includes(' ') ? [] : [`${label}s`]);

/** `https://creativecommons.org/licenses/by-sa/4.0/deed.es` → `by-sa 4.0` */
function licenseOfAddress(text: string): string {
  const found = /creativecommons\.org\/(?:licenses|publicdomain)\/([a-z-]+)\/(\d\.\d)/i.exec(text);
  return found ? `${found[1]} ${found[2]}` : text;
}

const LONG_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bcreative commons\b|\bcc\b/g, ' '],
  [/\b(?:international|license|licence|unported|deed|universal|public domain dedication)\b/g, ' '],
  [/\battribution\b/g, 'by'],
  [/\bshare ?alike\b/g, 'sa'],
  [/\bnon ?commercial\b/g, 'nc'],
  [/\bno ?deriv(?:ative)?s?(?: works)?\b/g, 'nd'],
];

/** By code, name or address; `Creative Commons Attribution 4.0 International` is the one with the code CC-BY-4.0. */
function findLicense({ byWord }: Lookup, text: string): string | undefined {
  const address = licenseOfAddress(text);
  const direct = byWord.get(plainWord(address)) ?? byWord.get(plainWord(`cc ${address}`));
  if (direct !== undefined) return direct;
  let word = plainWord(text);
  for (const [pattern, short] of LONG_NAMES) word = word.replaceAll(pattern, short);
  word = word.replaceAll(/\s+/g, ' ').trim();
  return word === '' ? undefined : byWord.get(plainWord(`cc ${word}`));
}

function nearest(labels: readonly string[], text: string): string[] {
  const word = plainWord(text);
  if (word === '' || word.length > 100) return [];
  const limit = Math.max(1, Math.floor(word.length / 4));
  const stem = word.length > 4 ? word.replace(/s$/, '') : word;
  const tokens = new Set(word.split(' '));
  return labels
    .map((label) => {
      const known = plainWord(label);
      const shared = known.split(' ').filter((token) => token.length > 2 && tokens.has(token)).length;
      const distance = editDistance(word, known, limit);
      // "Maths" for mathematics, "ELA" for English language arts.
      const starts = known.startsWith(stem) || word.startsWith(known) || initialsOf(known) === word;
      return {
        label,
        score: distance <= limit ? distance : starts ? limit + 1 : shared > 0 ? limit + 4 - shared : Infinity,
      };
    })
    .filter(({ score }) => score < Infinity)
    .toSorted((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ label }) => label);
}

const initialsOf = (words: string): string =>
  words
    .split(' ')
    .map((word) => word.slice(0, 1))
    .join('');
