/**
 * How hits are put in order, as data: both engines, the order of the first pages and `?explain=1` read it. Points are
 * added up; a word in the title is worth 1,000. Words come first, by where they stand; among records whose words stand
 * alike, what is checked, aligned, complete, used and newer decides.
 */

/** Where words may stand, most important first. `weight`: the weight in PostgreSQL's index. */
export const ATTRIBUTES = [
  { name: 'title', points: 1000, weight: 'A' },
  { name: 'keywords', points: 600, weight: 'B' },
  { name: 'terms', points: 550, weight: 'B' },
  { name: 'codes', points: 550, weight: 'B' },
  { name: 'summary', points: 420, weight: 'C' },
  { name: 'statements', points: 300, weight: 'C' },
  { name: 'authors', points: 250, weight: 'C' },
  { name: 'organizations', points: 250, weight: 'C' },
  // Deep in a long text: page 300 of a book says little about the book.
  { name: 'text', points: 100, weight: 'D' },
] as const;

export type AttributeName = (typeof ATTRIBUTES)[number]['name'];

/** Of the points of a place: the word as typed, one or many of it, another form, its beginning, a near spelling, a synonym. */
export const FORMS = { same: 1, number: 0.97, form: 0.85, begins: 0.85, near: 0.7, synonym: 0.6 } as const;

export type FormName = keyof typeof FORMS;

/** What is added to the points of the words. */
export const WORDS = {
  /** Of the points of the second best place: a title that the summary bears out. */
  again: 0.12,
  /** All of the title is what was asked for; less for a part of it. */
  wholeTitle: 350,
  /** The words stand side by side in the order of the query: in the title, or elsewhere. */
  together: { title: 150, elsewhere: 90 },
  /** Where some hits lack words: this one has all of them, in the record itself or deep in a text. */
  all: { inRecord: 500, deep: 300 },
  /** Where some hits lack words, a rare one weighs more: by the logarithm of how many resources have it. */
  rare: 2,
} as const;

/** What a record is, apart from the words. */
export const RECORD = {
  /** In the language of the query. */
  language: 120,
  /** Begins a subject, or is a whole of which others are parts; more where the query asks for just that. */
  overview: 70,
  overviewAsked: 250,
  /** The title is the name of a file. */
  fileName: -250,
  /** One of a row of parts, and not the first. */
  part: -40,
  /** What was read from the query as a filter, where it is only preferred. For all of it; less for some of it. */
  asked: 500,
  /** Aligned to the standard that was asked for, and somebody checked how far: in full, or in part. */
  fullyAligned: 150,
  partlyAligned: 60,
  /** Where grades are asked for: for just these, less for them among others. */
  grade: 150,
  /** Where only a standard is asked for: title or keywords have words of its statement, as many as three in the title or more. */
  about: { most: 250, words: 3 },
  /** For each title above that is the same but for its numbers, up to `most`. */
  sibling: { each: -30, most: 4 },
  /** Of the points of `QUALITY`, which are up to 1,000. */
  quality: 0.15,
} as const;

/** Points of a record by itself, from 0 to 1,000, kept with it in both indexes: also the order of lists without words. */
export const QUALITY = {
  checked: 500,
  /** The best of its alignments: checked in full, checked in part, claimed with a level. */
  alignment: { full: 150, part: 80, claimed: 40 },
  /** For each of the six parts of a record that help to choose. */
  complete: 30,
  /** For a use, twice for three, three times for seven … */
  used: { each: 20, most: 120 },
  /** What claims more standards than `from` isn't the best for each: less for every one more, down to `most`. */
  manyStandards: { from: 8, each: -8, most: -200 },
  /** What can't be opened is of little use, whoever checked it once. */
  deadLink: -500,
} as const;

/** Among equal points the newer comes first. So many of an engine's first hits are put in order; behind them nobody reads. */
export const WINDOW = 100;

/**
 * When a search is widened: fewer than `hits` have all that was asked for in the record itself, and at least `gain`
 * times as many are found when less is asked for.
 */
export const THIN = { hits: 10, gain: 3 } as const;

/** Kinds that are a whole of which others are parts. */
export const WHOLE_KINDS: readonly string[] = ['unit', 'unit-plan', 'course'];

/** Titles of what begins a subject. Folded. */
export const OVERVIEW_WORDS: ReadonlySet<string> = new Set(
  'introduction intro introducing overview basics basic fundamentals understanding beginner introduccion fundamentos conceptos'.split(
    ' ',
  ),
);

/** Before a number from 2 on they name one of a row of parts. Folded. */
export const PART_WORDS: ReadonlySet<string> = new Set(
  'lesson part section session day week chapter leccion parte sesion dia semana capitulo'.split(' '),
);

/** How the name of a file ends, folded. */
export const FILE_ENDINGS: ReadonlySet<string> = new Set(
  'md txt pdf doc docx ppt pptx xls xlsx html'.split(' '),
);
