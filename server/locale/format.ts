import type { Translate } from './locale.ts';

/** Numbers, dates and the few values that many pages put into words, in one language. */
export interface Format {
  /** 41260 → "41,260". */
  number(value: number): string;
  /** "Nov 21, 2026". */
  date(value: Date): string;
  /** "Nov 21, 2026, 3:42 PM", in the time zone of the server. */
  time(value: Date): string;
  /** "3:42 PM", in the time zone of the server. */
  clock(value: Date): string;
  /** "Nov 21". */
  dayShort(value: Date): string;
  /** "Nov 2026", of a date in UTC. */
  month(value: Date): string;
  /** For `datetime` attributes. */
  iso(value: Date): string;
  /** 2202009 → "2.1 MB". */
  bytes(value: number): string;
  /** Several names as one phrase: "A, B and C". */
  list(values: readonly string[]): string;
  /** Several names of which any will do: "A, B or C". */
  listOr(values: readonly string[]): string;
  /** One grade in words: "Grade 4", "Kindergarten". */
  grade(value: string): string;
  /** Several grades with runs drawn together: "Grades K–2 and 5". Empty string for none. */
  grades(values: readonly string[]): string;
  /** 45 → "45 min"; 120 → "2 hours"; a long plan in days. */
  minutes(value: number): string;
  /** The same, as short as it can be: "25 min". */
  minutesShort(value: number): string;
  /** A language by its own name: "es" → "español"; the code itself where nobody knows it. */
  language(code: string): string;
  /** What a license lets others do, as the end of "You may …". */
  license(license: LicenseFacts): string;
  /** The same as an author offers it: "Use it, change it, share it, and name me". */
  licenseOffer(license: LicenseFacts): string;
}

/** The facts of a license that decide the short sentence. */
interface LicenseFacts {
  code: string;
  adaptable: boolean;
  credit: boolean;
  shareAlike: boolean;
  nonCommercial: boolean;
  open: boolean;
}

const gradeOrder = ['PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'];

const made = new WeakMap<Translate, Format>();

/** The formats of a language. `t` must be the translator of the same language. */
export function formats(language: string, t: Translate): Format {
  const known = made.get(t) ?? makeFormats(language, t);
  made.set(t, known);
  return known;
}

/** Names of languages that were asked for; what people may type as one has no end, so only so many are kept. */
const languageNames = new Map<string, string>();
const NAMES_KEPT = 500;

function makeFormats(language: string, t: Translate): Format {
  const numbers = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  const daysShort = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
  const months = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', timeZone: 'UTC' });
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const choices = new Intl.ListFormat(language, { type: 'disjunction' });

  const plainDigits = numbers.format(1234567890).replaceAll(/\D/g, '') === '1234567890';
  const gradeShort = (grade: string): string => (grade === 'PK' ? t('grade.pk.short') : grade);

  return {
    // Most numbers of a page are small counts, which need no separators.
    number: (value) =>
      plainDigits && value >= 0 && value < 1000 && Number.isInteger(value)
        ? String(value)
        : numbers.format(value),
    date: (value) => dates.format(value),
    time: (value) => times.format(value),
    dayShort: (value) => daysShort.format(value),
    month: (value) => months.format(value),
    clock: (value) => clock.format(value),
    iso: (value) => value.toISOString(),
    list: (values) => lists.format(values),
    listOr: (values) => choices.format(values),

    bytes(value) {
      if (value < 1024) return t('size.bytes', { count: value });
      const units = ['KB', 'MB', 'GB', 'TB'];
      let amount = value / 1024;
      let unit = 0;
      while (amount >= 1000 && unit < units.length - 1) {
        amount /= 1024;
        unit += 1;
      }
      return `${(amount < 10 ? short : numbers).format(amount < 10 ? amount : Math.round(amount))} ${units[unit] ?? ''}`;
    },

    grade(value) {
      if (value === 'PK') return t('grade.pk');
      if (value === 'K') return t('grade.k');
      return t('grade.one', { grade: value });
    },

    grades(values) {
      const runs = gradeRuns(values);
      const [only] = runs;
      if (!only) return '';
      if (runs.length === 1 && only.first === only.last) return this.grade(only.first);
      const words = runs.map(({ first, last }) =>
        first === last ? gradeShort(first) : `${gradeShort(first)}–${gradeShort(last)}`,
      );
      return t('grade.many', { grades: lists.format(words) });
    },

    minutes(value) {
      if (value < 120) return t('minutes.minutes', { count: value });
      if (value < 480) return t('minutes.hours', { count: Math.round(value / 30) / 2 });
      return t('minutes.days', { count: Math.round(value / 60) });
    },

    minutesShort(value) {
      return value < 120 ? t('minutes.short', { minutes: value }) : this.minutes(value);
    },

    language(code) {
      const name = languageNames.get(code) ?? nameOfLanguage(code);
      if (languageNames.size < NAMES_KEPT) languageNames.set(code, name);
      return name;
    },

    license: (license) => t(`license.${licenseKind(license)}`),
    licenseOffer: (license) => t(`license.offer.${licenseKind(license)}`),
  };
}

function nameOfLanguage(code: string): string {
  try {
    return new Intl.DisplayNames(code, { type: 'language', fallback: 'code' }).of(code) ?? code;
  } catch {
    return code; // not a BCP 47 tag
  }
}

/** Neighboring grades drawn together, in school order; unknown values are left out. */
function gradeRuns(values: readonly string[]): { first: string; last: string }[] {
  const runs: { first: string; last: string; at: number }[] = [];
  for (const [at, grade] of gradeOrder.entries()) {
    if (!values.includes(grade)) continue;
    const run = runs.at(-1);
    if (run && run.at === at - 1) {
      run.last = grade;
      run.at = at;
    } else runs.push({ first: grade, last: grade, at });
  }
  return runs;
}

type LicenseKind =
  'ask' | 'state' | 'anything' | 'by' | 'by-sa' | 'by-nc' | 'by-nc-sa' | 'by-nd' | 'by-nc-nd';

function licenseKind({
  code,
  adaptable,
  credit,
  shareAlike,
  nonCommercial,
  open,
}: LicenseFacts): LicenseKind {
  if (code === 'unknown') return 'ask';
  if (!open && !adaptable) return 'state';
  if (!adaptable) return nonCommercial ? 'by-nc-nd' : 'by-nd';
  if (shareAlike) return nonCommercial ? 'by-nc-sa' : 'by-sa';
  if (nonCommercial) return 'by-nc';
  return credit ? 'by' : 'anything';
}
