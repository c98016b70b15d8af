import { doubleMetaphone } from 'double-metaphone';

/**
 * How words sound, for spelling by ear. A key is coarse: words that sound alike share one, and others do too. `respelled`
 * is fine: two words of one sound come out nearly letter by letter alike.
 */

/** Letters of English and Spanish, without accents: other words have sounds that we don't know. */
const READABLE = /^[a-z]{3,30}$/;

/** The keys of a folded word (no accents); none for one of another script, or shorter than three letters. */
export function soundKeys(word: string): string[] {
  if (!READABLE.test(word)) return [];
  const english = doubleMetaphone(word).filter((key) => key !== '');
  const spanish = consonants(inSpanish(word));
  return [...new Set([...english, `es:${spanish}`])];
}

/** A folded word as it would be written if English had one letter for each sound; about. */
export const respelled = (word: string): string => tidy(inEnglish(word));

/** The same for Spanish. */
export const respelledInSpanish = (word: string): string => tidy(inSpanish(word));

/** The first letter, and the consonants behind it. */
const consonants = (spelling: string): string =>
  spelling.slice(0, 1) + spelling.slice(1).replaceAll(/[aeiou]/g, '');

const tidy = (spelling: string): string => spelling.replaceAll(/(.)\1+/g, '$1');

const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [/^(?:kn|gn|pn|mn)/, 'n'],
  [/^ps/, 's'],
  [/^pt/, 't'],
  [/^wr/, 'r'],
  [/^x/, 's'],
  [/^wh/, 'w'],
  [/ph/g, 'f'],
  [/rh/g, 'r'],
  [/mb$/, 'm'],
  [/mn$/, 'm'],
  [/ought|aught/g, 'ot'],
  [/igh/g, 'i'],
  [/ough$/, 'of'],
  [/gh(?=t|$)/g, ''],
  [/gh/g, 'g'],
  [/(?:t|s|ss|c|x)i(?=on|ous|al|an)/g, 'x'],
  [/ture$/, 'xer'],
  [/sch/g, 'sk'],
  [/tch/g, 'x'],
  [/ch(?=[rl]|em|ol|or|ao|ara)/g, 'k'],
  [/sh|ch/g, 'x'],
  [/x[aiou]+n(?=s?$|al)/g, 'xn'],
  [/ck|cc(?=[aou])/g, 'k'],
  [/sc(?=[eiy])/g, 's'],
  [/c(?=[eiy])/g, 's'],
  [/c/g, 'k'],
  [/dg(?=[eiy])/g, 'j'],
  [/(?<!g)g(?=[eiy])/g, 'j'],
  [/qu/g, 'kw'],
  [/q/g, 'k'],
  [/x(?=[^aeiouyn]|$)/g, 'x'],
  [/z/g, 's'],
  [/th/g, 't'],
  [/wr/g, 'r'],
  [/(?<=[bcdfgjklmnpqrstvwxz])h/g, ''],
  [/(?<=[aeiou])(?:i|y)(?=[aeiou])/g, 'i'],
  [/ee|ea|ie|ei/g, 'i'],
  [/oo|ou|ew|ue/g, 'u'],
  [/ai|ay|ey/g, 'e'],
  [/au|aw|oa|ow/g, 'o'],
  [/y/g, 'i'],
  [/(?<=[bcdfgjklmnpqrstvwxz])e$/, ''],
];
const SPANISH: readonly (readonly [RegExp, string])[] = [
  [/ch/g, 'x'],
  [/qu(?=[ei])/g, 'k'],
  [/gu(?=[ei])/g, 'g'],
  [/g(?=[ei])/g, 'j'],
  [/c(?=[ei])/g, 's'],
  [/[cq]/g, 'k'],
  [/ph/g, 'f'],
  [/z/g, 's'],
  [/v/g, 'b'],
  [/ll/g, 'y'],
  [/h/g, ''],
  [/(?<=[^aeiou]|^)y(?=[aeiou])/g, 'y'],
  [/y$/, 'i'],
];

const through = (word: string, rules: typeof ENGLISH): string =>
  rules.reduce((text, [pattern, sound]) => text.replace(pattern, sound), word);

const inEnglish = (word: string): string => through(word, ENGLISH);
const inSpanish = (word: string): string => through(word, SPANISH);
