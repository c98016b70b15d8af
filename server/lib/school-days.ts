const DAY = 24 * 3600 * 1000;

const weekday = (time: number): boolean => ![0, 6].includes(new Date(time).getUTCDay());

/**
 * Whole school days between two moments: Mondays to Fridays (UTC) that began after `from`. The state's holidays aren't
 * known here, so a promise may seem broken a day early and never a day late.
 */
export function schoolDaysBetween(from: Date, to: Date): number {
  const first = Math.floor(from.getTime() / DAY) + 1;
  const last = Math.floor(to.getTime() / DAY);
  const days = Math.max(0, last - first + 1);
  const weeks = Math.floor(days / 7);
  let left = weeks * 5;
  for (let day = first + weeks * 7; day <= last; day += 1) if (weekday(day * DAY)) left += 1;
  return left;
}

/** The beginning of the day that lies so many school days before `now`: what has waited from earlier than this is late. */
export function schoolDaysBefore(now: Date, days: number): Date {
  let day = Math.floor(now.getTime() / DAY);
  for (let left = days; left > 0; day -= 1) if (weekday(day * DAY)) left -= 1;
  while (!weekday(day * DAY)) day -= 1;
  return new Date(day * DAY);
}
