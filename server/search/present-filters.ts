import { presentValues, type FormerTerms } from '../vocabularies/vocabulary-queries.ts';
import type { SearchFilters } from './search-port.ts';

const KINDS = ['topic', 'subject', 'type', 'setting'] as const;

/** Filters whose values were renamed or merged since, with the values that they mean now. */
export function presentFilters(filters: SearchFilters, former: FormerTerms): SearchFilters {
  const present = KINDS.map((kind) => [kind, presentValues(filters[kind], former[kind])] as const);
  return { ...filters, ...Object.fromEntries(present) };
}

/** Whether a filter may hold a value that is called otherwise now. */
export const mayBeFormer = (filters: SearchFilters): boolean =>
  KINDS.some((kind) => filters[kind].length > 0);
