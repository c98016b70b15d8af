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
  /** The first hit is one that a teacher hopes for, or useful. */
  first: boolean;
  /** One that a teacher hopes for is among the first three. */
  top3: boolean;
  hits: { key: string; grade: number }[];
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
      first: foundWithin(hits, grades, { depth: 1, grade: 2 }),
      top3: foundWithin(hits, grades, { depth: 3, grade: 3 }),
      hits: hits.map((key) => ({ key, grade: grades.get(key) ?? 0 })),
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

/** The numbers of a ranking, as cells: of all judged queries, of those that may be looked at, of those held out. */
export function figures({ answers, drawnCodes, nothing }: Measured): Record<string, string> {
  const of = (chosen: readonly Answered[]): string =>
    chosen.length === 0 ? '–' : mean(chosen.map((answer) => answer.ndcg)).toFixed(3);
  const share = (chosen: readonly Answered[], what: 'first' | 'top3'): string =>
    chosen.length === 0 ? '–' : percent(mean(chosen.map((answer) => (answer[what] ? 1 : 0))));
  const kind = (name: JudgedQuery['kind']) => answers.filter(({ query }) => query.kind === name);
  return {
    'nDCG@10': of(answers),
    'nDCG@10, looked at': of(answers.filter(({ heldOut }) => !heldOut)),
    'nDCG@10, held out': of(answers.filter(({ heldOut }) => heldOut)),
    'codes at rank 1 (judged)': share(kind('code'), 'first'),
    'codes at rank 1 (drawn)': percent(drawnCodes),
    'misspellings in the top 3': share(kind('spelling'), 'top3'),
    'words of titles that find nothing': percent(nothing),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
