import { GRADES } from '../../lib/grade.ts';
import type { FacetName } from '../search-view.ts';
import { levelMeanings, type ReadableLevel } from './level-meanings.ts';
import { foldedWords } from './query-tokens.ts';
import type { Phrases, Sureness, WordTable } from './word-table.ts';

/** The lists of the state, as far as their words are read in a query. */
export interface ReadableVocabularies {
  subjects: readonly { slug: string; label: string }[];
  types: readonly { slug: string; label: string }[];
  /** Lowest first. */
  levels: readonly ReadableLevel[];
  licenses: readonly {
    code: string;
    name: string;
    adaptable: boolean;
    open: boolean;
    nonCommercial: boolean;
  }[];
}

/** A phrase that means values of a filter. */
export interface Phrase {
  words: string[];
  facet: FacetName;
  values: string[];
  when: Sureness;
  notBefore: string[][];
  notAfter: string[][];
}

/** All phrases by their first word. */
export type PhraseVocabulary = ReadonlyMap<string, readonly Phrase[]>;

interface Meaning {
  facet: FacetName;
  values: string[];
  phrase: string;
  when: Sureness;
  notAfter?: string[];
}

/** Puts the words of the tables and the state's own names together: what a phrase means in this state. */
export function phraseVocabulary(
  vocabularies: ReadableVocabularies,
  tables: readonly WordTable[],
): PhraseVocabulary {
  const byFirst = new Map<string, Phrase[]>();
  const seen = new Set<string>();
  for (const { facet, values, phrase, when, notAfter = [] } of meanings(vocabularies, tables)) {
    const words = foldedWords(phrase);
    const [first] = words;
    const key = `${facet} ${words.join(' ')} ${when}`;
    if (first === undefined || values.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const neighbors = (side: 'notBefore' | 'notAfter') =>
      tables.flatMap((table) => table[side][words.join(' ')] ?? []).map(foldedWords);
    const known = byFirst.get(first) ?? [];
    known.push({
      words,
      facet,
      values,
      when,
      notBefore: neighbors('notBefore'),
      notAfter: [...neighbors('notAfter'), ...notAfter.map(foldedWords)],
    });
    byFirst.set(first, known);
  }
  return byFirst;
}

function* meanings(vocabularies: ReadableVocabularies, tables: readonly WordTable[]): Iterable<Meaning> {
  yield* ofTerms(
    'subject',
    vocabularies.subjects,
    tables.map(({ subjects }) => subjects),
    'alone',
  );
  yield* ofTerms(
    'type',
    vocabularies.types,
    tables.map(({ types }) => types),
    'head',
  );
  for (const table of tables) {
    for (const [range, phrases] of Object.entries(table.bands))
      yield* ofPhrases('grade', gradesOf(range), phrases);
    for (const [rule, phrases] of Object.entries(table.licenses))
      yield* ofPhrases('license', licensesMeant(rule, vocabularies.licenses), phrases);
    yield* ofLanguages(table);
    yield* ofLevelNames(vocabularies.levels, table);
  }
  for (const meaning of levelMeanings(vocabularies.levels, tables)) yield { facet: 'level', ...meaning };
  for (const { code, name } of vocabularies.licenses)
    if (foldedWords(name).length > 1 && code !== 'unknown')
      yield { facet: 'license', values: [code], phrase: name, when: 'sure' };
}

function* ofPhrases(facet: FacetName, values: string[], phrases: Phrases): Iterable<Meaning> {
  for (const when of ['sure', 'head', 'edge', 'tail', 'alone'] as const)
    for (const phrase of phrases[when] ?? []) yield { facet, values, phrase, when };
}

type Groups = Record<string, Phrases & { else?: string }>;

/** Subjects and kinds: the words of the group that each of the state's terms belongs to, and its own name. */
function* ofTerms(
  facet: 'subject' | 'type',
  terms: ReadableVocabularies['subjects'],
  tables: readonly Groups[],
  ownName: Sureness,
): Iterable<Meaning> {
  const groups = new Map<string, string>();
  for (const { slug, label } of terms) {
    const group = groupOf([slug, label], tables);
    if (group !== null && !groups.has(group)) groups.set(group, slug);
  }
  for (const table of tables) {
    for (const [id, phrases] of Object.entries(table)) {
      const slug = groups.get(id) ?? groups.get(phrases.else ?? '');
      if (slug !== undefined) yield* ofPhrases(facet, [slug], phrases);
    }
  }
  for (const { slug, label } of terms) {
    const several = foldedWords(label).length > 1;
    if (several || groupOf([slug, label], tables) === null)
      yield { facet, values: [slug], phrase: label, when: several ? 'sure' : ownName };
  }
}

/** The group that has a term's slug or name as its own, else the first that has it among its words. */
function groupOf(names: string[], tables: readonly Groups[]): string | null {
  const folded = new Set(names.map((name) => foldedWords(name).join(' ')));
  const ids = [...new Set(tables.flatMap((table) => Object.keys(table)))];
  const isNamed = (text: string): boolean => folded.has(foldedWords(text).join(' '));
  const hasWord = (id: string): boolean =>
    tables.some((table) => {
      const { sure = [], head = [], edge = [], alone = [] } = table[id] ?? {};
      return [...sure, ...head, ...edge, ...alone].some(isNamed);
    });
  return ids.find(isNamed) ?? ids.find(hasWord) ?? null;
}

/** `K-5` → every grade from one to the other. */
function gradesOf(range: string): string[] {
  const [low = '', high = low] = range.split('-');
  const places: readonly string[] = GRADES;
  return GRADES.slice(places.indexOf(low), places.indexOf(high) + 1);
}

/** The licenses that a table means: by what they allow, or by the code without its version. */
export function licensesMeant(rule: string, licenses: ReadableVocabularies['licenses']): string[] {
  const fits = ({ code, adaptable, open, nonCommercial }: (typeof licenses)[number]): boolean => {
    if (code === 'unknown') return false;
    if (rule === 'adaptable') return adaptable;
    if (rule === 'open') return open;
    if (rule === 'commercial') return open && !nonCommercial;
    if (rule === 'public') return /^(?:CC0|PDM|PDDL|public)/i.test(code);
    return code === rule || (code.startsWith(`${rule}-`) && /^\d/.test(code.slice(rule.length + 1)));
  };
  return licenses.filter(fits).map(({ code }) => code);
}

function* ofLanguages({ languages, languageFrames, languageNotAfter }: WordTable): Iterable<Meaning> {
  for (const [code, names] of Object.entries(languages)) {
    const facet = 'language';
    const values = [code];
    for (const name of names) {
      for (const frame of languageFrames.before)
        yield { facet, values, phrase: `${frame} ${name}`, when: 'head' };
      for (const frame of languageFrames.after)
        yield { facet, values, phrase: `${name} ${frame}`, when: 'sure' };
      // "Old English", "English" as a subject: too much is called so.
      if (code !== 'en') yield { facet, values, phrase: name, when: 'tail', notAfter: languageNotAfter };
    }
  }
}

/** The state's own names of levels are everyday words ("developing number sense"), so they need a sign of being meant. */
function* ofLevelNames(
  levels: ReadableVocabularies['levels'],
  { levelFrame, levelBefore }: WordTable,
): Iterable<Meaning> {
  for (const { slug, label } of levels) {
    const facet = 'level';
    const values = [slug];
    yield { facet, values, phrase: label, when: foldedWords(label).length > 1 ? 'sure' : 'edge' };
    for (const frame of levelFrame) {
      yield { facet, values, phrase: `${label} ${frame}`, when: 'sure' };
      yield { facet, values, phrase: `for ${label} ${frame}`, when: 'sure' };
    }
    for (const frame of levelBefore) yield { facet, values, phrase: `${frame} ${label}`, when: 'edge' };
  }
}
