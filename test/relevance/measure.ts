import { claimedCodes, titleWords } from './drawn-queries.ts';
import { gradesOf, isHeldOut, type JudgedQuery } from './judged-set.ts';
import { foundWithin, mean, ndcg } from './metrics.ts';
import type { RealRecord } from '../bench/records/record.ts';
import type { Ranking } from './catalog.ts';

/** One judged query as one ranking answered it. */
export interface Answered {
  query: JudgedQuery;
  heldOut: boolean;
  ndcg: number;
  /** The first hit is one that a teacher hopes for. */
  first: boolean;
  /** One that a teacher hopes for is among the first three. */
  top3: boolean;
  /** `grade` null: nobody has judged it. */
  hits: { key: string; grade: number | null }[];
}

export interface Measured {
  name: string;
  answers: Answered[];
  /**
   * Shares from 0 to 1. `drawnCodes`: of codes that records claim, those whose first hit
   * claims them or a standard below.
   */
  drawnCodes: number;
  nothing: number;
  /** Of the drawn words, those that found nothing. */
  nothingFor: string[];
  wrongCodes: string[];
}

const DRAWN_WORDS = 500;
const DRAWN_CODES = 100;

/** Asks one ranking everything, one query after the other. */
export async function measure(
  ranking: Ranking,
  queries: readonly JudgedQuery[],
  records: readonly RealRecord[],
  known: (code: string) => boolean,
): Promise<Measured> {
  const keys = records.map(({ key }) => key);
  const answers: Answered[] = [];
  for (const query of queries) {
    const grades = gradesOf(query, keys);
    const { keys: hits } = await ranking.search(query.q);
    answers.push({
      query,
      heldOut: isHeldOut(query),
      ndcg: ndcg(hits, grades),
      first: foundWithin(hits, grades, { depth: 1, grade: 3 }),
      top3: foundWithin(hits, grades, { depth: 3, grade: 3 }),
      hits: hits.map((key) => ({ key, grade: grades.get(key) ?? null })),
    });
  }
  const codes = claimedCodes(records, DRAWN_CODES, known);
  const wrongCodes: string[] = [];
  for (const { q, claimedBy } of codes) {
    const [first] = (await ranking.search(q)).keys;
    if (first === undefined || !claimedBy.has(first)) wrongCodes.push(q);
  }
  const words = titleWords(records, DRAWN_WORDS);
  const nothingFor: string[] = [];
  for (const q of words) if ((await ranking.search(q)).total === 0) nothingFor.push(q);
  return {
    name: ranking.name,
    answers,
    drawnCodes: 1 - wrongCodes.length / codes.length,
    nothing: nothingFor.length / words.length,
    nothingFor,
    wrongCodes,
  };
}

/** What a ranking must reach; figures without a bar are only shown. */
const BARS: Record<string, { least: number } | { most: number }> = {
  'nDCG@10': { least: 0.9 },
  'codes at rank 1 (judged)': { least: 1 },
  'codes at rank 1 (drawn)': { least: 1 },
  'misspellings in the top 3': { least: 0.95 },
  'words of titles that find nothing': { most: 0.02 },
};

/** The numbers of a ranking: of all judged queries, of those that may be looked at, of those held out. Null: of none. */
export function figures({ answers, drawnCodes, nothing }: Measured): Record<string, number | null> {
  const of = (chosen: readonly Answered[]): number | null =>
    chosen.length === 0 ? null : mean(chosen.map((answer) => answer.ndcg));
  const share = (chosen: readonly Answered[], what: 'first' | 'top3'): number | null =>
    chosen.length === 0 ? null : mean(chosen.map((answer) => (answer[what] ? 1 : 0)));
  const kind = (name: JudgedQuery['kind']) => answers.filter(({ query }) => query.kind === name);
  const hits = answers.flatMap((answer) => answer.hits);
  return {
    'nDCG@10': of(answers),
    'nDCG@10, looked at': of(answers.filter(({ heldOut }) => !heldOut)),
    'nDCG@10, held out': of(answers.filter(({ heldOut }) => heldOut)),
    'codes at rank 1 (judged)': share(kind('code'), 'first'),
    'codes at rank 1 (drawn)': drawnCodes,
    'misspellings in the top 3': share(kind('spelling'), 'top3'),
    'words of titles that find nothing': nothing,
    'hits that nobody has judged':
      hits.length === 0 ? null : mean(hits.map(({ grade }) => (grade === null ? 1 : 0))),
  };
}

/** The names of the figures that are on the wrong side of their bar. */
export const missedBars = (figures: Record<string, number | null>): string[] =>
  Object.entries(BARS)
    .filter(([name, bar]) => {
      const figure = figures[name] ?? null;
      if (figure === null) return false;
      return 'least' in bar ? figure < bar.least : figure > bar.most;
    })
    .map(([name]) => name);

/** A figure or its bar as people read them. */
export const shown = (name: string, figure: number | null): string =>
  figure === null ? '–' : name.startsWith('nDCG') ? figure.toFixed(3) : `${(100 * figure).toFixed(1)} %`;

export function shownBar(name: string): string {
  const bar = BARS[name];
  if (!bar) return '';
  return 'least' in bar ? `≥ ${shown(name, bar.least)}` : `≤ ${shown(name, bar.most)}`;
}
