/**
 * Codes of standards as people write them. One standard is `CCSS.Math.Content.3.NF.A.1`, `3.NF.A.1`, `3.NF.1`,
 * `math 3 nf 1` and `3nfa1`; all of them must find it, and none of its neighbours.
 *
 * A code is looked up by its *norm* (only `a-z0-9`), against the norms of every spelling that `codeAliases` knows.
 * A norm forgets where numbers part (`5.1.12` and `5.11.2` are both `5112`), so `codeFits` then compares those.
 */

/** NFKC, lower case, only `a-z` and `0-9`: `3.NF.A.1` → `3nfa1`. Empty when nothing of that is there. */
export function normCode(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

const SEPARATORS = /[^\p{L}\p{N}]+/u;

/** The parts of a code between its separators: `HSA-APR.D.7` → `HSA`, `APR`, `D`, `7`. */
export function codeParts(code: string): string[] {
  return code
    .normalize('NFKC')
    .split(SEPARATORS)
    .filter((part) => part !== '');
}

/** Parts that stand for a grade or a grade band: they belong to the code, never to a framework's prefix. */
const GRADE_PART = /^(?:PK|K|MS|HS[NAFGS]?|ES|[NAFGS])$/i;

/**
 * The letters-only parts with which all codes of a framework begin (`DS.MATH.4.NF.2`, … → `DS`, `MATH`): teachers
 * leave them out. Parts that stand for a grade end it. Empty when there is none, or fewer than two codes.
 */
export function commonCodePrefix(codes: Iterable<string>): string[] {
  let common: string[] | undefined;
  let count = 0;
  for (const code of codes) {
    const parts = codeParts(code);
    if (parts.length === 0) continue;
    count += 1;
    // The last part is the code's own, even when it is a word.
    const head = parts.slice(0, -1);
    common ??= head;
    const kept: readonly string[] = common;
    const end = kept.findIndex((part, index) => part.toLowerCase() !== head[index]?.toLowerCase());
    if (end !== -1) common = kept.slice(0, end);
    if (common.length === 0) return [];
  }
  const prefix = common ?? [];
  const end = prefix.findIndex((part) => !/^\p{L}{2,}$/u.test(part) || GRADE_PART.test(part));
  return count < 2 ? [] : prefix.slice(0, end === -1 ? undefined : end);
}

const MATH_DOMAINS = 'CC|OA|NBT|NF|MD|G|RP|NS|EE|F|SP';
const HIGH_DOMAINS = 'RN|Q|CN|VM|SSE|APR|CED|REI|IF|BF|LE|TF|CO|SRT|C|GPE|GMD|MG|ID|IC|CP';

/** The part of a Common Core mathematics code after its prefix; a cluster letter and a sub-letter may be there. */
const MATH_CORE = new RegExp(
  `^(K|[1-8])[.-](${MATH_DOMAINS})(?:[.-]([A-E]))?(?:[.-](\\d{1,2}))?(?:[.-]?([a-e]))?$|` +
    `^(?:HS)?([NAFGS])[.-](${HIGH_DOMAINS})(?:[.-]([A-E]))?(?:[.-](\\d{1,2}))?(?:[.-]?([a-e]))?$`,
  'i',
);

const KNOWN_PREFIX =
  /^(?:CCSS[.\s-]?)?(?:(?:Math(?:ematics)?|M)[.\s-](?:Content[.\s-])?|ELA[.\s-]?(?:Literacy[.\s-])?|Literacy[.\s-])|^CCSS[.\s-]|^NGSS[.\s-]?|^(?:19\s*)?(?:TAC|TEKS)?[.\s§-]*(?=1\d\d\.\d)/i;

const MATH_PREFIXES = ['', 'CCSS.', 'CCSSM.', 'Math.', 'Math.Content.', 'CCSS.Math.', 'CCSS.Math.Content.'];
const ELA_PREFIXES = ['', 'CCSS.', 'ELA.', 'ELA-Literacy.', 'Literacy.', 'CCSS.ELA.', 'CCSS.ELA-Literacy.'];
const PRACTICE = /^(?:CCSS\.)?(?:Math(?:ematics)?\.)?(?:Practice\.)?S?MP\.?(\d)$/i;
const ELA_CORE = /^(RL|RI|RF|W|SL|L|RH|RST|WHST)\.(K|\d{1,2}(?:-\d{1,2})?)\.(\d{1,2}(?:\.?[a-f])?)$/i;
const NGSS_CORE =
  /^(?:K-2|3-5|K|[1-8]|MS|HS)-(?:PS|LS|ESS|ETS)\d(?:-\d{1,2})?$|^(?:PS|LS|ESS|ETS)\d\.[A-E]$/i;
const TEKS_CORE = /^1\d\d\.\d{1,3}(?:[.(\s]|$)/;

/** Mathematics codes with the high-school `HS` left out or put in, and with the cluster letter left out. */
function mathCores(core: string): string[] {
  const match = MATH_CORE.exec(core);
  if (!match) return [core];
  const [, grade, domain, cluster, number, sub, strand, area, highCluster, highNumber, highSub] = match;
  const cores = new Set([core]);
  const heads = grade === undefined ? [`HS${strand}-${area}`, `${strand}-${area}`] : [`${grade}.${domain}`];
  const [c, n, s] =
    grade === undefined ? [highCluster, highNumber, highSub ?? ''] : [cluster, number, sub ?? ''];
  for (const head of heads) {
    if (c !== undefined) cores.add(`${head}.${c}${n === undefined ? '' : `.${n}${s}`}`);
    if (n !== undefined) cores.add(`${head}.${n}${s}`);
    if (c === undefined && n === undefined) cores.add(head);
  }
  return [...cores];
}

const withEach = (prefixes: readonly string[], cores: readonly string[]): string[] =>
  prefixes.flatMap((prefix) => cores.map((core) => prefix + core));

/** The code without the words before it that say only which framework it is of. */
function coreOf(code: string, prefix: readonly string[]): string {
  const known = code.replace(KNOWN_PREFIX, '');
  if (known !== code && known !== '') return known;
  const parts = codeParts(code);
  const own =
    prefix.length > 0 && prefix.every((part, index) => parts[index]?.toLowerCase() === part.toLowerCase());
  if (!own || parts.length <= prefix.length) return code;
  let rest = code;
  for (const part of prefix) rest = rest.slice(rest.toLowerCase().indexOf(part.toLowerCase()) + part.length);
  return rest.replace(/^[^\p{L}\p{N}]+/u, '');
}

/**
 * The code as people say it, for a narrow place: `CCSS.Math.Content.3.NF.A.1` → `3.NF.A.1`.
 * `prefix`: what `commonCodePrefix` gave for the framework.
 */
export function shortCode(fullCode: string, prefix: readonly string[] = []): string {
  return coreOf(fullCode.trim(), prefix).replace(/[.\s]+$/, '');
}

function spellings(code: string, prefix: readonly string[]): string[] {
  const practice = PRACTICE.exec(code);
  if (practice) {
    const n = practice[1] ?? '';
    return [
      ...withEach(['', 'CCSS.', 'Math.', 'CCSS.Math.', 'Math.Practice.', 'CCSS.Math.Practice.'], [`MP.${n}`]),
      `SMP.${n}`,
    ];
  }
  const core = coreOf(code, prefix);
  const common = /^(?:CCSS|Math\.|ELA|Literacy\.)/i.test(code);
  if (MATH_CORE.test(core)) {
    const cores = mathCores(core);
    if (common || prefix.length === 0) return withEach(MATH_PREFIXES, cores);
    return withEach(ownPrefixes(prefix), cores);
  }
  if (common && ELA_CORE.test(core)) {
    const [, strand, grade, rest] = ELA_CORE.exec(core) ?? [];
    return withEach(ELA_PREFIXES, [core, `${grade}.${strand}.${rest}`]);
  }
  if (common) return withEach(/^CCSS\.ELA|^ELA|^Lit/i.test(code) ? ELA_PREFIXES : MATH_PREFIXES, [core]);
  if (NGSS_CORE.test(core)) return withEach(['', 'NGSS.'], [core]);
  if (TEKS_CORE.test(core)) return withEach(['', 'TEKS ', '19 TAC §'], [core]);
  return core === code ? [code] : withEach(ownPrefixes(prefix), [core]);
}

/** `DS`, `MATH` → '', `MATH.`, `DS.`, `DS.MATH.` */
function ownPrefixes(prefix: readonly string[]): string[] {
  const tails = prefix.map((_, index) => `${prefix.slice(index).join('.')}.`);
  return ['', ...tails, `${prefix[0] ?? ''}.`];
}

/**
 * The norms under which a standard must be found: that of the full code first, then those of its usual short
 * spellings, each once. `prefix`: what `commonCodePrefix` gave for the framework (`DS`, `MATH`); what is known of
 * CCSS, NGSS and TEKS is built in. An alias that says nothing (no digit, or under three signs) is left out; whether
 * one is also another standard's is for the caller to see. Empty for a code without letters or digits.
 */
export function codeAliases(fullCode: string, prefix: readonly string[] = []): string[] {
  const code = fullCode.normalize('NFKC').trim();
  const full = normCode(code);
  if (full === '') return [];
  const aliases = spellings(code, prefix)
    .map(normCode)
    .filter((norm) => norm.length >= 3 && /\d/.test(norm));
  return [...new Set([full, ...aliases])];
}

const MATH_NORM = new RegExp(
  `^(?:ccssm?|cc)?(?:math(?:ematics)?)?(?:content)?((?:k|[1-8])(?:${MATH_DOMAINS})|(?:hs)?[nafgs](?:${HIGH_DOMAINS}))[a-e](\\d{1,2}[a-e]?)$`,
  'i',
);

/**
 * The norm that a Common Core spelling has in a framework that keeps its numbers in codes of its own: without prefix and
 * cluster letter in mathematics (`CCSS.Math.Content.3.NF.A.1` → `3nf1`), with the grade first in English (`RI.4.5` →
 * `4ri5`). For looking up what nobody knows as it is written. Undefined for any other code.
 */
export function commonCoreNorm(written: string): string | undefined {
  const [, head, number] = MATH_NORM.exec(normCode(written)) ?? [];
  if (head !== undefined) return `${head}${number}`;
  const [, strand, grade, rest] =
    ELA_CORE.exec(written.normalize('NFKC').trim().replace(KNOWN_PREFIX, '')) ?? [];
  return strand === undefined ? undefined : normCode(`${grade}${strand}${rest}`);
}

const numbers = (text: string): string[] => text.normalize('NFKC').match(/\d+/g) ?? [];

/**
 * Whether a spelling can mean this code, given that it has one of the code's norms: numbers that the writer kept
 * apart must be apart in the code (`5.11.2.A` is not `5.1.12.A`), numbers run together may be either.
 */
export function codeFits(written: string, code: string): boolean {
  const mine = numbers(written);
  const theirs = numbers(code);
  // Found under a code that isn't made of this one (a former code, a second notation): nothing to compare.
  if (!theirs.join('').includes(mine.join(''))) return true;
  for (let start = 0; start < theirs.length; start += 1) {
    let index = start;
    const fits = mine.every((number) => {
      let joined = '';
      while (joined.length < number.length && index < theirs.length) joined += theirs[index++] ?? '';
      return joined === number;
    });
    if (fits) return true;
  }
  return mine.length === 0;
}
