import type { Sort } from '../../search-view.ts';
import { AT, type Entries } from './postgres-entries.ts';

/** Orders that entries know by themselves; by title, PostgreSQL knows. */
export type KnownSort = Exclude<Sort, 'title'>;

/** More uses than this make no difference. */
const MOST_USED = 2 ** 17 - 1;
const SECONDS = 2 ** 32;

/** What stands first has the greatest key; each is a whole number that a double holds exactly. */
const keys: Record<KnownSort, (values: Int32Array, place: number) => number> = {
  best: (values, place) => values[place + AT.quality]! * SECONDS + values[place + AT.published]!,
  newest: (values, place) => values[place + AT.published]!,
  used: (values, place) =>
    (Math.min(values[place + AT.used]!, MOST_USED) * 2 + values[place + AT.checked]!) * SECONDS +
    values[place + AT.published]!,
  shortest: (values, place) => {
    const minutes = values[place + AT.minutes]!;
    const shortness = minutes < 0 ? 0 : SECONDS / 2 - minutes;
    return (
      (shortness * 2 + values[place + AT.checked]!) * (MOST_USED + 1) +
      Math.min(values[place + AT.used]!, MOST_USED)
    );
  },
};

/** The first `count` of some loaded entries in an order, those in `before` first of all. */
export function firstOf(
  entries: Entries,
  numbers: Int32Array,
  order: { sort: KnownSort; count: number; before?: ReadonlySet<number> },
): number[] {
  const { sort, count, before } = order;
  if (!before || before.size === 0) return firstByKey(entries, numbers, sort, count);
  const first = firstByKey(
    entries,
    numbers.filter((number) => before.has(number)),
    sort,
    count,
  );
  if (first.length === count) return first;
  const rest = numbers.filter((number) => !before.has(number));
  return [...first, ...firstByKey(entries, rest, sort, count - first.length)];
}

function firstByKey(entries: Entries, numbers: Int32Array, sort: KnownSort, count: number): number[] {
  const { values } = entries;
  const keyOf = keys[sort];
  const places = entries.placesOf(numbers);
  let kept: { number: number; key: number; place: number }[] = [];
  const cut = (): void => {
    kept.sort(
      (a, b) =>
        b.key - a.key ||
        unsigned(values, a.place + AT.idStart) - unsigned(values, b.place + AT.idStart) ||
        unsigned(values, a.place + AT.idNext) - unsigned(values, b.place + AT.idNext),
    );
    kept = kept.slice(0, count);
  };
  let least = -1;
  for (let index = 0; index < places.length; index += 1) {
    const key = keyOf(values, places[index]!);
    if (key < least) continue;
    kept.push({ number: numbers[index]!, key, place: places[index]! });
    if (kept.length < count * 2 + 100) continue;
    cut();
    least = kept.at(-1)?.key ?? -1;
  }
  cut();
  return kept.map(({ number }) => number);
}

const unsigned = (values: Int32Array, at: number): number => values[at]! >>> 0;
