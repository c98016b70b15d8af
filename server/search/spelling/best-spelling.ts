import { editDistance } from '../../lib/edit-distance.ts';
import { respelled, respelledInSpanish } from './sound-keys.ts';

/** A word that somebody has written, and in how many resources, about. */
export interface WrittenWord {
  word: string;
  docs: number;
}

/**
 * The written word that was meant by one that nobody has written: one that sounds the same, else one that is a slip or two
 * of the finger away, else one that nearly sounds the same; among equals the commonest. Null: nothing is near enough.
 * All words are folded (lower case, no accents).
 */
export function bestSpelling(typed: string, candidates: readonly WrittenWord[]): WrittenWord | null {
  const sound = [respelled(typed), respelledInSpanish(typed)] as const;
  const rated = candidates.flatMap(({ word, docs }) => {
    const far = farness(typed, sound, word);
    return far === null ? [] : [{ word, docs, far }];
  });
  rated.sort((a, b) => a.far - b.far || b.docs - a.docs || (a.word < b.word ? -1 : 1));
  const [best] = rated;
  return best ? { word: best.word, docs: best.docs } : null;
}

/** How many slips of the finger are forgiven: one from four letters, two from eight. */
const slipsIn = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

function farness(typed: string, [english, spanish]: readonly [string, string], word: string): number | null {
  const slips = slipsIn(typed);
  const distance = editDistance(typed, word, slips);
  const bySight = distance <= slips ? distance : null;
  const same = english === respelled(word) || spanish === respelledInSpanish(word);
  // Where not all sounds are the same, the letters mustn't be far apart either: "balloons" isn't "balance".
  if (!same && editDistance(typed, word, 3) > Math.max(2, Math.floor(typed.length / 4))) return bySight;
  const byEar = Math.min(
    soundsApart(english, respelled(word)),
    soundsApart(spanish, respelledInSpanish(word)),
  );
  if (byEar > mostSoundsIn(typed)) return bySight;
  // To sound just the same counts more than one slip, and nearly the same less than two.
  const heard = 0.5 + byEar * 2;
  return bySight === null ? heard : Math.min(bySight, heard);
}

/** So many sounds may be different. */
const mostSoundsIn = (typed: string): number =>
  typed.length < 4 ? -1 : typed.length < 7 ? 0 : typed.length < 11 ? 1 : 2;

/** How many sounds are different; one vowel among the same consonants hardly counts. */
function soundsApart(a: string, b: string): number {
  const apart = editDistance(a, b, 3);
  return apart === 1 && a.length >= 5 && withoutVowels(a) === withoutVowels(b) ? 0 : apart;
}

const withoutVowels = (sounds: string): string =>
  sounds.slice(0, 1) + sounds.slice(1).replaceAll(/[aeiou]/g, '');
