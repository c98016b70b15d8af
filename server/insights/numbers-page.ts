import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { smallestGroup } from '../resources/small-groups.ts';
import { standardTab } from '../standards/standard-row.ts';
import { monthsOf, PERIODS, type Period } from './numbers-months.ts';
import type { NumbersFacts, ReuseRow } from './numbers-queries.ts';
import { numbersUrl, WHOLE_STATE, type NumbersTable } from './numbers-schema.ts';
import { shownPlaces, type ShownUses } from './numbers-small.ts';
import type { NumbersMonth, NumbersPage, NumbersRow, ShownReuse } from './numbers-view.ts';

/** What the page and its tables are made of. */
export interface NumbersInput {
  facts: NumbersFacts;
  now: Date;
  months: Period;
  /** Whose subjects, standards and months; null: of the whole state. */
  district: { id: string; slug: string; name: string } | null;
  /** The districts that the viewer looks after. */
  districts: readonly { id: string; slug: string; name: string }[];
  /** Sees every district. */
  all: boolean;
}

/** The props of `curate/numbers`. */
export function numbersPage(t: Translate, fmt: Format, input: NumbersInput): NumbersPage {
  const { facts, months, district, districts } = input;
  const slug = district?.slug ?? WHOLE_STATE;
  const work = workRows(fmt, input);
  const sum = (of: 'published' | 'checked'): number => work.reduce((all, row) => all + row[of], 0);
  const { own, total } = places(t, input);
  const tally = own.find(({ place }) => place === district?.id)?.row ?? (district ? undefined : total);
  const table = (of: 'districts' | 'subjects' | 'standards', rows: NumbersRow[], more = 0) => ({
    of,
    rows,
    more,
    csvUrl: numbersUrl(months, slug, of),
  });
  return {
    refreshed: facts.refreshedAt === null ? null : new Date(facts.refreshedAt),
    periods: PERIODS.map((period) => ({
      label: t('numbers.period', { count: period }),
      url: numbersUrl(period, slug),
      current: period === months,
    })),
    months,
    whose: [{ slug: WHOLE_STATE, name: t('numbers.state') }, ...districts].map((one) => ({
      value: one.slug,
      label: one.name,
      chosen: one.slug === slug,
    })),
    place: district?.name ?? t('numbers.state'),
    tally: {
      ...(tally ?? { opened: 0, taken: 0, used: 0, adapted: 0 }),
      published: sum('published'),
      checked: sum('checked'),
    },
    tables: [
      table('districts', reuseRows(t, input, 'districts')),
      table('subjects', reuseRows(t, input, 'subjects')),
      table('standards', reuseRows(t, input, 'standards'), facts.standardCount - facts.standards.length),
    ],
    work,
    workCsvUrl: numbersUrl(months, slug, 'months'),
  };
}

/** A table as lines of CSV, the head first. */
export function numbersTable(t: Translate, fmt: Format, input: NumbersInput, of: NumbersTable): string[][] {
  const text = (value: number | null): string => (value === null ? '' : String(value));
  if (of === 'months')
    return [
      [
        t('numbers.col.month'),
        t('numbers.col.published'),
        t('numbers.col.checked'),
        t('numbers.csv.median'),
        t('numbers.csv.slow'),
      ],
      ...workRows(fmt, input).map((row) => [
        row.label,
        ...[row.published, row.checked, row.median, row.slow].map(text),
      ]),
    ];
  const standards = of === 'standards';
  return [
    [
      ...(standards ? [t('numbers.col.code')] : []),
      t(`numbers.col.${of}`),
      ...(['opened', 'taken', 'used', 'adapted'] as const).map((name) => t(`numbers.col.${name}`)),
    ],
    ...reuseRows(t, input, of).map((row) => [
      ...(standards ? [row.tab?.code ?? ''] : []),
      row.label,
      ...[row.opened, row.taken].map(text),
      usesText(t, row.used),
      text(row.adapted),
    ]),
  ];
}

const usesText = (t: Translate, used: ShownUses): string =>
  typeof used === 'number' ? String(used) : t(`numbers.${used}`);

function reuseRows(
  t: Translate,
  input: NumbersInput,
  of: 'districts' | 'subjects' | 'standards',
): NumbersRow[] {
  if (of === 'districts') {
    const { own, total } = places(t, input);
    return total ? [...own.map(({ row }) => row), total] : [];
  }
  if (of === 'subjects') return input.facts.subjects.map((row) => keyed(input, row, row.name));
  return input.facts.standards.map((row) => {
    const tab = standardTab(row.standard);
    return { ...keyed(input, row, tab.statement), tab, language: row.standard.language };
  });
}

const shown = (row: Omit<ShownReuse, 'used'>, label: string, used: ShownUses): NumbersRow => ({
  label,
  tab: null,
  language: null,
  total: false,
  opened: row.opened,
  taken: row.taken,
  used,
  adapted: row.adapted,
});

const seenBy =
  ({ districts, all }: NumbersInput) =>
  (place: string): boolean =>
    all || districts.some(({ id }) => id === place);

/** A subject or a standard at the chosen place. */
const keyed = (input: NumbersInput, row: ReuseRow, label: string): NumbersRow =>
  shown(row, label, shownPlaces(row.uses, seenBy(input)).get(input.district?.id ?? 'state') ?? 0);

/** The districts that the viewer may compare, and the state's total. */
function places(t: Translate, input: NumbersInput) {
  const uses = shownPlaces(input.facts.places, seenBy(input));
  const rows = input.facts.places
    .filter(({ place }) => place === 'state' || seenBy(input)(place))
    .map((row) => ({
      place: row.place,
      row: {
        ...shown(
          row,
          row.name ?? t(row.place === 'state' ? 'numbers.state' : 'numbers.none'),
          uses.get(row.place) ?? 0,
        ),
        total: row.place === 'state',
      },
    }));
  const total = rows.find(({ place }) => place === 'state')?.row;
  return { own: rows.filter(({ place }) => place !== 'state'), total };
}

function workRows(fmt: Format, { facts, now, months }: NumbersInput): NumbersMonth[] {
  const found = new Map(facts.work.map((row) => [row.month, row]));
  return monthsOf(now, months).map((month) => {
    const row = found.get(month);
    const days = (value: number | null | undefined): number | null =>
      row && row.timed >= smallestGroup && typeof value === 'number' ? Math.round(value * 10) / 10 : null;
    return {
      label: fmt.month(new Date(`${month}T00:00:00Z`)),
      published: row?.published ?? 0,
      checked: row?.checked ?? 0,
      median: days(row?.median),
      slow: days(row?.slow),
    };
  });
}
