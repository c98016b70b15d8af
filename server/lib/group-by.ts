/** The items by what `key` says of each, in the order of their first appearance. */
export function groupBy<Item, Key>(items: Iterable<Item>, key: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const under = key(item);
    const group = groups.get(under);
    if (group) group.push(item);
    else groups.set(under, [item]);
  }
  return groups;
}
