import type { Option } from '../web/page-parts.ts';
import type { Term } from './vocabulary-view.ts';

/** The values of a flat list to choose from. @param chosen the slug of the chosen one; empty: none */
export const termOptions = (terms: readonly Term[], chosen: string): Option[] =>
  terms.map(({ slug, label }) => ({ value: slug, label, chosen: slug === chosen }));
