/** Where the items of a framework stand: order, depth, and all that is above each. Pure. */
import { unreadable } from './framework-package.ts';
import type { ParentLink } from './framework-package.ts';

/** No real framework is a quarter as deep; a file that is would fill the table of ancestors. */
const MAX_DEPTH = 40;

interface Place {
  /** Reading order of the whole framework, from 0; an item with several parents stands where it is met first. */
  position: number;
  /** Steps from the top by the shortest way. */
  depth: number;
  /** Without retired ones. */
  childCount: number;
}

export interface Tree {
  places: Map<string, Place>;
  /** Per item: itself (0) and everything above it, with the shortest distance. */
  ancestors: Map<string, Map<string, number>>;
}

/**
 * Works out the tree of a graph without cycles (`settleLinks` has seen to that).
 * Those in `retired` stand in it, but aren't counted as anyone's child.
 * Throws a PortalError (422) when it is more than 40 levels deep.
 */
export function treeOf(links: readonly ParentLink[], retired: ReadonlySet<string> = new Set()): Tree {
  const children = new Map<string | null, string[]>();
  const parents = new Map<string, (string | null)[]>();
  for (const { child, parent } of links.toSorted((a, b) => a.sequence - b.sequence)) {
    push(children, parent, child);
    push(parents, child, parent);
  }
  const ancestors = ancestorsOf(children, parents);
  const places = new Map<string, Place>();
  // Depth first without recursion: the stack holds what is to be read next, last first.
  const stack = (children.get(null) ?? []).toReversed();
  for (let guid = stack.pop(); guid !== undefined; guid = stack.pop()) {
    if (places.has(guid)) continue;
    const below = children.get(guid) ?? [];
    places.set(guid, {
      position: places.size,
      depth: 0,
      childCount: below.filter((one) => !retired.has(one)).length,
    });
    for (const child of below.toReversed()) stack.push(child);
  }
  for (const [guid, place] of places) place.depth = depthOf(guid, parents, ancestors);
  return { places, ancestors };
}

function push<Key>(map: Map<Key, string[]>, key: Key, value: string): void;
function push<Key>(map: Map<Key, (string | null)[]>, key: Key, value: string | null): void;
function push<Key>(map: Map<Key, (string | null)[]>, key: Key, value: string | null): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function ancestorsOf(
  children: ReadonlyMap<string | null, readonly string[]>,
  parents: ReadonlyMap<string, readonly (string | null)[]>,
): Tree['ancestors'] {
  const ancestors: Tree['ancestors'] = new Map();
  const waiting = new Map(
    [...parents].map(([guid, above]) => [guid, above.filter((one) => one !== null).length]),
  );
  const ready = [...waiting].filter(([, count]) => count === 0).map(([guid]) => guid);
  for (let guid = ready.pop(); guid !== undefined; guid = ready.pop()) {
    const mine = new Map([[guid, 0]]);
    for (const parent of parents.get(guid) ?? []) {
      for (const [above, distance] of ancestors.get(parent ?? '') ?? []) {
        if (distance >= MAX_DEPTH) throw unreadable('tooManyLevels', { max: MAX_DEPTH });
        mine.set(above, Math.min(mine.get(above) ?? Infinity, distance + 1));
      }
    }
    ancestors.set(guid, mine);
    for (const child of children.get(guid) ?? []) {
      const left = (waiting.get(child) ?? 1) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return ancestors;
}

function depthOf(
  guid: string,
  parents: ReadonlyMap<string, readonly (string | null)[]>,
  ancestors: Tree['ancestors'],
): number {
  let depth = Infinity;
  for (const [above, distance] of ancestors.get(guid) ?? []) {
    if (distance < depth && parents.get(above)?.includes(null)) depth = distance;
  }
  return Number.isFinite(depth) ? depth : 0;
}
