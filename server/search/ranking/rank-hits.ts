import { GRADES, type Grade } from '../../lib/grade.ts';
import type { RankFields, FieldName } from './rank-fields.ts';
import { foldedList } from './rank-fields.ts';
import {
  ATTRIBUTES,
  FILE_ENDINGS,
  FORMS,
  OVERVIEW_WORDS,
  PART_WORDS,
  RECORD,
  WHOLE_KINDS,
  WORDS,
  type AttributeName,
  type FormName,
} from './ranking-rules.ts';
import { formOf, type Term } from './word-match.ts';

/** A hit as an engine found it, with what ranking knows of it; `fields` null: not known yet, its words count as deep. */
export interface RankedHit {
  id: string;
  quality: number;
  /** Seconds since 1970; the newer first among equals. */
  published: number;
  fields: RankFields | null;
  /** How far somebody found it aligned to the standards that were asked for. */
  fit: 'full' | 'part' | null;
}

/** What was asked for, as far as it decides about the order. */
export interface RankQuery {
  terms: readonly Term[];
  /** The language of the query; null where it can't be told. */
  language: string | null;
  /** Values that are preferred, not required. */
  preferred: readonly { facet: string; values: readonly string[] }[];
  /** Some hits may lack words. */
  relaxed: boolean;
  /** Of relaxed hits those that have all words somewhere. */
  full?: ReadonlySet<string>;
  /** In how many resources a word is, where that is known. */
  docs?: ReadonlyMap<string, number>;
  /** What begins a subject is asked for. */
  overview?: boolean;
  /** Grades that are asked for. */
  grades?: readonly string[];
  /** Words of the standard that is asked for alone. */
  about?: readonly Term[];
  /** Hits that have all that others are only preferred for. */
  exact?: ReadonlySet<string>;
}

/** Where a word of the query was found, best place first. Empty: nowhere but deep in the text, or not at all. */
export interface PlacedWord {
  word: string;
  places: { attribute: FieldName; form: FormName; as: string }[];
}

export type RankRule =
  | 'words'
  | 'all'
  | 'wholeTitle'
  | 'together'
  | 'language'
  | 'asked'
  | 'overview'
  | 'about'
  | 'grade'
  | 'part'
  | 'fileName'
  | 'fit'
  | 'quality'
  | 'siblings';

/** A hit's points, and where they come from. */
export interface Ranked {
  id: string;
  points: number;
  parts: { rule: RankRule; points: number }[];
  words: PlacedWord[];
  /** What its quality is made of, before it is weighed against words. */
  worth: RankFields['worth'];
  /** All words stand in the record itself, not only in its text. */
  inRecord: boolean;
}

/** Puts hits in order by the rules. Equal ones stay as the engine had them, but for the newer. Pure. */
export function rankHits(hits: readonly RankedHit[], query: RankQuery): Ranked[] {
  const scored = hits.map((hit, place) => ({ hit, place, ranked: pointsOf(hit, query) }));
  const order = (a: (typeof scored)[number], b: (typeof scored)[number]): number =>
    b.ranked.points - a.ranked.points || b.hit.published - a.hit.published || a.place - b.place;
  scored.sort(order);
  const above = new Map<string, number>();
  for (const { hit, ranked } of scored) {
    const series = seriesOf(hit.fields);
    const siblings = series === null ? 0 : (above.get(series) ?? 0);
    if (series !== null) above.set(series, siblings + 1);
    add(ranked, 'siblings', Math.min(siblings, RECORD.sibling.most) * RECORD.sibling.each);
  }
  return scored.sort(order).map(({ ranked }) => ranked);
}

function pointsOf(hit: RankedHit, query: RankQuery): Ranked {
  const { fields } = hit;
  const lists = fields === null ? [] : listsOf(fields);
  const words = query.terms.map((term) => ({ word: term.word, places: placesOf(term, lists) }));
  const inRecord = words.every(({ places }) => places.length > 0);
  const ranked: Ranked = { id: hit.id, points: 0, parts: [], words, worth: fields?.worth ?? [], inRecord };
  const inWords = wordPoints(words, query);
  add(ranked, 'words', inWords);
  if (query.relaxed && words.length > 1) {
    if (inRecord) add(ranked, 'all', WORDS.all.inRecord);
    else if (query.full?.has(hit.id)) add(ranked, 'all', WORDS.all.deep);
  }
  if (fields !== null) {
    const title = fields.words.title?.split(' ') ?? [];
    add(ranked, 'wholeTitle', WORDS.wholeTitle * titleShare(title, query.terms, words));
    add(ranked, 'together', together(lists, query.terms, words));
    if (query.language !== null && fields.language === query.language)
      add(ranked, 'language', RECORD.language);
    const share = query.exact?.has(hit.id) ? 1 : preferredShare(fields, query.preferred);
    // What has the level that was asked for, and the words only deep in a text, is no better for it.
    const apt = Math.min(1, inWords / points.keywords);
    add(ranked, 'asked', query.preferred.length > 0 ? RECORD.asked * share * apt : 0);
    if (isOverview(title, fields))
      add(ranked, 'overview', query.overview ? RECORD.overviewAsked : RECORD.overview);
    add(ranked, 'grade', RECORD.grade * gradeShare(fields, query.grades ?? []));
    add(ranked, 'about', aboutPoints(lists, query.about ?? []));
    if (isLaterPart(title)) add(ranked, 'part', RECORD.part);
    if (title.length > 1 && FILE_ENDINGS.has(title.at(-1) ?? '')) add(ranked, 'fileName', RECORD.fileName);
  }
  if (hit.fit !== null) add(ranked, 'fit', hit.fit === 'full' ? RECORD.fullyAligned : RECORD.partlyAligned);
  add(ranked, 'quality', hit.quality * RECORD.quality);
  return ranked;
}

