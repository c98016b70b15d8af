import type { Translate } from '../../locale/locale.ts';
import type { Format } from '../../locale/format.ts';
import type { WhyHere } from '../search-view.ts';
import type { PlacedWord, Ranked } from './rank-hits.ts';
import { RECORD } from './ranking-rules.ts';

/** Why a hit stands where it does, in plain words: where its words were found, and every part of its points. */
export function whyHere(ranked: Ranked, { t, fmt }: { t: Translate; fmt: Format }): WhyHere {
  const said = (label: string, points: number) => ({ label, points: signed(points, fmt) });
  return {
    points: fmt.number(ranked.points),
    words: ranked.words.map((word) => wordSentence(word, { t, fmt })),
    parts: ranked.parts.flatMap(({ rule, points }) => {
      if (rule !== 'quality' || ranked.worth.length === 0) return [said(t(`explain.rule.${rule}`), points)];
      return ranked.worth.map((one) =>
        said(t(`explain.worth.${one.rule}`), Math.round(one.points * RECORD.quality)),
      );
    }),
  };
}

function wordSentence({ word, places }: PlacedWord, { t, fmt }: { t: Translate; fmt: Format }): string {
  const [best] = places;
  if (!best) return t('explain.deep', { word });
  const where = fmt.list(places.map(({ attribute }) => t(`explain.in.${attribute}`)));
  return best.as === word
    ? t('explain.found', { word, where })
    : t(`explain.found.${best.form}`, { word, where, as: best.as });
}

const signed = (points: number, fmt: Format): string =>
  points < 0 ? `−${fmt.number(-points)}` : `+${fmt.number(points)}`;
