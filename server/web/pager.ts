import type { Pager, PagerSlot } from './page-parts.ts';

/**
 * The pager for page `page` (1-based) of `pages`, or null when there is only one page.
 * `urlOf` gives the address of a page. At most seven slots: first, last, the current one and its neighbors.
 */
export function pager(page: number, pages: number, urlOf: (page: number) => string): Pager | null {
  if (pages <= 1) return null;
  const slot = (number: number): PagerSlot => ({ page: number, url: urlOf(number) });
  return {
    page,
    pages,
    previousUrl: page > 1 ? urlOf(Math.min(page - 1, pages)) : null,
    nextUrl: page < pages ? urlOf(page + 1) : null,
    slots: shownPages(page, pages).map((number) =>
      number === null ? { page: null, url: null } : slot(number),
    ),
  };
}

function shownPages(page: number, pages: number): (number | null)[] {
  if (pages <= 7) return Array.from({ length: pages }, (_, index) => index + 1);
  if (page <= 4) return [1, 2, 3, 4, 5, null, pages];
  if (page >= pages - 3) return [1, null, pages - 4, pages - 3, pages - 2, pages - 1, pages];
  return [1, null, page - 1, page, page + 1, null, pages];
}
