import type { SearchDocument } from '../search-port.ts';
import { QUALITY } from './ranking-rules.ts';

type Judged = Pick<SearchDocument, 'checked' | 'alignment' | 'complete' | 'used' | 'claims' | 'deadLink'>;

/** The rules of `QUALITY` that say something of a record, each with its points. */
export function qualityParts({ checked, alignment, complete, used, claims, deadLink }: Judged): {
  rule: keyof typeof QUALITY;
  points: number;
}[] {
  const { manyStandards: many } = QUALITY;
  const parts: { rule: keyof typeof QUALITY; points: number }[] = [
    { rule: 'checked', points: checked ? QUALITY.checked : 0 },
    { rule: 'alignment', points: alignment === null ? 0 : QUALITY.alignment[alignment] },
    { rule: 'complete', points: complete * QUALITY.complete },
    {
      rule: 'used',
      points: Math.min(QUALITY.used.most, Math.floor(Math.log2(1 + used)) * QUALITY.used.each),
    },
    {
      rule: 'manyStandards',
      points: Math.max(many.most, Math.max(0, claims - many.from) * many.each),
    },
    { rule: 'deadLink', points: deadLink ? QUALITY.deadLink : 0 },
  ];
  return parts.filter(({ points }) => points !== 0);
}

/** What a record is worth by itself: 0 to 1,000. */
export const qualityOf = (document: Judged): number =>
  Math.max(
    0,
    qualityParts(document).reduce((sum, { points }) => sum + points, 0),
  );
