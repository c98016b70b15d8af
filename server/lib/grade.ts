/**
 * Grades: `PK K 1 … 12`, the only values that are stored. Everything that people and other systems write
 * (`03`, `KG`, `3rd grade`, `K-2`, `high school`, CEDS codes, URIs that end in a grade, lists) is read here.
 */

/** Every grade, in order. */
export const GRADES = ['PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'] as const;

export type Grade = (typeof GRADES)[number];

const ORDER = new Map<string, number>(GRADES.map((grade, index) => [grade, index]));

/** Whether a text is a grade exactly as it is stored (`K`, `3`, not `03`). */
export function isGrade(text: string): text is Grade {
  return ORDER.has(text);
}

/** For `sort`: the order in which a student meets the grades. */
export function compareGrades(a: Grade, b: Grade): number {
  return (ORDER.get(a) ?? 0) - (ORDER.get(b) ?? 0);
}

/** Distinct grades in order; a new array. */
export function sortGrades(grades: Iterable<Grade>): Grade[] {
  return [...new Set(grades)].sort(compareGrades);
}

/** All grades from one to the other, both included, whichever comes first. */
export function gradesBetween(a: Grade, b: Grade): Grade[] {
  const [low, high] = [ORDER.get(a) ?? 0, ORDER.get(b) ?? 0].sort((x, y) => x - y) as [number, number];
  return GRADES.slice(low, high + 1);
}

type Token =
  | { kind: 'grades'; low: number; high: number }
  | { kind: 'range' }
  | { kind: 'list' }
  | { kind: 'up' }
  | { kind: 'unknown'; text: string };

const PK = 0;
const K = 1;
const at = (number: number): number => number + 1;