function add(ranked: Ranked, rule: RankRule, exact: number): void {
  const points = Math.round(exact);
  if (points === 0) return;
  ranked.parts.push({ rule, points });
  ranked.points += points;
}

const points = Object.fromEntries(ATTRIBUTES.map(({ name, points: its }) => [name, its])) as Record<
  AttributeName,
  number
>;

/** The words of each place, most important place first. */
function listsOf({ words }: RankFields): Place[] {
  const places: Place[] = [];
  for (const { name } of ATTRIBUTES) {
    const text = name === 'text' ? undefined : words[name];
    if (name !== 'text' && text !== undefined) places.push({ attribute: name, text: ` ${text}`, list: null });
  }
  return places;
}

/** A place with its words; taken apart when one of them may be what was asked for. */
interface Place {
  attribute: FieldName;
  /** With a blank before each word. */
  text: string;
  list: string[] | null;
}

const wordsOf = (place: Place): string[] => (place.list ??= place.text.slice(1).split(' '));

function placesOf(term: Term, lists: readonly Place[]): PlacedWord['places'] {
  const places: PlacedWord['places'] = [];
  // Every form of a word begins with the same letters, so most places need no look at their words.
  const start = ` ${term.word.slice(0, 3)}`;
  for (const place of lists) {
    if (term.others.length === 0 && !place.text.includes(start)) continue;
    const best = bestForm(term, wordsOf(place));
    if (best !== null) places.push({ attribute: place.attribute, ...best });
  }
  return places.length < 2 ? places : places.sort((a, b) => worth(b) - worth(a));
}

const worth = ({ attribute, form }: { attribute: FieldName; form: FormName }): number =>
  points[attribute] * FORMS[form];

/** The best form in which a place has the word, or what may stand in its place. */
function bestForm(term: Term, list: readonly string[]): { form: FormName; as: string } | null {
  let best: { form: FormName; as: string } | null = null;
  const offer = (form: FormName, as: string): void => {
    if (best === null || FORMS[form] > FORMS[best.form]) best = { form, as };
  };
  for (const word of list) {
    const form = formOf(word, term);
    if (form === 'same') return { form, as: word };
    if (form !== null) offer(form, word);
  }
  for (const { words, form } of term.others) {
    const [first] = words;
    if (first === undefined || FORMS[form] <= (best === null ? 0 : FORMS[(best as { form: FormName }).form]))
      continue;
    const has = words.length === 1 ? list.some((word) => isSame(word, first)) : rowAt(list, words);
    if (has) offer(form, words.join(' '));
  }
  return best;
}

/** Whether a word is another or a form of it; for what was put in by us, which nobody has mistyped. */
const isSame = (word: string, other: string): boolean => {
  const form = formOf(word, { word: other, open: false, others: [] });
  return form === 'same' || form === 'number' || form === 'form';
};

const rowAt = (list: readonly string[], row: readonly string[]): boolean =>
  list.some((_, at) =>
    row.every((word, step) => list[at + step] !== undefined && isSame(list[at + step] ?? '', word)),
  );

/**
 * The mean of the words' points; where some hits lack words, the rare ones weigh more. What stands nowhere in the record
 * stands in its text, or perhaps nowhere where hits may lack words.
 */
