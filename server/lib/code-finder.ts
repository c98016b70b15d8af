/** Finds codes of standards, and GUIDs, inside what a person typed into a search box. */
import { codeFits, codeParts, normCode } from './standard-code.ts';

/** A stretch of the text that may be a code; whether it is one, the database says. */
export interface CodeCandidate {
  /** As typed, without quotes, commas or a full stop around it. */
  text: string;
  /** Positions in the text, in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
  /** The norm to look up; for a GUID the GUID itself, in lower case with hyphens. */
  norm: string;
  kind: 'code' | 'guid';
  /** Nothing but a code looks like this: when it is unknown, that is worth telling. */
  certain: boolean;
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;
const PREFIX = '(?:ccssm?|cc)?(?:math(?:ematics)?)?(?:content)?';

/** Shapes of well-known codes, on the norm. The second list only where separators were written. */
const CERTAIN = [
  new RegExp(`^${PREFIX}(?:k|[1-8])(?:cc|oa|nbt|nf|md|rp|ns|ee|sp)[a-e]?\\d{1,2}[a-e]?$`),
  new RegExp(
    `^${PREFIX}hs[nafgs](?:rn|q|cn|vm|sse|apr|ced|rei|if|bf|le|tf|co|srt|c|gpe|gmd|mg|id|ic|cp)[a-e]?\\d{0,2}[a-e]?$`,
  ),
  /^(?:ccss)?(?:ela)?(?:literacy)?(?:rl|ri|rf|sl|rh|rst|whst)(?:k|[1-9]|910|1112|68)\d{1,2}[a-f]?$/,
  /^(?:ngss)?(?:k2|35|k|[1-8]|ms|hs)(?:ps|ls|ess|ets)\d\d{1,2}$/,
  /^(?:teks|tac)\d{3,6}[a-z]\d{1,2}/,
];
const CERTAIN_WITH_SEPARATORS = [
  new RegExp(`^${PREFIX}(?:k|[1-8])(?:cc|oa|nbt|nf|md|g|rp|ns|ee|f|sp)(?:[a-e]?\\d{1,2}[a-e]?|[a-e])$`),
  new RegExp(
    `^${PREFIX}[nafgs](?:rn|q|cn|vm|sse|apr|ced|rei|if|bf|le|tf|co|srt|gpe|gmd|mg|id|ic|cp)[a-e]?\\d{1,2}[a-e]?$`,
  ),
  /^(?:ccss)?(?:ela)?(?:literacy)?(?:w|l)(?:k|[1-9]|910|1112|68)\d{1,2}[a-f]?$/,
  /^(?:math|ccssmath|ccss)?(?:practice)?s?mp[1-8]$/,
  /^1\d\d\d{1,3}[a-z]\d{1,2}[a-z]?/,
];

/** Words that may stand inside a code written with spaces ("CCSS Math Content 3 NF A 1"). */
const CODE_WORDS = new Set(
  'ccss ccssm math mathematics content practice ela literacy ngss teks tac science history'.split(' '),
);

/** Short things with a digit that people mean otherwise. */
const NOT_CODES = new Set(
  'mp3 mp4 k12 k5 k8 h2o co2 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th'.split(' '),
);

const MAX_WORDS_IN_CODE = 8;
const MAX_WORDS_READ = 60;

interface Word {
  text: string;
  start: number;
  end: number;
}

function words(text: string): Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(/[^\s,;|"“”<>]+/gu)) {
    if (found.length >= MAX_WORDS_READ) break;
    // A code never begins or ends with punctuation, but for the bracket that closes `(b)(4)(A)`.
    const lead = /^[^\p{L}\p{N}({§]+/u.exec(match[0])?.[0].length ?? 0;
    let core = match[0].slice(lead).replace(/[^\p{L}\p{N})}]+$/u, '');
    let start = match.index + lead;
    const opened = (core.match(/\(/g) ?? []).length;
    const closed = (core.match(/\)/g) ?? []).length;
    if (opened > closed && core.startsWith('(')) {
      core = core.slice(1);
      start += 1;
    } else if (closed > opened) core = core.replace(/\)+$/, '');
    else if (/^\([^()]*\)$/.test(core) && core.length > 4) {
      core = core.slice(1, -1);
      start += 1;
    }
    if (core !== '') found.push({ text: core, start, end: start + core.length });
  }
  return found;
}

