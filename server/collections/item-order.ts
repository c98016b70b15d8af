/** Where an item stands: its section (null: before the first), in the order of the list. */
export interface Placed {
  resourceId: string;
  sectionId: string | null;
}

/** One step, to an end of its section, or in front of another item (null: at the end) of a section. */
export type Move = 'up' | 'down' | 'first' | 'last' | { section: string | null; before: string | null };

/**
 * The order after a move. A step goes past the next item that the mover sees, and from the edge of a section into its
 * neighbor. What isn't there any more (the item, the one to stand before, the section) changes as little as can be.
 * @param sections ids in their order
 * @param seen what the mover sees; null: all
 */
export function reordered(
  items: readonly Placed[],
  sections: readonly string[],
  resourceId: string,
  move: Move,
  seen: ReadonlySet<string> | null = null,
): Placed[] {
  const places: (string | null)[] = [null, ...sections];
  const moved = items.find((item) => item.resourceId === resourceId);
  if (!moved) return [...items];
  const rest = items.filter((item) => item !== moved);
  const within = (section: string | null) => rest.filter((item) => item.sectionId === section);
  const put = (section: string | null, before: string | null): Placed[] =>
    places.flatMap((place) => {
      const there = within(place);
      if (place !== section) return there;
      const at = there.findIndex((item) => item.resourceId === before);
      const one = { resourceId, sectionId: section };
      return at === -1 ? [...there, one] : [...there.slice(0, at), one, ...there.slice(at)];
    });
  if (typeof move === 'object')
    return put(places.includes(move.section) ? move.section : moved.sectionId, move.before);
  const own = items.filter((item) => item.sectionId === moved.sectionId);
  const at = own.indexOf(moved);
  const isSeen = (item: Placed): boolean => seen === null || seen.has(item.resourceId);
  if (move === 'first') return put(moved.sectionId, within(moved.sectionId)[0]?.resourceId ?? null);
  if (move === 'last') return put(moved.sectionId, null);
  const place = places.indexOf(moved.sectionId);
  if (move === 'up') {
    const other = own.slice(0, at).findLast(isSeen);
    if (other) return put(moved.sectionId, other.resourceId);
    return place > 0 ? put(places[place - 1] ?? null, null) : [...items];
  }
  const next = own.findIndex((item, index) => index > at && isSeen(item));
  if (next !== -1) return put(moved.sectionId, own[next + 1]?.resourceId ?? null);
  const below = places[place + 1];
  return below === undefined ? [...items] : put(below, within(below)[0]?.resourceId ?? null);
}
