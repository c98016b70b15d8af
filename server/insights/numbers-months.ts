/** The periods that the page of numbers offers, in months with the present one. */
export const PERIODS = [3, 12, 24] as const;
export type Period = (typeof PERIODS)[number];

/** So many months are kept. */
export const KEPT = 24;

/** The first day of the month that is so many back, in UTC: "2026-09-01". */
export function monthBack(now: Date, back: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 10);
}

/** The months of a period, the present one last. */
export const monthsOf = (now: Date, period: number): string[] =>
  Array.from({ length: period }, (_, index) => monthBack(now, period - 1 - index));
