import { GRADES } from '../../lib/grade.ts';
import { foldedWords, phraseEnd, phraseStart, type Token } from './query-tokens.ts';
import type { GradeTable, Sureness } from './word-table.ts';

/** Pieces of a query that can be read as values of a filter; whether they are is decided where all are seen. */
export interface Candidate<Facet extends string> {
  facet: Facet;
  values: string[];
  /** The first piece, and the one behind the last. */
  from: number;
  to: number;
  when: Sureness;
}

interface Unit {
  /** In `GRADES`. */
  place: number;
  to: number;
  /** `digits` could be any number; `ordinal` and `word` are grades or nothing. */
  kind: 'digits' | 'ordinal' | 'word' | 'cardinal';
}

const PK = 0;
const K = 1;
const LAST = GRADES.length - 1;

/** Grades by number: `grade 3`, `gr. 3-5`, `3rd, 4th and 5th grade`, `K-2`, `de segundo a quinto`. Bands are phrases. */
export function gradeCandidates(tokens: readonly Token[], table: GradeTable): Candidate<'grade'>[] {
  const grammar = new GradeGrammar(tokens, table);
  return tokens.flatMap((_, at) => grammar.at(at));
}

class GradeGrammar {
  readonly #tokens: readonly Token[];
  readonly #table: GradeTable;
  readonly #up: string[][];
  readonly #after: string[][];
  readonly #notBefore: string[][];
  readonly #notAfter: string[][];

  constructor(tokens: readonly Token[], table: GradeTable) {
    this.#tokens = tokens;
    this.#table = table;
    this.#up = table.up.map(foldedWords);
    this.#after = [...table.noun, ...table.nouns, ...table.after].map(foldedWords);
    this.#notBefore = table.notBefore.map(foldedWords);
    this.#notAfter = table.notAfter.map(foldedWords);
  }

  at(at: number): Candidate<'grade'>[] {
    const found = [this.#nounFirst(at), this.#nounLast(at), this.#bareRange(at)].filter(
      (one) => one !== null,
    );
    return found.filter(
      ({ from, to }) =>
        !this.#notBefore.some((words) => phraseEnd(this.#tokens, to, words) !== null) &&
        !this.#notAfter.some((words) => phraseStart(this.#tokens, from, words) !== null),
    );
  }

  /** `grade 3`, `gr. 3-5`, `grades 3, 4 and 5`, `grades 9 and up`. */
  #nounFirst(at: number): Candidate<'grade'> | null {
    const { noun, nouns } = this.#table;
    const word = this.#fold(at);
    const several = nouns.includes(word);
    if (!several && !noun.includes(word)) return null;
    let next = at + 1;
    while (this.#fold(next) === '.' || (this.#fold(next) === '-' && this.#tokens[next]?.glued)) next += 1;
    const first = this.#unit(next, true);
    if (!first) return null;
    const run = this.#run(first, several, true);
    const up = this.#upEnd(run.to);
    if (up !== null) return this.#candidate(at, up, range(first.place, LAST), 'sure');
    return this.#candidate(at, run.to, run.places, 'sure');
  }

