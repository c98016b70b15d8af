import { editDistance } from '../../lib/edit-distance.ts';
import { plainWord } from '../import-words.ts';
import type { RowFault } from '../row-reader.ts';
import type { StaffPlace } from './staff-facts.ts';

/** The place that a row names, or what is wrong where it names none, several, or somebody else's. */
export type PlaceFinder = (read: string) => StaffPlace | RowFault;

/**
 * Finds places as files name them: by name, by the words of their address, or by id; where none is called so today, by
 * what they and those merged into them were called. A name is looked up once.
 * @param closed names of places that nobody works at any more
 */
export function placeFinder(places: readonly StaffPlace[], closed: readonly string[]): PlaceFinder {
  const today = byWord(places, ({ name, slug, id }) => [name, slug, id]);
  const before = byWord(places, ({ former }) => former);
  const gone = new Set(closed.map(plainWord));
  const known = new Map<string, StaffPlace | RowFault>();
  return (read) => {
    const earlier = known.get(read);
    if (earlier) return earlier;
    const word = plainWord(read);
    const named = today.get(word) ?? [];
    const inside = named.some((place) => place.inside) ? named : (before.get(word) ?? named);
    const found =
      inside.length === 0 && gone.has(word)
        ? ({ field: 'organization', key: 'staff.fault.closedPlace', params: { read } } as const)
        : find(read, inside, places);
    known.set(read, found);
    return found;
  };
}

function byWord(
  places: readonly StaffPlace[],
  wordsOf: (place: StaffPlace) => string[],
): Map<string, StaffPlace[]> {
  const words = new Map<string, StaffPlace[]>();
  for (const place of places)
    for (const word of new Set(wordsOf(place).map(plainWord)))
      words.set(word, [...(words.get(word) ?? []), place]);
  return words;
}

function find(
  read: string,
  found: readonly StaffPlace[],
  places: readonly StaffPlace[],
): StaffPlace | RowFault {
  const inside = found.filter((place) => place.inside);
  const [place] = inside;
  if (place && inside.length === 1) return place;
  const field = 'organization';
  if (inside.length > 1)
    return {
      field,
      key: 'staff.fault.manyPlaces',
      params: { read, codes: inside.map((one) => one.slug).join(', ') },
    };
  if (found.length > 0) return { field, key: 'staff.fault.otherPlace', params: { read } };
  const params = { read, examples: nearest(read, places).join(', ') };
  return { field, key: 'staff.fault.place', params };
}

/** Names of places that look most like what was read, at most three. */
function nearest(read: string, places: readonly StaffPlace[]): string[] {
  const word = plainWord(read).slice(0, 60);
  return places
    .filter(({ inside }) => inside)
    .map(({ name }) => ({ name, far: editDistance(word, plainWord(name).slice(0, 60), 60) }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}
