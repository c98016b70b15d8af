import type { FacetOption } from './search-view.ts';

/** One value of a facet that is a tree. `parent`: its value; null or unknown for one at the top. */
export interface TreeNode {
  value: string;
  label: string;
  code: string | null;
  language: string | null;
  parent: string | null;
  count: number;
  /** Reading order among its siblings. */
  position: number;
}

/**
 * A facet's values as a tree, at most about `limit` of them: level by level from the top, and always what is chosen with
 * everything above it. Branches with something chosen inside are open, and so is a branch that stands alone.
 */
export function facetTree(
  nodes: readonly TreeNode[],
  chosen: ReadonlySet<string>,
  limit = 60,
): FacetOption[] {
  const byValue = new Map(nodes.map((node) => [node.value, node]));
  const childrenOf = new Map<string | null, TreeNode[]>();
  for (const node of nodes) {
    const parent = node.parent !== null && byValue.has(node.parent) ? node.parent : null;
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(node);
    else childrenOf.set(parent, [node]);
  }
  const shown = shownValues(byValue, childrenOf, chosen, limit);
  const build = (parent: string | null, codes: readonly string[], depth: number): FacetOption[] => {
    // A graph with a loop would never end.
    if (depth > 12) return [];
    const list = (childrenOf.get(parent) ?? [])
      .filter(({ value }) => shown.has(value))
      .sort((a, b) => a.position - b.position || b.count - a.count);
    return list.map((node) => {
      const children = build(node.value, node.code === null ? codes : [node.code, ...codes], depth + 1);
      return {
        value: node.value,
        label: node.label,
        count: node.count,
        chosen: chosen.has(node.value),
        level: null,
        code: below(node.code, codes),
        language: node.language,
        children,
        open:
          children.length > 0 &&
          (children.some(({ chosen: here, open }) => here || open) || list.length === 1),
      };
    });
  };
  return build(null, [], 0);
}

function shownValues(
  byValue: ReadonlyMap<string, TreeNode>,
  childrenOf: ReadonlyMap<string | null, TreeNode[]>,
  chosen: ReadonlySet<string>,
  limit: number,
): Set<string> {
  const shown = new Set<string>();
  for (const value of chosen)
    for (let node = byValue.get(value); node && !shown.has(node.value); node = byValue.get(node.parent ?? ''))
      shown.add(node.value);
  let row: TreeNode[] = childrenOf.get(null) ?? [];
  while (row.length > 0 && shown.size < limit) {
    const room = limit - shown.size;
    const best = row.toSorted((a, b) => b.count - a.count).slice(0, room);
    for (const { value } of best) shown.add(value);
    row = best.flatMap(({ value }) =>
      (childrenOf.get(value) ?? []).filter((child) => !shown.has(child.value)),
    );
  }
  return shown;
}

/**
 * `DS.SCI.3.PS.2` under `DS.SCI.3` is `PS.2`, also where a group with a code of its own kind stands between them.
 * @param above the codes that it stands under, the nearest first
 */
const below = (code: string | null, above: readonly string[]): string | null => {
  const [nearest] = above;
  if (code === null || nearest === undefined || code === nearest) return code;
  const begins = above.find(
    (one) => code.startsWith(one) && (one === nearest || /^[^\p{L}\p{N}]/u.test(code.slice(one.length))),
  );
  return (begins && code.slice(begins.length).replace(/^[^\p{L}\p{N}]+/u, '')) || code;
};
