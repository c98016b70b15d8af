import en from './words.en.json' with { type: 'json' };
import es from './words.es.json' with { type: 'json' };

/**
 * How sure a phrase is to mean what the table says, seen from where it stands in the query:
 * `sure`: anywhere. `head`: where a noun phrase ends (last, or before a word like "for", a code, another reading).
 * `edge`: as `head`, but not before such a word. `tail`: last, behind words that mean something else.
 * `alone`: where nothing is left that would mean something else.
 */
export type Sureness = 'sure' | 'head' | 'edge' | 'tail' | 'alone';

export type Phrases = Partial<Record<Sureness, string[]>>;

/**
 * The words of one language by which people name filters. All in lower case and without accents. Phrases are read with
 * hyphens or without.
 */
export interface WordTable {
  /** Words that join; they go together with a reading beside which they stand. */
  connectors: string[];
  /** The same, only in front of a reading or only behind one. */
  leading: string[];
  trailing: string[];
  grade: GradeTable;
  /** By a range of grades as it is stored: `PK`, `K-5`. */
  bands: Record<string, Phrases>;
  /** By the slug that such a subject or kind usually has. `else`: what it is where the state doesn't tell it apart. */
  subjects: Record<string, Phrases & { else?: string }>;
  types: Record<string, Phrases & { else?: string }>;
  /** By where a level stands: see `levelsMeant`. */
  levels: Record<string, Phrases>;
  /** Words behind and before the name of a level that make it one: "developing level". */
  levelFrame: string[];
  levelBefore: string[];
  /** By code without its version, or by a rule: see `licensesMeant`. */
  licenses: Record<string, Phrases>;
  /** By BCP 47 code. */
  languages: Record<string, string[]>;
  languageFrames: { before: string[]; after: string[] };
  /** After these, a language at the end of a query is what is learned. */
  languageNotAfter: string[];
  time: TimeTable;
  /** Neighbors with which a phrase means something else: "science fiction". */
  notBefore: Record<string, string[]>;
  notAfter: Record<string, string[]>;
  /** Words for how a file is stored; no text says that of itself. */
  files: string[];
  /** Phrases that say nothing of what is looked for. */
  fillers: string[];
  /** Words that only join others. */
  stops: string[];
}

export interface GradeTable {
  noun: string[];
  nouns: string[];
  /** From the first grade to the twelfth, each in its forms. */
  ordinals: string[][];
  cardinals: string[];
  /** What follows a number in digits to make it an ordinal. */
  suffixes: string[];
  kindergarten: string[];
  prekindergarten: string[];
  to: string[];
  and: string[];
  up: string[];
  /** Before a range without a noun: "de segundo a quinto". */
  before: string[];
  /** Nouns that follow only: "tercero de primaria". */
  after: string[];
  notBefore: string[];
  notAfter: string[];
}

export interface TimeTable {
  minutes: string[];
  hours: string[];
  one: string[];
  half: string[];
  oneAndHalf: string[];
  numbers: Record<string, number>;
  upTo: string[];
  over: string[];
  orLess: string[];
  to: string[];
  notBefore: string[];
  notAfter: string[];
}

/** The starter tables: English and Spanish are read alike, in any query. */
export const wordTables: readonly WordTable[] = [en as WordTable, es as WordTable];
