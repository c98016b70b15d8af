import { smallestGroup } from '../resources/resource-card-queries.ts';

/** A count of uses, and the distinct people behind it. */
interface Uses {
  used: number;
  people: number;
}

/** What may be shown: the count; `few`: fewer than five people; `hidden`: it would give away another that is few. */
export type ShownUses = number | 'few' | 'hidden';

/** What may be shown of one group. Nobody is no group. */
const shownUses = ({ used, people }: Uses): ShownUses =>
  used === 0 || people >= smallestGroup ? used : 'few';

/**
 * What may be shown of groups that add up to a total: of those too small, none can be found by subtracting the others.
 * Either so many are left out that together they are large enough, the next smallest first, or the total is.
 */
function shownParts<Part extends Uses>(
  parts: readonly Part[],
  total: Uses,
): { parts: Map<Part, ShownUses>; total: ShownUses } {
  const shown = new Map(parts.map((part) => [part, shownUses(part)]));
  const hidden = parts.filter((part) => shown.get(part) === 'few');
  const rest = parts
    .filter(({ used, people }) => used > 0 && people >= smallestGroup)
    .toSorted((a, b) => a.people - b.people);
  const exposed = (): boolean =>
    hidden.length === 1 ||
    (hidden.length > 0 && hidden.reduce((sum, one) => sum + one.people, 0) < smallestGroup);
  while (exposed()) {
    const next = rest.shift();
    if (!next) break;
    hidden.push(next);
    shown.set(next, 'hidden');
  }
  const all = shownUses(total);
  return { parts: shown, total: exposed() && all !== 'few' ? 'hidden' : all };
}

/** What may be shown of uses at places: see `shownPlaces`. */
export type PlaceUses = Uses & { place: string };

/**
 * What may be shown of uses by place to somebody who sees some of the places and the state's total. The same for
 * everybody, but for the total: what is outside of the places that one sees could be had by subtracting.
 * @param seen whether the viewer sees a place
 */
export function shownPlaces(
  uses: readonly PlaceUses[],
  seen: (place: string) => boolean,
): Map<string, ShownUses> {
  const parts = uses.filter(({ place }) => place !== 'state');
  const safe = shownParts(parts, uses.find(({ place }) => place === 'state') ?? { used: 0, people: 0 });
  const outside = { used: 0, people: 0 };
  for (const part of parts)
    if (!seen(part.place)) {
      outside.used += part.used;
      outside.people += part.people;
    }
  const total = shownUses(outside) === 'few' && safe.total !== 'few' ? 'hidden' : safe.total;
  return new Map([
    ...parts.map((part) => [part.place, safe.parts.get(part) ?? 0] as const),
    ['state', total],
  ]);
}
