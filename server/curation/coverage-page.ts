import type { Translate } from '../locale/locale.ts';
import type { Format } from '../locale/format.ts';
import { compareGrades, isGrade } from '../lib/grade.ts';
import type { FrameworkRow, FrameworkTree } from '../standards/standard-queries.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import { pager } from '../web/pager.ts';
import { callOf, coverageRow, type CoverageFacts } from './coverage-cells.ts';
import { AXES, coverageUrl, type CoverageChoice } from './coverage-schema.ts';
import type { CoveragePage, CoverageRow } from './coverage-view.ts';

/** Rows of one page. */
const ROWS = 120;
/** How many stand in the lists beside the table. */
const LISTED = 12;

/** What the page is made of, beside the table's own facts. */
export interface CoverageInput {
  choice: CoverageChoice;
  tree: FrameworkTree;
  frameworks: readonly FrameworkRow[];
  districts: readonly { slug: string; name: string }[];
  levels: readonly LevelSign[];
  facts: CoverageFacts;
}

/** The props of `curate/coverage`. */
export function coveragePage(t: Translate, fmt: Format, input: CoverageInput): CoveragePage {
  const { choice, tree, facts, districts } = input;
  const rows = facts.items.map((item) => coverageRow(facts, choice, item));
  const cells = rows.filter(({ kind }) => kind === 'standard').flatMap((row) => row.cells);
  const having = (fill: string): number => cells.filter((cell) => cell.fill === fill).length;
  const pages = Math.max(1, Math.ceil(rows.length / ROWS));
  const page = Math.min(choice.page, pages);
  return {
    framework: { label: tree.framework.title, url: `/standards/${tree.framework.slug}` },
    ...options(t, fmt, input),
    axis: choice.across,
    checked: choice.checked,
    enough: choice.enough,
    district: districts.find(({ slug }) => slug === choice.district)?.name ?? null,
    tally: { rungs: cells.length, enough: having('enough'), thin: having('thin'), gaps: having('gap') },
    columns: facts.columns.map(({ label, level, language }) => ({ label, level, language })),
    rows: rows.slice((page - 1) * ROWS, page * ROWS),
    total: rows.length,
    csvUrl: coverageUrl({ ...choice, page: 1 }, '/curate/coverage.csv'),
    pager: pager(page, pages, (number) => coverageUrl({ ...choice, page: number })),
    wanted: wanted(input, rows),
    elsewhere: elsewhere(choice, facts, rows),
    asksUrl: '/curate/search#asks',
  };
}

function options(
  t: Translate,
  fmt: Format,
  { choice, tree, frameworks, districts }: CoverageInput,
): Pick<CoveragePage, 'frameworks' | 'grades' | 'strands' | 'axes' | 'districts'> {
  const option = (value: string, label: string, chosen: string) => ({
    value,
    label,
    chosen: value === chosen,
  });
  return {
    frameworks: frameworks.map(({ slug, title, language }) => ({
      ...option(slug, title, tree.framework.slug),
      ...(language === null ? {} : { language }),
    })),
    grades: [
      option('', t('coverage.allGrades'), choice.grade ?? ''),
      ...tree.grades
        .flatMap(({ grade }) => (isGrade(grade) ? [grade] : []))
        .toSorted(compareGrades)
        .map((grade) => option(grade, fmt.grade(grade), choice.grade ?? '')),
    ],
    strands: [
      option('', t('coverage.allStrands'), choice.strand ?? ''),
      ...tree.domains.map(({ guid, label }) => ({
        ...option(guid, label.length > 70 ? `${label.slice(0, 68)}…` : label, choice.strand ?? ''),
        ...(tree.framework.language === null ? {} : { language: tree.framework.language }),
      })),
    ],
    axes: AXES.map((axis) => option(axis, t(`coverage.axis.${axis}`), choice.across)),
    districts:
      districts.length === 0
        ? []
        : [
            option('', t('coverage.wholeState'), choice.district),
            ...districts.map(({ slug, name }) => option(slug, name, choice.district)),
          ],
  };
}

/** What was looked for in vain at the standards of the table, where there is still too little; most first. */
function wanted(
  { choice, levels, facts }: CoverageInput,
  rows: readonly CoverageRow[],
): CoveragePage['wanted'] {
  const rowOf = new Map(rows.map((row) => [row.tab.guid, row]));
  return [...facts.demand.values()]
    .flatMap(({ guid, level, searches, asks }) => {
      const row = rowOf.get(guid);
      if (!row) return [];
      const place = facts.columns.findIndex(({ value }) => value === level);
      const cell = choice.across === 'level' && place !== -1 ? row.cells[place] : row.all;
      if (!cell || (cell.fill === 'enough' && asks === 0)) return [];
      const sign = levels.find(({ slug }) => slug === level) ?? null;
      return [
        {
          tab: row.tab,
          level: sign,
          searches,
          asks,
          count: cell.count,
          url: cell.url,
          call: row.kind === 'standard' ? callOf(facts, guid, level) : null,
        },
      ];
    })
    .toSorted((a, b) => b.searches + 3 * b.asks - (a.searches + 3 * a.asks))
    .slice(0, LISTED);
}

/** What is lacking here and is there in other districts. */
function elsewhere(
  choice: CoverageChoice,
  facts: CoverageFacts,
  rows: readonly CoverageRow[],
): CoveragePage['elsewhere'] {
  const standards = rows.filter(({ kind }) => kind === 'standard');
  const lacking = standards.flatMap((row) =>
    row.cells.flatMap((cell, place) => {
      const column = facts.columns[place];
      if (!column) return [];
      const { label, level, language } = column;
      const others = row.cells.filter((other) => other !== cell);
      const most = others.toSorted((a, b) => b.count - a.count)[0];
      const found =
        choice.across === 'district' && choice.district === ''
          ? cell.count === 0 && most && most.count >= choice.enough && most
          : cell.elsewhere && cell.elsewhere.count >= choice.enough && cell.elsewhere;
      return found
        ? [{ tab: row.tab, column: { label, level, language }, count: found.count, url: found.url }]
        : [];
    }),
  );
  return lacking.toSorted((a, b) => b.count - a.count).slice(0, LISTED);
}

/** The lines of the table as CSV, the first one its headings. */
export function coverageTable(
  t: Translate,
  { choice, facts }: Pick<CoverageInput, 'choice' | 'facts'>,
): string[][] {
  const heads = [...facts.columns.map(({ label }) => label), t('coverage.all')];
  const lines = facts.items.map((item) => {
    const row = coverageRow(facts, choice, item);
    const cells = [...row.cells, row.all];
    return [
      item.code ?? '',
      item.statement,
      item.grades.join('|'),
      row.kind,
      ...cells.map(({ count }) => String(count)),
      ...(facts.checked ? cells.map(({ checked }) => String(checked ?? 0)) : []),
      String(cells.reduce((sum, cell) => sum + cell.wanted, 0)),
      item.guid,
    ];
  });
  return [
    [
      t('coverage.csv.code'),
      t('coverage.csv.statement'),
      t('coverage.csv.grades'),
      t('coverage.csv.kind'),
      ...heads,
      ...(facts.checked ? heads.map((head) => t('coverage.csv.checked', { column: head })) : []),
      t('coverage.csv.wanted'),
      'GUID',
    ],
    ...lines,
  ];
}
