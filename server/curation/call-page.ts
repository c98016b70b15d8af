import type { Viewer } from '../lib/viewer.ts';
import { GRADES } from '../lib/grade.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import { standardTab } from '../standards/standard-row.ts';
import type { Level } from '../vocabularies/vocabulary-queries.ts';
import { pager } from '../web/pager.ts';
import { mayCall } from './call-policy.ts';
import type { CallRow } from './call-queries.ts';
import { CALL_MOVES, OUT } from './call-states.ts';
import type { CallItem, CallPage, CallsPage } from './call-view.ts';

/** Calls of one page. */
export const CALLS_A_PAGE = 30;

/** A call in a list. */
export function callItem(row: CallRow, levels: readonly Level[]): CallItem {
  const level = levels.find(({ slug }) => slug === row.level) ?? null;
  return {
    url: `/calls/${row.id}`,
    tab: standardTab(row.standard),
    language: row.standard.language ?? 'en',
    level: level && { slug: level.slug, label: level.label, position: level.position, of: level.of },
    descriptor: row.descriptor,
    words: row.words,
    by: row.organization,
    state: row.state,
    closesOn: row.closesOn === null ? null : new Date(`${row.closesOn}T12:00:00Z`),
    madeAt: new Date(row.madeAt),
    answers: row.answers.filter(({ refused }) => !refused).length,
    shareUrl: OUT.includes(row.state) ? shareUrl(row) : null,
  };
}

function shareUrl({ id, standard, level }: CallRow): string {
  const query = new URLSearchParams({
    standard: standard.guid,
    ...(level === null ? {} : { level }),
    call: id,
  });
  return `/resources/new?${query.toString()}`;
}

/** The props of `calls/index`. */
export function callsPage(
  t: Translate,
  fmt: Format,
  input: {
    found: { total: number; calls: readonly CallRow[] };
    levels: readonly Level[];
    which: CallsPage['which'];
    grade: string | null;
    page: number;
    curator: boolean;
  },
): CallsPage {
  const { found, which, grade, page } = input;
  const url = (choice: { which?: string; page?: number }): string => {
    const query = new URLSearchParams({
      ...((choice.which ?? which) === 'over' ? { show: 'over' } : {}),
      ...(grade === null ? {} : { grade }),
      ...(choice.page === undefined || choice.page === 1 ? {} : { page: String(choice.page) }),
    });
    return query.size > 0 ? `/calls?${query.toString()}` : '/calls';
  };
  return {
    calls: found.calls.map((row) => callItem(row, input.levels)),
    total: found.total,
    which,
    tabs: (['out', 'over'] as const).map((one) => ({
      label: t(`call.tab.${one}`),
      url: url({ which: one }),
      current: one === which,
    })),
    grades: [
      { value: '', label: t('coverage.allGrades'), chosen: grade === null },
      ...GRADES.map((one) => ({ value: one, label: fmt.grade(one), chosen: one === grade })),
    ],
    pager: pager(page, Math.ceil(found.total / CALLS_A_PAGE), (number) => url({ page: number })),
    coverageUrl: input.curator ? '/curate/coverage' : null,
  };
}

/** The props of `calls/show`. */
export function callPage(
  viewer: Viewer,
  row: CallRow,
  input: {
    levels: readonly Level[];
    cards: ReadonlyMap<string, ResourceCard>;
    there: CallPage['there'];
  },
): CallPage {
  const staff = mayCall(viewer, row);
  const out = OUT.includes(row.state);
  const level = input.levels.find(({ slug }) => slug === row.level) ?? null;
  return {
    call: callItem(row, input.levels),
    framework: { label: row.standard.framework.title, url: `/standards/${row.standard.framework.slug}` },
    note: row.note,
    endedAt: out ? null : new Date(row.movedAt),
    answers: row.answers.flatMap((answer) => {
      const card = input.cards.get(answer.resourceId);
      return card && (!answer.refused || staff)
        ? [
            {
              item: shelfItem(card, { level: level && { ...level } }),
              by: answer.person,
              on: new Date(answer.at),
              refused: answer.refused,
              refuseUrl:
                staff && !answer.refused && row.state === 'answered'
                  ? `/calls/${row.id}/answers/${answer.resourceId}/refuse`
                  : null,
            },
          ]
        : [];
    }),
    there: input.there,
    staff: staff
      ? {
          revision: row.revision,
          moveUrl: `/calls/${row.id}/move`,
          moves: (['accept', 'close', 'reopen'] as const).filter((move) =>
            (CALL_MOVES[move].from as readonly string[]).includes(row.state),
          ),
          changeUrl: out ? `/curate/calls/${row.id}` : null,
        }
      : null,
  };
}
