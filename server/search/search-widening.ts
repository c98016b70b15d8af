import { THIN } from './ranking/ranking-rules.ts';
import { readWords } from './query-words.ts';
import { FACETS, type SearchFilters, type SearchRequest } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';
import { searchResources, type RankWishes, type SearchAnswer, type SearchDeps } from './search-service.ts';
import type { UnderstoodSearch } from './search-understanding.ts';

/** A search as it was run. */
export interface RunSearch {
  understood: UnderstoodSearch;
  request: SearchRequest;
  answer: SearchAnswer;
  /** Some hits lack words, and so many have all of them; null: all have. */
  full: number | null;
}

/**
 * Asks for less where little has all that was asked for, and much has most of it: first, what was read from the words is
 * preferred instead of required; then words may be missing. What has everything still comes first, and the page says what was
 * done. Filters of the address and licenses stay required. `first`: as it was read; `run`: the same, or with its readings as words.
 */
export async function widened(
  deps: SearchDeps,
  params: SearchParams,
  { first, run }: { first: RunSearch; run: RunSearch },
  wishes: RankWishes,
): Promise<RunSearch> {
  if (params.sort !== 'best') return run;
  const prefer = isThin(run.answer) ? await preferring(deps, params, { first, run }, wishes) : run;
  if (prefer.answer.total === 0 || prefer.answer.relaxed) return prefer;
  if (!isThin(prefer.answer)) return prefer;
  if (wordsIn(prefer.request.q) < 2) return prefer;
  const preferred = prefer.understood.preferred?.readings ?? [];
  const request = { ...prefer.request, match: 'some' as const };
  const answer = await searchResources(deps, request, { ...wishes, preferred, keep: prefer.answer.first });
  return isGain(answer, prefer.answer) ? { ...prefer, request, answer, full: prefer.answer.total } : prefer;
}

/** How many words and phrases are looked for, without those that must not be there. */
function wordsIn(q: string): number {
  const { words, phrases } = readWords(q);
  return words.length + phrases.length;
}

const isThin = ({ inRecord }: SearchAnswer): boolean => inRecord < THIN.hits;

/** Worth asking for less: much more is found, or something at all where nothing has all of the words. */
function isGain(wide: SearchAnswer, narrow: SearchAnswer): boolean {
  const had = narrow.relaxed ? 0 : narrow.total;
  return wide.total >= (had === 0 ? THIN.gain : Math.max(had + THIN.hits, THIN.gain * had));
}

/** The search as it was read first, without requiring what was read from its words. */
async function preferring(
  deps: SearchDeps,
  params: SearchParams,
  { first, run }: { first: RunSearch; run: RunSearch },
  wishes: RankWishes,
): Promise<RunSearch> {
  const { understood, answer } = first;
  const readings = understood.readings.filter(({ facet }) => facet !== 'license');
  const codes = understood.codes.map(({ text }) => text);
  if (wordsIn(first.request.q) === 0 || readings.length + codes.length === 0) return run;
  const kept = understood.readings.filter((reading) => !readings.includes(reading));
  const filters = Object.fromEntries(
    FACETS.map((facet) => [
      facet,
      [
        ...new Set([
          ...(facet === 'standard'
            ? understood.standards.flatMap(({ standards }) => standards.map(({ guid }) => guid))
            : params.filters[facet]),
          ...kept.filter((reading) => reading.facet === facet).flatMap(({ values }) => values),
        ]),
      ],
    ]),
  ) as SearchFilters;
  const request = { ...first.request, filters };
  const preferred = [...readings, ...codes.map(() => ({ facet: 'standard' as const, values: [] }))];
  const wide = await searchResources(deps, request, { ...wishes, preferred, exact: answer.first });
  if (wide.relaxed || !isGain(wide, run.answer)) return run;
  return {
    full: null,
    request,
    answer: wide,
    understood: {
      ...understood,
      filters,
      readings: kept,
      codes: [],
      preferred: { readings, codes, count: answer.total },
    },
  };
}
