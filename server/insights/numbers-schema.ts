import { z } from 'zod';
import { PERIODS, type Period } from './numbers-months.ts';

/** The tables of the page, as the CSV names them. */
export const TABLES = ['districts', 'subjects', 'standards', 'months'] as const;
export type NumbersTable = (typeof TABLES)[number];

/** Stands in an address for the whole state. */
export const WHOLE_STATE = 'state';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0]?.trim().slice(0, 200) ?? '');

/** Never throws: what can't be read is as if it weren't there. */
export const numbersQuery = z.object({
  months: one.transform((text): Period => PERIODS.find((period) => String(period) === text) ?? 12),
  whose: one,
  of: one.pipe(z.enum(TABLES).catch('districts')),
});

/** The address of a choice, `whose` as in the query. */
export function numbersUrl(months: number, whose: string, of?: NumbersTable): string {
  const query = new URLSearchParams({ months: String(months), whose, ...(of ? { of } : {}) });
  return `/curate/numbers${of ? '.csv' : ''}?${query.toString()}`;
}
