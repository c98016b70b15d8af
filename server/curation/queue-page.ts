import type { Pool } from 'pg';
import { GRADES } from '../lib/grade.ts';
import { schoolDaysBefore, schoolDaysBetween } from '../lib/school-days.ts';
import { hasRole, type Viewer } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { Option } from '../web/page-parts.ts';
import { pager } from '../web/pager.ts';
import { CHECKERS, maySetChecks, queueScope } from './check-policy.ts';
import { checkSettings } from './check-settings-queries.ts';
import type { QueueItem, QueuePage } from './check-view.ts';
import { queuePageFacts, type QueueRow } from './queue-queries.ts';
import { queueAddress, SHOWS, SORTS, WHYS, type QueueFilters } from './queue-schema.ts';

const PER_PAGE = 25;

type Choices = {
  subjects: { value: string; label: string }[];
  levels: LevelSign[];
  districts: { value: string; label: string }[];
  frameworks: { value: string; label: string }[];
};

/** The queue as somebody sees it through the filters of its address. */
export async function queuePage(
  { pool, now }: { pool: Pool; now: Date },
  viewer: Viewer,
  filters: QueueFilters,
  { t, language }: { t: Translate; language: string },
): Promise<QueuePage> {
  const [settings, choices] = await Promise.all([checkSettings(pool), queueChoices(pool, viewer)]);
  const promised = schoolDaysBefore(now, settings.promiseDays);
  const facts = await queuePageFacts(pool, { viewer, filters, now, promised, size: PER_PAGE });
  const back = queueAddress(filters);
  const elsewhere = facts.total === 0 ? facts.fitting : 0;
  const fmt = formats(language, t);
  const option = <Name extends keyof QueueFilters>(
    name: Name,
    value: QueueFilters[Name],
    label: string,
  ): Option => ({
    value: String(value),
    label,
    chosen: filters[name] === value,
  });
  const any = (name: 'why' | 'subject' | 'grade' | 'district' | 'framework') =>
    option(name, '', t('curate.filter.any'));
  const checks = hasRole(viewer, ...CHECKERS);
  return {
    counts: { all: facts.counts.all, late: facts.counts.late },
    oldestDays: facts.counts.oldest === null ? null : schoolDaysBetween(new Date(facts.counts.oldest), now),
    promiseDays: settings.promiseDays,
    settingsUrl: maySetChecks(viewer) ? '/curate/settings' : null,
    filters: {
      shows: SHOWS.map((show) =>
        option('show', show, t(`curate.show.${show}`, { count: facts.counts[show] })),
      ),
      whys: [
        any('why'),
        ...WHYS.filter((why) => facts.offered.includes(why) || filters.why === why).map((why) =>
          option(
            'why',
            why,
            t('curate.filter.counted', { what: t(`curate.why.${why}`), count: facts.whys[why] ?? 0 }),
          ),
        ),
      ],
      subjects: [
        any('subject'),
        ...choices.subjects.map(({ value, label }) => option('subject', value, label)),
      ],
      grades: [any('grade'), ...GRADES.map((grade) => option('grade', grade, fmt.grade(grade)))],
      districts:
        choices.districts.length > 1
          ? [
              any('district'),
              ...choices.districts.map(({ value, label }) => option('district', value, label)),
            ]
          : [],
      frameworks: [
        any('framework'),
        ...choices.frameworks.map(({ value, label }) => option('framework', value, label)),
      ],
      sorts: SORTS.map((sort) => option('sort', sort, t(`curate.sort.${sort}`))),
    },
    filtered: queueAddress(filters, { page: 1, sort: 'oldest', show: 'open' }) !== '',
    total: facts.total,
    items: facts.rows.map((row) =>
      queueItem(row, { viewer, now, promised, back, levels: choices.levels, checks }),
    ),
    pager: pager(
      filters.page,
      Math.ceil(facts.total / PER_PAGE),
      (page) => `/curate${queueAddress(filters, { page })}`,
    ),
    allUrl:
      elsewhere > 0
        ? `/curate${queueAddress(filters, { show: 'all', page: 1 })}`
        : facts.counts.all > 0
          ? '/curate?show=all'
          : null,
    elsewhere,
    back,
    startUrl: checks && facts.counts.open > 0 ? '/curate/next' : null,
  };
}

async function queueChoices(pool: Pool, viewer: Viewer): Promise<Choices> {
  const { rows } = await pool.query<Choices>(
    `SELECT coalesce((SELECT json_agg(json_build_object('value', slug, 'label', name) ORDER BY name) FROM organization
                      WHERE kind = 'district' AND closed_at IS NULL AND ($1::uuid[] IS NULL OR id = ANY ($1))), '[]') AS districts,
       coalesce((SELECT json_agg(json_build_object('value', slug, 'label', name) ORDER BY position, name) FROM subject), '[]') AS subjects,
       coalesce((SELECT json_agg(json_build_object('slug', l.slug, 'label', l.name, 'position', l.position,
         'of', (SELECT count(*) FROM competency_level x WHERE x.scale_id = l.scale_id))) FROM competency_level l), '[]') AS levels,
       coalesce((SELECT json_agg(json_build_object('value', slug, 'label', title) ORDER BY position, title) FROM framework WHERE visible), '[]') AS frameworks`,
    [queueScope(viewer)],
  );
  return rows[0]!;
}

function queueItem(
  row: QueueRow,
  {
    viewer,
    now,
    promised,
    back,
    levels,
    checks,
  }: { viewer: Viewer; now: Date; promised: Date; back: string; levels: LevelSign[]; checks: boolean },
): QueueItem {
  const since = new Date(row.since);
  const name = row.held ?? row.assigned;
  const barred = !checks
    ? null
    : row.own
      ? 'own'
      : row.check_state === 'disputed' && !hasRole(viewer, 'lead')
        ? 'lead'
        : null;
  const free = barred === null && (row.held_id === null || row.held_id === viewer.id);
  return {
    id: row.id,
    url: `/curate/checks/${row.id}${back}`,
    title: row.title,
    language: row.language,
    author: row.author ?? '',
    organization: row.organization,
    submitted: row.state === 'submitted',
    standards: row.standards.map(({ level, ...tab }) => ({
      tab: { ...tab, url: `/standards/${tab.guid}`, retired: false },
      level: levels.find(({ slug }) => slug === level) ?? null,
    })),
    moreStandards: Math.max(0, row.standard_count - row.standards.length),
    whys: WHYS.filter((why) => row.whys.includes(why)),
    since,
    days: schoolDaysBetween(since, now),
    late: since < promised,
    with: name === null ? null : { name, me: row.mine, open: row.held !== null },
    worst: row.worst,
    barred,
    takeUrl: checks && free ? `/curate/checks/${row.id}/take` : null,
    backUrl: row.mine && name !== null ? `/curate/checks/${row.id}/back` : null,
  };
}
