import { smallestGroup } from '../resources/small-groups.ts';

/** A count of uses in a period, and the distinct people behind it. */
interface Uses {
  used: number;
  people: number;
  /** The fewest people whom this period has and a shorter one hasn't; null where a shorter one has all of them. */
  apart: number | null;
}

/** What may be shown: the count; `few`: fewer than five people; `hidden`: it would give away another that is few. */
export type ShownUses = number | 'few' | 'hidden';

/** The smallest group that a count tells of, by itself or less that of a shorter period. */
const smallest = ({ people, apart }: Uses): number => Math.min(people, apart ?? people);

/** What may be shown of one group. Nobody is no group. */
function shownUses(uses: Uses): ShownUses {
  if (uses.used === 0 || smallest(uses) >= smallestGroup) return uses.used;
  return uses.people < smallestGroup ? 'few' : 'hidden';
}

/**
 * What may be shown of groups that add up to a total: of those too small, none can be found by subtracting the others.
 * Either so many are left out that together they are large enough, the next smallest first, or the total is.
 */
function shownParts<Part extends Uses>(
  parts: readonly Part[],
  total: Uses,
): { parts: Map<Part, ShownUses>; total: ShownUses } {
  const shown = new Map(parts.map((part) => [part, shownUses(part)]));
  const hidden = parts.filter((part) => typeof shown.get(part) !== 'number');
  const rest = parts
    .filter((part) => part.used > 0 && typeof shown.get(part) === 'number')
    .toSorted((a, b) => smallest(a) - smallest(b));
  const exposed = (): boolean =>
    hidden.length === 1 ||
    (hidden.length > 0 && hidden.reduce((sum, one) => sum + smallest(one), 0) < smallestGroup);
  while (exposed()) {
    const next = rest.shift();
    if (!next) break;
    hidden.push(next);
    shown.set(next, 'hidden');
  }
  const all = shownUses(total);
  return { parts: shown, total: exposed() && typeof all === 'number' ? 'hidden' : all };
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
  const safe = shownParts(
    parts,
    uses.find(({ place }) => place === 'state') ?? { used: 0, people: 0, apart: null },
  );
  const outside: Uses = { used: 0, people: 0, apart: null };
  for (const part of parts)
    if (!seen(part.place)) {
      outside.used += part.used;
      outside.people += part.people;
      if (part.apart !== null) outside.apart = Math.min(part.apart, outside.apart ?? part.apart);
    }
  const isSafe = typeof shownUses(outside) === 'number' || typeof safe.total !== 'number';
  const total = isSafe ? safe.total : 'hidden';
  return new Map([
    ...parts.map((part) => [part.place, safe.parts.get(part) ?? 0] as const),
    ['state', total],
  ]);
}