/** An address of a published standard is its code with slashes: `http://corestandards.org/Math/Content/3/NF/A/1`. */
const withoutHost = (text: string): string =>
  text.replace(/^https?:\/\/[^/]+\//i, '').replace(/^the-standards\/|^2010\//i, '');

function looksLikeOneWordCode(text: string, norm: string): boolean {
  if (NOT_CODES.has(norm)) return false;
  const parts = codeParts(text);
  if (/^\d+$/.test(norm)) return parts.length >= 3 && text.includes('.');
  if (!/\d/.test(norm)) return parts.length >= 3 && !/^(?:[a-z]\.)+[a-z]?$/i.test(text);
  return norm.length >= 3 && /[a-z]/.test(norm);
}

function looksLikeSpacedCode(parts: readonly string[], norm: string): boolean {
  if (!/\d/.test(norm) || !/[a-z]/.test(norm)) return false;
  return parts.every((part) => /\d/.test(part) || part.length <= 4 || CODE_WORDS.has(part.toLowerCase()));
}

function isCertain(text: string, norm: string, wordCount: number): boolean {
  const parts = codeParts(text);
  if (CERTAIN.some((shape) => shape.test(norm))) return true;
  if (parts.length > 1 && CERTAIN_WITH_SEPARATORS.some((shape) => shape.test(norm))) return true;
  // `DS.MATH.4.NF.2`: one word of three parts or more, with letters, digits and a full stop between them.
  return (
    wordCount === 1 &&
    parts.length >= 3 &&
    /\p{N}\.|\.\p{N}/u.test(text) &&
    /\d/.test(norm) &&
    /[a-z]/.test(norm)
  );
}

function candidate(text: string, list: readonly Word[], from: number, to: number): CodeCandidate | undefined {
  const first = list[from];
  const last = list[to];
  if (!first || !last) return undefined;
  const { start } = first;
  const { end } = last;
  const typed = text.slice(start, end);
  if (typed.length > 80) return undefined;
  const guid = GUID.exec(typed)?.[1];
  if (guid) return { text: typed, start, end, norm: guid.toLowerCase(), kind: 'guid', certain: true };
  const written = withoutHost(typed);
  const norm = normCode(written);
  if (norm.length < 2 || norm.length > 48) return undefined;
  const wordCount = to - from + 1;
  const parts = codeParts(written);
  const certain = isCertain(written, norm, wordCount);
  if (wordCount === 1 ? !looksLikeOneWordCode(written, norm) : !looksLikeSpacedCode(parts, norm))
    return undefined;
  if (wordCount > 1 && parts.length < 3 && !certain) return undefined;
  return { text: typed, start, end, norm, kind: 'code', certain };
}

/**
 * All stretches of a text that may be codes: single words, and up to eight words together (`3 NF 1`). They overlap;
 * longer ones come first, then earlier ones. Look their norms up (one query), then let `pickCodes` choose.
 * Reads the first sixty words only, so the length of the text doesn't matter. Never throws.
 */
export function findCodesInText(text: string): CodeCandidate[] {
  const list = words(text.slice(0, 4000));
  const found: CodeCandidate[] = [];
  for (let from = 0; from < list.length; from += 1) {
    for (let to = from; to < Math.min(list.length, from + MAX_WORDS_IN_CODE); to += 1) {
      const one = candidate(text, list, from, to);
      if (one) found.push(one);
    }
  }
  return found.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
}

export interface PickedCodes<T> {
  /** In the order of the text; they don't overlap. `found` has at least one entry each. */
  codes: { candidate: CodeCandidate; found: T[] }[];
  /** Stretches that can only be codes, but that nobody knows; in the order of the text. */
  unknown: CodeCandidate[];
}

/**
 * Chooses among overlapping candidates: the longest that is known wins. `known` maps a norm (or GUID) to what the
 * database holds under it; `code` is the full code, by which look-alikes (`5.11.2` for `5.1.12`) are told apart, and
 * `by: 'previous'` says that it was found under a code that it had before.
 */
export function pickCodes<T extends { code: string | null; by?: string }>(
  candidates: readonly CodeCandidate[],
  known: ReadonlyMap<string, readonly T[]>,
): PickedCodes<T> {
  const codes: PickedCodes<T>['codes'] = [];
  const unknown: CodeCandidate[] = [];
  const overlaps = (a: CodeCandidate, b: CodeCandidate) => a.start < b.end && b.start < a.end;
  for (const one of candidates) {
    const found = (known.get(one.norm) ?? []).filter(
      ({ code, by }) => one.kind === 'guid' || by === 'previous' || codeFits(one.text, code ?? ''),
    );
    if (found.length > 0 && !codes.some((taken) => overlaps(taken.candidate, one)))
      codes.push({ candidate: one, found });
  }
  for (const one of candidates) {
    if (!one.certain || codes.some((taken) => overlaps(taken.candidate, one))) continue;
    if (!unknown.some((other) => overlaps(other, one))) unknown.push(one);
  }
  const byStart = (a: CodeCandidate, b: CodeCandidate) => a.start - b.start;
  return {
    codes: codes.sort((a, b) => byStart(a.candidate, b.candidate)),
    unknown: unknown.sort(byStart),
  };
}
