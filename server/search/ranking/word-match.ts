import type { FormName } from './ranking-rules.ts';

/** One word of a query, with what may stand in its place. All folded. */
export interface Term {
  word: string;
  /** It stands last and may be unfinished. */
  open: boolean;
  /** Synonyms and near spellings of one word; synonyms of several are a row of words. */
  others: { words: string[]; form: 'synonym' | 'near' }[];
}

/**
 * In which form a word of a text is the one that was asked for; null: it isn't. Both folded. Near spellings are among the
 * `others` of a term where an engine says so: "sample" is no slip for "simple". Pure.
 */
export function formOf(word: string, { word: asked, open }: Term): FormName | null {
  if (word === asked) return 'same';
  if (asked.length < 3 || word.charCodeAt(0) !== asked.charCodeAt(0)) return null;
  const form = formBetween(word, asked);
  if (form !== null) return form;
  return open && word.startsWith(asked) ? 'begins' : null;
}

/** Endings of English and Spanish words that leave their meaning about the same. */
const ENDINGS = new Set(
  (
    's es e ed ing ings er ers or ors ion ions y ies ied ying ication ications ly al ally ic ical ial ials able ability le ility ment ments ' +
    'o a os as ar ir ando iendo ado ada ados adas cion ciones c n'
  ).split(' '),
);

/** One or many of the same thing. */
const NUMBERS = new Set(['', 's', 'es', 'y', 'ies']);

/** Whether two words have the same stem, roughly: all but known endings is the same, and that is most of them. */
function formBetween(one: string, other: string): 'number' | 'form' | null {
  const shorter = Math.min(one.length, other.length);
  let same = 0;
  while (same < shorter && one[same] === other[same]) same += 1;
  if (same < 3 || same < shorter * 0.6) return null;
  const ends = [one.slice(same), other.slice(same)];
  if (ends.every((end) => NUMBERS.has(end))) return 'number';
  // "Cone" and "conic" have too little in common.
  if (same < 4) return null;
  return ends.every((end) => end === '' || ENDINGS.has(end)) ? 'form' : null;
}