  /** `3rd grade`, `third and fourth graders`, `K-2 grade`, `tercero de primaria`. */
  #nounLast(at: number): Candidate<'grade'> | null {
    const start = this.#table.before.includes(this.#fold(at)) ? at + 1 : at;
    const first = this.#unit(start, false);
    if (!first) return null;
    const run = this.#run(first, true, false);
    const ends = this.#after.flatMap((words) => {
      const begin = this.#fold(run.to) === '-' ? run.to + 1 : run.to;
      return phraseEnd(this.#tokens, begin, words) ?? [];
    });
    if (ends.length === 0) return null;
    const to = Math.max(...ends);
    // "Unit 3 grade 5" is grade 5.
    if (run.last.kind === 'digits' && this.#unit(to, true)) return null;
    if (start !== at && run.places.length < 2) return null;
    const up = this.#upEnd(to);
    if (up !== null) return this.#candidate(at, up, range(first.place, LAST), 'sure');
    return this.#candidate(at, to, run.places, 'sure');
  }

  /** `K-2`, `6th-8th`, `de segundo a quinto`. */
  #bareRange(at: number): Candidate<'grade'> | null {
    const led = this.#table.before.includes(this.#fold(at));
    const start = led ? at + 1 : at;
    const first = this.#unit(start, false);
    if (!first) return null;
    const run = this.#run(first, false, false);
    if (run.last === first || this.#goesOn(run.to)) return null;
    const fromK = first.kind === 'word' && run.last.kind !== 'word';
    if (fromK) return this.#candidate(start, run.to, run.places, 'sure');
    const inFigures = [start, run.lastFrom].every((place) => /^\d+$/.test(this.#fold(place)));
    const ordinals = first.kind === 'ordinal' && run.last.kind === 'ordinal';
    return ordinals && (led || inFigures) ? this.#candidate(at, run.to, run.places, 'head') : null;
  }

  /** One grade, and what is joined to it: a range, or a list where `lists` allows one. */
  #run(first: Unit, lists: boolean, cardinals: boolean) {
    const places = new Set([first.place]);
    let last = first;
    let lastFrom = first.to - 1;
    for (;;) {
      const joint = this.#joint(last.to);
      if (!joint || (joint.kind === 'list' && !lists)) break;
      const next = this.#unit(joint.to, cardinals);
      if (!next) break;
      if (joint.kind === 'range') for (const place of range(last.place, next.place)) places.add(place);
      places.add(next.place);
      lastFrom = joint.to;
      last = next;
    }
    return { places: [...places].sort((a, b) => a - b), last, lastFrom, to: last.to };
  }

  #joint(at: number): { kind: 'range' | 'list'; to: number } | null {
    const word = this.#fold(at);
    if (['-', '–', '—', '‐', '‑', '−'].includes(word) || this.#table.to.includes(word))
      return { kind: 'range', to: at + 1 };
    const sign = [',', '/', '&', '+'].includes(word);
    if (sign && this.#table.and.includes(this.#fold(at + 1))) return { kind: 'list', to: at + 2 };
    return sign || this.#table.and.includes(word) ? { kind: 'list', to: at + 1 } : null;
  }

  #upEnd(at: number): number | null {
    const plus = this.#tokens[at];
    const number = plus?.fold === '+' && plus.glued && !this.#unit(at + 1, true);
    if (number) return at + 1;
    const ends = this.#up.flatMap((words) => phraseEnd(this.#tokens, at, words) ?? []);
    return ends.length === 0 ? null : Math.max(...ends);
  }

  #unit(at: number, cardinals: boolean): Unit | null {
    const token = this.#tokens[at];
    if (!token || token.closed) return null;
    const { fold } = token;
    const { kindergarten, prekindergarten, ordinals } = this.#table;
    if (/^\d{1,2}$/.test(fold)) return this.#figures(at, Number(fold));
    if (fold === 'pre') {
      const next = this.#fold(at + 1) === '-' ? at + 2 : at + 1;
      return kindergarten.includes(this.#fold(next)) ? { place: PK, to: next + 1, kind: 'word' } : null;
    }
    if (prekindergarten.includes(fold)) return { place: PK, to: at + 1, kind: 'word' };
    if (kindergarten.includes(fold)) return { place: K, to: at + 1, kind: 'word' };
    const ordinal = ordinals.findIndex((forms) => forms.includes(fold));
    if (ordinal !== -1) return { place: K + 1 + ordinal, to: at + 1, kind: 'ordinal' };
    const cardinal = cardinals ? this.#table.cardinals.indexOf(fold) : -1;
    return cardinal === -1 ? null : { place: K + 1 + cardinal, to: at + 1, kind: 'cardinal' };
  }

  #figures(at: number, number: number): Unit | null {
    if (number < 1 || number > 12 || this.#tokens[at - 1]?.fold === '$') return null;
    let to = at + 1;
    // `3.º`: the stop belongs to the sign of the ordinal.
    if (this.#fold(to) === '.' && this.#tokens[to]?.glued && this.#isSuffix(to + 1)) to += 1;
    const ordinal = this.#isSuffix(to);
    if (ordinal) to += 1;
    // `3d`, `3.5`: not a number by itself.
    else if (this.#goesOn(to) && !/^[-–]$/.test(this.#fold(to))) return null;
    return { place: K + number, to, kind: ordinal ? 'ordinal' : 'digits' };
  }

  #isSuffix(at: number): boolean {
    const token = this.#tokens[at];
    if (!token?.glued) return false;
    return token.fold === '°' || (!token.sign && this.#table.suffixes.includes(token.fold));
  }

  /** The next pieces are of the same word: letters, or a sign between letters or digits. */
  #goesOn(at: number): boolean {
    const token = this.#tokens[at];
    if (!token?.glued || token.closed) return false;
    if (!token.sign) return true;
    const next = this.#tokens[at + 1];
    return /^[-–.]$/.test(token.fold) && next?.glued === true && !next.sign;
  }

  #fold(at: number): string {
    return this.#tokens[at]?.fold ?? '';
  }

  #candidate(from: number, to: number, places: number[], when: Sureness): Candidate<'grade'> {
    return { facet: 'grade', values: places.flatMap((place) => GRADES[place] ?? []), from, to, when };
  }
}

const range = (a: number, b: number): number[] =>
  Array.from({ length: Math.abs(a - b) + 1 }, (_, step) => Math.min(a, b) + step);
