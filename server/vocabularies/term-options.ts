import type { Option } from '../web/page-parts.ts';

/** The values of a flat list to choose from. @param chosen the slug of the chosen one; empty: none */
export const termOptions = (lines: readonly { slug: string; name: string }[], chosen: string): Option[] =>
  lines.map(({ slug, name }) => ({ value: slug, label: name, chosen: slug === chosen }));
