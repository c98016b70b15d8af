import type { FieldFault } from '../errors.ts';
import type { Claim } from './claim-queries.ts';
import { FITS, type Fit } from './check-machine.ts';
import type { Rubric } from './check-settings-queries.ts';

export const OUTCOMES = ['checked', 'returned', 'withdrawn'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a curator says of one claim. `level` is the slug of the level where it belongs, for "other level". */
export type Judgement = { fit: Fit | null; level: string | null; note: string };

/** A check as a curator fills it in. */
export type Decision = {
  outcome: Outcome;
  /** To the author: what to mend, or why it is withdrawn. */
  note: string;
  /** By the claim's id. */
  claims: Map<string, Judgement>;
  /** By the criterion's id; one that doesn't apply is left out. */
  ratings: Map<string, number>;
};

const MAX_NOTE = 4000;
const MAX_REASON = 1000;

/** Reads the answers of a form; whatever isn't one of the offered answers counts as not given. */
export function readDecision(
  body: Record<string, unknown>,
  outcome: Outcome,
  { claims, rubric, levels }: { claims: readonly Claim[]; rubric: Rubric | null; levels: readonly string[] },
): Decision {
  const said = (name: string): string => {
    const value = body[name];
    return typeof value === 'string'
      ? value.replaceAll('\0', '').toWellFormed().replace(/\r\n?/g, '\n').trim()
      : '';
  };
  return {
    outcome,
    note: said('note'),
    claims: new Map(
      claims
        .filter(({ locked }) => !locked)
        .map(({ id }) => {
          const fit = FITS.find((one) => one === said(`fit-${id}`)) ?? null;
          const level =
            fit === 'other_level' ? levels.find((slug) => slug === said(`level-${id}`)) : undefined;
          return [
            id,
            { fit, level: level ?? null, note: fit === null || fit === 'full' ? '' : said(`why-${id}`) },
          ];
        }),
    ),
    ratings: new Map(
      (rubric?.criteria ?? []).flatMap(({ id }) => {
        const rating = said(`rate-${id}`);
        const value = Number(rating);
        const top = rubric ? rubric.lowest + rubric.labels.length - 1 : 0;
        return rating !== '' && Number.isInteger(value) && rubric && value >= rubric.lowest && value <= top
          ? [[id, value] as const]
          : [];
      }),
    ),
  };
}

/** What a decision still lacks. "Checked" says something of every claim; whatever isn't praise has a reason. */
export function decisionFaults(
  decision: Decision,
  { claims, submitted }: { claims: readonly Claim[]; submitted: boolean },
): FieldFault[] {
  const faults: FieldFault[] = [];
  const open = claims.filter(({ locked }) => !locked);
  for (const claim of open) {
    const { fit, level, note } = decision.claims.get(claim.id) ?? { fit: null, level: null, note: '' };
    const about = { code: claim.code };
    if (fit === null) {
      if (decision.outcome === 'checked')
        faults.push({ field: `fit-${claim.id}`, key: 'curate.fault.fit', params: about });
      continue;
    }
    if (fit === 'other_level' && level === null)
      faults.push({ field: `level-${claim.id}`, key: 'curate.fault.level', params: about });
    if (fit === 'other_level' && level !== null && level === claim.level?.slug)
      faults.push({ field: `level-${claim.id}`, key: 'curate.fault.sameLevel', params: about });
    if (fit !== 'full' && note === '')
      faults.push({ field: `why-${claim.id}`, key: 'curate.fault.why', params: about });
    if (note.length > MAX_REASON)
      faults.push({ field: `why-${claim.id}`, key: 'fault.tooLong', params: { max: MAX_REASON } });
  }
  const judged = open.flatMap(({ id }) => decision.claims.get(id)?.fit ?? []);
  if (
    decision.outcome === 'checked' &&
    judged.length > 0 &&
    judged.length === claims.length &&
    judged.every((fit) => fit === 'none')
  )
    faults.push({ field: 'outcome', key: 'curate.fault.nothingFits' });
  if (decision.outcome !== 'checked' && decision.note === '')
    faults.push({ field: 'note', key: `curate.fault.note.${decision.outcome}` });
  if (decision.note.length > MAX_NOTE)
    faults.push({ field: 'note', key: 'fault.tooLong', params: { max: MAX_NOTE } });
  if (decision.outcome === 'withdrawn' && submitted)
    faults.push({ field: 'outcome', key: 'curate.fault.notOnShelf' });
  return faults;
}