/** Words for a run of grades; looked up after the text was folded to lower case with single spaces. */
const BANDS: readonly (readonly [RegExp, number, number])[] = [
  [/^all grades?\b|^all levels\b/, PK, at(12)],
  [/^(?:senior )?high(?: ?school)?\b|^secondary school\b|^upper secondary\b|^hs\b/, at(9), at(12)],
  [/^(?:middle|junior high|intermediate)(?: ?school)?\b|^ms\b|^jhs\b/, at(6), at(8)],
  [/^lower elementary\b|^primary(?: ?school| grades)?\b|^early elementary\b/, K, at(2)],
  [/^upper elementary\b/, at(3), at(5)],
  [/^elementary(?: ?school)?\b|^grade ?school\b|^es\b/, K, at(5)],
];

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
  'eleventh',
  'twelfth',
];
const CARDINALS = [
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const YEARS = ['freshm[ae]n', 'sophomores?', 'juniors?', 'seniors?'];

const SINGLES: readonly (readonly [RegExp, number])[] = [
  [/^transitional kindergarten\b|^tk\b/, K],
  [/^(?:pre ?)?school\b(?<=preschool|pre school)|^nursery\b|^early childhood\b|^infant\/?toddler\b/, PK],
  [/^(?:pk|prek|prekindergarten)(?: ?[34](?! ?[-–0-9]))?\b|^it\b|^pr\b/, PK],
  [/^kindergarten\b|^kinder\b|^kg\b|^k\b/, K],
  ...ORDINALS.map((word, index) => [new RegExp(`^${word}(?:s\\b|\\b)`), at(index + 1)] as const),
  ...CARDINALS.map((word, index) => [new RegExp(`^${word}\\b`), at(index + 1)] as const),
  ...YEARS.map((word, index) => [new RegExp(`^${word}\\b`), at(index + 9)] as const),
];

/** Words around a grade that say nothing of their own. */
const NOISE =
  /^(?:grades?|graders?|grados?|gr|gd|g|levels?|years? of|the|in|for|of|students?|education|school|age group)\b\.?/;

/** CEDS and other codes for people who have left K–12: read without complaint, no grade comes of them. */
const BEYOND =
  /^(?:postsecondary|higher ?education|college|university|graduate|undergraduate|adult(?: education)?|professional|ug|ae|ab|ps|13|other|ungraded|outofschool|n\/?a)\b/;

/** Lower case, one kind of space and dash, every spelling of pre-kindergarten made `pk`. */
function fold(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .replaceAll(/[_\s]+/g, ' ')
    .replaceAll(/\bpre[- ]?k(?:inder(?:garten)?)?\b/g, 'pk')
    .replaceAll(/\bpre[- ]?k(?=\d)/g, 'pk ')
    .replaceAll(/\bkínder\b/g, 'k')
    .replaceAll(/\b(grades?|gr|gd|g)(?=\d)/g, '$1 ')
    .replaceAll(/\bk(?=\d{1,2}\b)|\bpk(?=(?:1[0-2]|[5-9])\b)/g, '$&-')
    .trim();
}

/** The last part of a URI: `…/ASNEducationLevel/Pre-K` → `Pre-K`. Anything else comes back as it is. */
function lastPart(text: string): string {
  const trimmed = text.trim();
  if (!/^(?:https?|urn):/i.test(trimmed)) return trimmed;
  const part =
    trimmed
      .replace(/[/#?]+$/, '')
      .split(/[/#:=]/)
      .at(-1) ?? '';
  try {
    return decodeURIComponent(part).replace(/^grade[-_]?/i, '');
  } catch {
    return part;
  }
}

function readToken(rest: string): { token: Token | undefined; length: number } {
  const found = (match: RegExpExecArray | null, token?: Token) =>
    match && match[0].length > 0 ? { token, length: match[0].length } : undefined;

  const beyond = found(BEYOND.exec(rest));
  if (beyond) return beyond;
  for (const [pattern, low, high] of BANDS) {
    const band = found(pattern.exec(rest), { kind: 'grades', low, high });
    if (band) return band;
  }
  for (const [pattern, index] of SINGLES) {
    const single = found(pattern.exec(rest), { kind: 'grades', low: index, high: index });
    if (single) return single;
  }
  const number = /^(-1|\d+)(?:st|nd|rd|th|er|º|°)?(?![a-z0-9])\.?/.exec(rest);
  if (number) {
    const value = Number(number[1]);
    if (value >= -1 && value <= 12) {
      const index = at(value);
      return { token: { kind: 'grades', low: index, high: index }, length: number[0].length };
    }
  }
  return (
    found(/^(?:-+|to\b|through\b|thru\b|until\b|a\b(?= \d))/.exec(rest), { kind: 'range' }) ??
    found(/^(?:\+|(?:and|or) (?:up|above|higher|older)\b)/.exec(rest), { kind: 'up' }) ??
    found(/^(?:[,;|/&+()[\]"']+|and\b|or\b|y\b)/.exec(rest), { kind: 'list' }) ??
    found(NOISE.exec(rest)) ??
    found(/^[.:]/.exec(rest)) ?? {
      token: { kind: 'unknown', text: /^[^\s,;|]+/.exec(rest)?.[0] ?? rest[0] ?? '' },
      length: Math.max(1, /^[^\s,;|]+/.exec(rest)?.[0].length ?? 1),
    }
  );
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let rest = text;
  while (rest !== '') {
    // A minus sign is a grade of its own (`-1`) only where nothing stands before it that a range could start with.
    const afterGrade = tokens.at(-1)?.kind === 'grades';
    const dash = afterGrade ? /^-+/.exec(rest) : null;
    const { token, length } = dash
      ? { token: { kind: 'range' } as const, length: dash[0].length }
      : readToken(rest);
    if (token) tokens.push(token);
    rest = rest.slice(length).trimStart();
  }
  return tokens;
}

function collect(tokens: readonly Token[]): { indexes: Set<number>; unknown: string[] } {
  const indexes = new Set<number>();
  const unknown: string[] = [];
  const add = (low: number, high: number) => {
    for (let index = Math.min(low, high); index <= Math.max(low, high); index += 1) indexes.add(index);
  };
  let previous: { low: number; high: number } | undefined;
  let inRange = false;
  for (const token of tokens) {
    if (token.kind === 'grades') {
      if (inRange && previous) add(previous.low, token.high);
      if (inRange && previous && token.low < previous.low) add(token.low, previous.high);
      add(token.low, token.high);
      previous = token;
    } else if (token.kind === 'up' && previous) {
      add(previous.low, at(12));
    } else if (token.kind === 'unknown') {
      unknown.push(token.text);
      previous = undefined;
    }
    inRange = token.kind === 'range';
  }
  return { indexes, unknown };
}

/**
 * Reads grades from any spelling: one text, or a list of texts of which each may itself be a list or a range.
 * Returns distinct grades in order, and the words that meant no grade (`unknown`, as they were written; empty when
 * all was understood). Levels beyond grade 12 (`Higher Education`, CEDS `13`, `PS`, `AE`) give neither.
 * Never throws.
 */
export function parseGrades(input: string | readonly string[] | null | undefined): {
  grades: Grade[];
  unknown: string[];
} {
  const texts = typeof input === 'string' ? [input] : (input ?? []);
  const grades = new Set<Grade>();
  const unknown: string[] = [];
  for (const text of texts) {
    const folded = fold(lastPart(text).slice(0, 500));
    if (folded === '') continue;
    // "Ages 8-10" and "8 to 9 years" are not grades, though they look like them.
    if (/\bages?\b|\byears? old\b|\byears?$|\byrs?\b/.test(folded)) {
      unknown.push(text.trim());
      continue;
    }
    const read = collect(tokenize(folded));
    for (const index of read.indexes) {
      const grade = GRADES[index];
      if (grade !== undefined) grades.add(grade);
    }
    unknown.push(...read.unknown);
  }
  return { grades: sortGrades(grades), unknown };
}

/** Reads one grade; `undefined` when the text means none, or more than one. */
export function parseGrade(text: string): Grade | undefined {
  const { grades, unknown } = parseGrades(text);
  return grades.length === 1 && unknown.length === 0 ? grades[0] : undefined;
}

/** The CEDS code that CASE and other 1EdTech formats carry: `PK`, `KG`, `01` … `12`. */
export function cedsGrade(grade: Grade): string {
  if (grade === 'PK') return 'PK';
  return grade === 'K' ? 'KG' : grade.padStart(2, '0');
}

/** `3` → "Grade 3", `K` → "Kindergarten". */
export function gradeLabel(grade: Grade): string {
  if (grade === 'PK') return 'Pre-kindergarten';
  return grade === 'K' ? 'Kindergarten' : `Grade ${grade}`;
}

/**
 * The grades in which children of an age are, as schema.org and LOM write ages: `8-9`, `10`, `14-`, `6 to 8 years`. In
 * the United States who is eight or nine is in third grade. Ages outside of school give none.
 */
export function gradesOfAges(text: string): Grade[] {
  const found = /^\D{0,10}(\d{1,2})\s*(?:(?:-|–|to)\s*(\d{1,2})?|(\+))?\D{0,10}$/i.exec(text.trim());
  if (!found) return [];
  const low = Number(found[1]);
  const open = found[2] === undefined && /[-–+]\s*$/.test(text.trim());
  const high = open ? 18 : Number(found[2] ?? low);
  const first = low - 5;
  const last = Math.max(first, high - 6);
  return GRADES.filter((_, index) => index - 1 >= first && index - 1 <= last);
}
