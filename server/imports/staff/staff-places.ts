import { editDistance } from '../../lib/edit-distance.ts';
import { plainWord } from '../import-words.ts';
import type { RowFault } from '../row-reader.ts';
import type { StaffPlace } from './staff-facts.ts';

/** The place that a row names, or what is wrong where it names none, several, or somebody else's. */
export type PlaceFinder = (read: string) => StaffPlace | RowFault;

/** Finds places as files name them: by name, by the words of their address, or by id. A name is looked up once. */
export function placeFinder(places: readonly StaffPlace[]): PlaceFinder {
  const words = byWord(places);
  const known = new Map<string, StaffPlace | RowFault>();
  return (read) => {
    const before = known.get(read);
    if (before) return before;
    const found = find(read, words.get(plainWord(read)) ?? [], places);
    known.set(read, found);
    return found;
  };
}

function byWord(places: readonly StaffPlace[]): Map<string, StaffPlace[]> {
  const words = new Map<string, StaffPlace[]>();
  for (const place of places)
    for (const word of new Set([plainWord(place.name), plainWord(place.slug), plainWord(place.id)]))
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