function wordPoints(words: readonly PlacedWord[], { relaxed, docs }: Ranker): number {
  let sum = 0;
  let weights = 0;
  for (const { word, places } of words) {
    const [best, second] = places;
    const missing = relaxed ? 0 : points.text;
    const its = best ? worth(best) + (second ? worth(second) * WORDS.again : 0) : missing;
    const weight = relaxed ? 1 / Math.log2(WORDS.rare + (docs?.get(word) ?? 0)) : 1;
    sum += its * weight;
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

type Ranker = Pick<RankQuery, 'relaxed' | 'docs'>;

/** How much of the title was asked for, if what was asked for stands there: 0 to 1. */
function titleShare(title: readonly string[], terms: readonly Term[], words: readonly PlacedWord[]): number {
  if (!words.some(({ places }) => places.some(({ attribute }) => attribute === 'title'))) return 0;
  const telling = new Set(
    title.filter((word) => !EMPTY.has(word) && !OVERVIEW_WORDS.has(word) && !/^\p{N}+$/u.test(word)),
  );
  const there = words.map(({ places }) => {
    const inTitle = places.find(({ attribute }) => attribute === 'title');
    return inTitle ? FORMS[inTitle.form] ** 2 : 0;
  });
  const asked = [...telling].filter((word) => terms.some((term) => isOf(word, term))).length;
  if (asked === 0) return 0;
  const covered = there.reduce((sum, one) => sum + one, 0) / terms.length;
  return (Math.min(asked, terms.length) / telling.size) * covered ** 2;
}

/** Whether a word is the one that was asked for, or its right spelling; what only may stand in its place doesn't count. */
const isOf = (word: string, term: Term): boolean =>
  formOf(word, term) !== null ||
  term.others.some(({ words, form }) => form === 'near' && words.some((other) => isSame(word, other)));

/** Points for words that stand side by side in the order of the query. */
function together(lists: readonly Place[], terms: readonly Term[], words: readonly PlacedWord[]): number {
  if (terms.length < 2) return 0;
  for (const place of lists) {
    if (!words.every(({ places }) => places.some(({ attribute }) => attribute === place.attribute))) continue;
    const telling = wordsOf(place).filter((word) => !EMPTY.has(word));
    const stands = telling.some((_, at) =>
      terms.every((term, step) => telling[at + step] !== undefined && isOf(telling[at + step] ?? '', term)),
    );
    if (stands) return place.attribute === 'title' ? WORDS.together.title : WORDS.together.elsewhere;
  }
  return 0;
}

/** Which share of a record's grades was asked for: 0 to 1. */
const gradeShare = ({ grades }: RankFields, asked: readonly string[]): number =>
  grades.length === 0 ? 0 : grades.filter((grade) => asked.includes(grade)).length / grades.length;

/** Points for words of the standard in title and keywords: its statement is in each record that is aligned to it. */
function aboutPoints(lists: readonly Place[], about: readonly Term[]): number {
  // A summary has too many everyday words in common with a statement.
  const own = lists.filter(({ attribute }) => attribute === 'title' || attribute === 'keywords');
  const found = about.map((term) => placesOf(term, own)[0]).flatMap((place) => (place ? worth(place) : []));
  const titles = found.reduce((sum, one) => sum + one, 0) / points.title;
  return Math.min(1, titles / RECORD.about.words) * RECORD.about.most;
}

/** What share of the preferred values a record has: 0 to 1. */
function preferredShare(fields: RankFields, preferred: RankQuery['preferred']): number {
  if (preferred.length === 0) return 0;
  const shares = preferred.map(({ facet, values }) => {
    const has = valuesOf(fields, facet);
    if (values.some((value) => has.includes(value))) return 1;
    return facet === 'grade' && values.some((value) => has.some((other) => isNextGrade(value, other)))
      ? 0.5
      : 0;
  });
  return shares.reduce<number>((sum, one) => sum + one, 0) / preferred.length;
}

const isNextGrade = (one: string, other: string): boolean =>
  Math.abs(GRADES.indexOf(one as Grade) - GRADES.indexOf(other as Grade)) === 1;

const valuesOf = (
  { language, kind, grades, levels, subjects }: RankFields,
  facet: string,
): readonly string[] =>
  ({
    language: [language],
    type: kind === null ? [] : [kind],
    grade: grades,
    level: levels,
    subject: subjects,
  })[facet] ?? [];

const isOverview = (title: readonly string[], { kind }: RankFields): boolean =>
  (kind !== null && WHOLE_KINDS.includes(kind)) || title.some((word) => OVERVIEW_WORDS.has(word));

const isLaterPart = (title: readonly string[]): boolean =>
  title.some((word, at) => PART_WORDS.has(word) && /^(?:[2-9]|[1-9]\d+)$/.test(title[at + 1] ?? ''));

/** What titles of one series have alike: all but numbers, and the language. Null: nothing is known. */
function seriesOf(fields: RankFields | null): string | null {
  const title = fields?.words.title;
  if (!fields || title === undefined) return null;
  return `${title.replaceAll(/\d+/g, '#')}|${fields.language}`;
}

/** Words that join others and say little alone, in English and Spanish. Folded. */
const EMPTY: ReadonlySet<string> = new Set(
  'a an the and or of to in on for with from by at as is are be how what del de la el los las en y un una con para por al que como'.split(
    ' ',
  ),
);

/** A text of several words as terms, without others in their place. */
export const plainTerms = (text: string): Term[] =>
  foldedList(text).map((word) => ({ word, open: false, others: [] }));
