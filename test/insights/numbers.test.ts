import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { monthBack } from '../../server/insights/numbers-months.ts';
import { numbersTasks } from '../../server/insights/numbers-jobs.ts';
import { refreshNumbers } from '../../server/insights/numbers-refresh.ts';
import { shownPlaces } from '../../server/insights/numbers-small.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
type Row = Record<string, unknown>;
let catalog: Catalog;
let state: Browser;
let north: Browser;
let teacher: Browser;
const people: string[] = [];
const now = deps.clock.now();
const DAY = 86_400_000;
const at = (slug: string) => catalogId('organization', slug);
const rows = async (sql: string): Promise<Row[]> => (await pool.query<Row>(sql)).rows;

/** The same numbers each time, in no order that anybody sees. */
let seed = 7;
const dice = (sides: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % sides;
};
const pick = <T>(list: readonly T[]): T => list[dice(list.length)]!;

/** Things happen to the shelf, at any time between so many days ago. */
async function live(times: number, [least, most]: [number, number]): Promise<void> {
  const ids = catalog.resources.map(({ key }) => catalog.id(key));
  const readers = [at('north'), at('south'), at('state'), '00000000-0000-0000-0000-000000000000'];
  for (let turn = 0; turn < times; turn += 1) {
    const [id, when] = [pick(ids), new Date(now.getTime() - (least + dice(most - least)) * DAY)];
    const place = pick(readers);
    const by = pick(people);
    const [sql, values] = pick<[string, unknown[]]>([
      [
        `INSERT INTO daily_count AS d (resource_id, organization_id, day, opened, taken) VALUES ($1, $2, $3::date, $4, $5)
         ON CONFLICT (resource_id, day, organization_id) DO UPDATE SET opened = d.opened + 1`,
        [id, place, when.toISOString().slice(0, 10), dice(9), dice(4)],
      ],
      [
        `INSERT INTO use_mark (resource_id, person_id, district_id, created_at)
         SELECT $1, p.id, o.district_id, $3 FROM person p JOIN organization o ON o.id = p.organization_id WHERE p.id = $2 ON CONFLICT DO NOTHING`,
        [id, by, when],
      ],
      ['DELETE FROM use_mark WHERE resource_id = $1 AND person_id = $2 AND created_at > $3', [id, by, when]],
      [
        `INSERT INTO resource_check (resource_id, version_id, person_id, for_id, outcome, created_at)
         SELECT id, current_version_id, $2, $3, $4, $5 FROM resource WHERE id = $1 AND current_version_id IS NOT NULL`,
        [id, by, at('state'), pick(['checked', 'returned']), when],
      ],
      [
        'UPDATE resource SET first_published_at = $2 WHERE id = $1 AND first_published_at IS NOT NULL',
        [id, when],
      ],
      [
        'UPDATE resource SET adapted_from_id = $2, adapted_from_version = 1, first_published_at = $3 WHERE id = $1 AND id <> $2::uuid',
        [id, pick(ids), when],
      ],
    ]);
    await pool.query(sql, values);
  }
}

/** A column of text; null: a place without a district. */
const text = (value: unknown): string => (typeof value === 'string' ? value : 'none');

const monthOf = (value: unknown): string => new Date(value as string).toISOString().slice(0, 8) + '01';

/** What the tables say, row by row. */
async function truth(): Promise<{ reuse: string[]; work: string[]; people: string[] }> {
  const [counts, marks, works, subjects, standards, checks, organizations, versions] = await Promise.all([
    rows('SELECT *, day::text AS date FROM daily_count'),
    rows('SELECT * FROM use_mark'),
    rows('SELECT * FROM resource'),
    rows(
      'SELECT r.id, s.subject AS key FROM resource r JOIN version_subject s ON s.version_id = r.current_version_id',
    ),
    rows(`SELECT DISTINCT resource_id AS id, standard_guid AS key FROM alignment WHERE to_version IS NULL
          AND (check_state <> 'returned' OR fit IS NULL OR fit IN ('full', 'part'))`),
    rows('SELECT * FROM resource_check ORDER BY created_at, id'),
    rows('SELECT * FROM organization'),
    rows('SELECT * FROM version'),
  ]);
  const kept = monthBack(now, 23);
  const reuse = new Map<string, number[]>();
  const who = new Map<string, Set<unknown>>();
  /** Of those, whom a shorter period doesn't have. */
  const before = new Map<string, Map<number, Set<unknown>>>();
  const work = new Map<string, { published: number; checked: number; days: number[] }>();
  const keys = (id: unknown): string[] => [
    'all||',
    ...subjects.filter((one) => one['id'] === id).map(({ key }) => `subject|${String(key)}|`),
    ...standards.filter((one) => one['id'] === id).map(({ key }) => `standard|${String(key)}|`),
  ];
  const add = (month: string, id: unknown, place: unknown, amounts: number[]): void => {
    if (month < kept) return;
    for (const key of keys(id))
      for (const where of [text(place), 'state']) {
        const name = `${month}|${key}${where}`;
        const sums = reuse.get(name) ?? [0, 0, 0, 0];
        reuse.set(
          name,
          sums.map((value, index) => value + amounts[index]!),
        );
      }
  };
  for (const one of counts) {
    const district = organizations.find(({ id }) => id === one['organization_id'])?.['district_id'];
    add(monthOf(one['date']), one['resource_id'], district, [
      Number(one['opened']),
      Number(one['taken']),
      0,
      0,
    ]);
  }
  for (const mark of marks) {
    add(monthOf(mark['created_at']), mark['resource_id'], mark['district_id'], [0, 0, 1, 0]);
    for (const period of [3, 12, 24])
      if (monthOf(mark['created_at']) >= monthBack(now, period - 1))
        for (const key of keys(mark['resource_id']))
          for (const where of [text(mark['district_id']), 'state']) {
            const name = `${period}|${key}${where}`;
            who.set(name, (who.get(name) ?? new Set()).add(mark['person_id']));
            for (const shorter of [3, 12].filter((one) => one < period))
              if (monthOf(mark['created_at']) < monthBack(now, shorter - 1)) {
                const groups = before.get(name) ?? new Map<number, Set<unknown>>();
                groups.set(shorter, (groups.get(shorter) ?? new Set()).add(mark['person_id']));
                before.set(name, groups);
              }
          }
  }
  const done = (
    month: string,
    place: unknown,
    change: (of: { published: number; checked: number; days: number[] }) => void,
  ) => {
    if (month < kept) return;
    for (const where of [text(place), 'state']) {
      const name = `${month}|${where}`;
      const entry = work.get(name) ?? { published: 0, checked: 0, days: [] };
      change(entry);
      work.set(name, entry);
    }
  };
  for (const one of works) {
    const out = one['first_published_at'] && ['published', 'withdrawn'].includes(String(one['state']));
    if (!out) continue;
    done(monthOf(one['first_published_at']), one['district_id'], (of) => (of.published += 1));
    if (one['adapted_from_id'])
      add(monthOf(one['first_published_at']), one['adapted_from_id'], one['district_id'], [0, 0, 0, 1]);
  }
  const seen = new Set<unknown>();
  for (const check of checks) {
    const version = versions.find(({ id }) => id === check['version_id'])!;
    const place = works.find(({ id }) => id === check['resource_id'])!['district_id'];
    const days =
      (Number(new Date(check['created_at'] as string)) -
        Number(new Date(version['published_at'] as string))) /
      DAY;
    done(monthOf(check['created_at']), place, (of) => {
      of.checked += check['outcome'] === 'checked' ? 1 : 0;
      if (!seen.has(version['id'])) of.days.push(Math.max(0, days));
    });
    seen.add(version['id']);
  }
  const share = (days: number[], part: number): string => {
    const sorted = days.toSorted((a, b) => a - b);
    const place = (sorted.length - 1) * part;
    const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return days.length === 0 ? '-' : (low + (high - low) * (place % 1)).toFixed(2);
  };
  return {
    reuse: [...reuse].map(([name, amounts]) => `${name} ${amounts.join(' ')}`).toSorted(),
    work: [...work]
      .map(
        ([name, of]) =>
          `${name} ${of.published} ${of.checked} ${of.days.length} ${share(of.days, 0.5)} ${share(of.days, 0.9)}`,
      )
      .toSorted(),
    people: [...who]
      .map(([name, set]) => {
        const apart = [...(before.get(name)?.values() ?? [])].map((group) => group.size);
        return `${name} ${set.size} ${apart.length === 0 ? '-' : Math.min(...apart)}`;
      })
      .toSorted(),
  };
}

/** What the job keeps. */
async function kept(): ReturnType<typeof truth> {
  const days = (value: unknown): string => (value === null ? '-' : Number(value).toFixed(2));
  const [reuse, work, counted] = await Promise.all([
    rows(
      `SELECT concat(month, '|', kind, '|', key, '|', place, ' ', opened, ' ', taken, ' ', used, ' ', adapted) AS line FROM reuse_month`,
    ),
    rows(
      `SELECT concat(month, '|', place, ' ', published, ' ', checked, ' ', timed) AS line, median_days, slow_days FROM work_month`,
    ),
    rows(
      `SELECT concat(months, '|', kind, '|', key, '|', place, ' ', people, ' ', coalesce(apart::text, '-')) AS line FROM reuse_people`,
    ),
  ]);
  return {
    reuse: reuse.map(({ line }) => text(line)).toSorted(),
    work: work
      .map((row) => `${text(row['line'])} ${days(row['median_days'])} ${days(row['slow_days'])}`)
      .toSorted(),
    people: counted.map(({ line }) => text(line)).toSorted(),
  };
}

/** Of this month and the last, and people of all periods. */
const recent = ({ reuse, work, people: counted }: Awaited<ReturnType<typeof truth>>) => ({
  reuse: reuse.filter((line) => line >= monthBack(now, 1)),
  work: work.filter((line) => line >= monthBack(now, 1)),
  counted,
});

const run = (task: string) => numbersTasks[task]!(deps, {}, undefined as never);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'hugo'),
    at('north'),
  ]);
  for (const [index, school] of [
    ...Array<string>(9).fill('north-high'),
    ...Array<string>(3).fill('south-middle'),
  ].entries()) {
    const { rows: made } = await pool.query<{ id: string }>(
      'INSERT INTO person (email, name, organization_id) VALUES ($1, $2, $3) RETURNING id',
      [`reader${index}@test.example`, `Reader Nobody${index}`, at(school)],
    );
    people.push(made[0]!.id);
  }
  [state, north, teacher] = [
    await signedIn(app, database, 'carla@test.example'),
    await signedIn(app, database, 'hugo@test.example'),
    await signedIn(app, database, 'nora@test.example'),
  ];
});

const visit = async (browser: Browser, query = '') =>
  load((await browser.get(`/curate/numbers${query}`).expect(200)).text);

it('says before the first gathering that there is nothing yet, and has it begun', async () => {
  expect((await visit(state))('.empty').text()).toContain('gathered for the first time');
  await visit(state);
  const { rows } = await pool.query(
    `SELECT task_identifier FROM graphile_worker.jobs WHERE key = 'first-numbers'`,
  );
  expect(rows).toEqual([{ task_identifier: 'refresh-numbers' }]);
});

describe('what the job keeps', () => {
  it('is what the tables say, after anything that happened, and the same when gathered twice', async () => {
    await live(400, [0, 700]);
    await refreshNumbers(deps, null);
    const first = await kept();
    expect(first.reuse.length).toBeGreaterThan(200);
    expect(first).toEqual(await truth());
    await refreshNumbers(deps, null);
    expect(await kept()).toEqual(first);
  });

  it('follows each hour what happens now, and each night what happened to older months', async () => {
    await live(60, [0, 1]);
    await run('refresh-numbers');
    expect(recent(await kept())).toEqual(recent(await truth()));
    await live(80, [100, 600]);
    await pool.query(`DELETE FROM alignment WHERE standard_guid = $1`, [catalog.guid('TS.MATH.6.RP.2')]);
    await run('refresh-numbers');
    expect(await kept()).not.toEqual(await truth());
    await pool.query(`UPDATE numbers_refresh SET refreshed_at = refreshed_at - interval '1 day'`);
    await run('refresh-all-numbers');
    expect(await kept()).toEqual(await truth());
  });

  it('goes on where a night was cut short, and forgets what is older than two years', async () => {
    await pool.query(
      `UPDATE numbers_refresh SET refreshed_at = refreshed_at - interval '1 day' WHERE month < $1::date`,
      [monthBack(now, 19)],
    );
    await pool.query(`INSERT INTO numbers_refresh VALUES ('2001-01-01', now())`);
    const midnight = new Date(new Date(now).setUTCHours(0, 0, 0, 0));
    expect(await refreshNumbers(deps, midnight)).toBe(2 + 4);
    expect(await refreshNumbers(deps, midnight)).toBe(2);
    expect(await rows('SELECT month::text FROM numbers_refresh')).toHaveLength(24);
  });
});

describe('small groups', () => {
  const shown = (people: Record<string, number>, seen = true, apart: Record<string, number> = {}) => {
    const uses = Object.entries(people).map(([place, count]) => ({
      place,
      used: count * 2,
      people: count,
      apart: apart[place] ?? null,
    }));
    const total = uses.reduce(
      (sum, one) => ({ ...sum, used: sum.used + one.used, people: sum.people + one.people }),
      { place: 'state', used: 0, people: 0, apart: apart['state'] ?? null },
    );
    return Object.fromEntries(shownPlaces([...uses, total], (place) => seen || place === 'a'));
  };
  it('are not shown, and neither is what would give them away', () => {
    expect(shown({ a: 9, b: 6 })).toEqual({ a: 18, b: 12, state: 30 });
    expect(shown({ a: 9, b: 6, c: 1 })).toEqual({ a: 18, b: 'hidden', c: 'few', state: 32 });
    expect(shown({ a: 9, b: 2, c: 2 })).toEqual({ a: 'hidden', b: 'few', c: 'few', state: 26 });
    expect(shown({ a: 9, b: 3, c: 2 })).toEqual({ a: 18, b: 'few', c: 'few', state: 28 });
    expect(shown({ a: 3, b: 1 })).toEqual({ a: 'few', b: 'few', state: 'few' });
    expect(shown({ a: 3, b: 3 })).toEqual({ a: 'few', b: 'few', state: 12 });
    expect(shown({ a: 9, b: 3 })).toEqual({ a: 'hidden', b: 'few', state: 24 });
    expect(shown({ a: 9, b: 0 })).toEqual({ a: 18, b: 0, state: 18 });
    expect(shown({ a: 9, b: 6 }, false)).toEqual({ a: 18, b: 12, state: 30 });
  });
  it('can’t be had by subtracting the count of a shorter period', () => {
    expect(shown({ a: 9, b: 6 }, true, { a: 6, state: 6 })).toEqual({ a: 18, b: 12, state: 30 });
    expect(shown({ a: 9, b: 8, c: 9 }, true, { a: 2, b: 3, state: 5 })).toEqual({
      a: 'hidden',
      b: 'hidden',
      c: 18,
      state: 52,
    });
    expect(shown({ a: 9, b: 8 }, true, { a: 2, state: 2 })).toEqual({
      a: 'hidden',
      b: 'hidden',
      state: 'hidden',
    });
    expect(shown({ a: 9, b: 9 }, false, { b: 2 })).toEqual({ a: 'hidden', b: 'hidden', state: 'hidden' });
  });
});

const table = (page: ReturnType<typeof load>, of: string): string[] =>
  page(`[aria-labelledby=n-${of}] tbody tr`)
    .map((_, row) =>
      page(row)
        .find('th, td.num')
        .map((__, cell) => page(cell).text().trim().replaceAll(/\s+/g, ' '))
        .get()
        .join(' | '),
    )
    .get();

describe('the page', () => {
  beforeAll(async () => {
    await pool.query('DELETE FROM daily_count');
    await pool.query('DELETE FROM use_mark');
    const [first, second] = [
      catalog.id('water-cycle'),
      catalog.resources.map(({ key }) => catalog.id(key)).find((id) => id !== catalog.id('water-cycle')),
    ];
    await pool.query(
      `INSERT INTO daily_count (resource_id, organization_id, day, opened, taken) VALUES ($1, $2, $4, 40, 9), ($1, $3, $4, 7, 1), ($1, $3, $5, 100, 0)`,
      [first, at('north'), at('south'), now, monthBack(now, 5)],
    );
    // North: seven people on one thing; South: two people who used two things each and a third one, five uses in all.
    for (const [index, person] of people.entries())
      if (index < 7 || index > 9)
        for (const id of index < 7 ? [first] : [first, second])
          await pool.query(
            'INSERT INTO use_mark (resource_id, person_id, district_id, created_at) VALUES ($1, $2, $3, $4)',
            [id, person, at(index < 7 ? 'north' : 'south'), now],
          );
    await refreshNumbers(deps, null);
  });

  it('compares districts for staff of the state, in the chosen months', async () => {
    const page = await visit(state, '?months=3');
    const lines = table(page, 'districts');
    expect(lines.find((line) => line.startsWith('North'))).toMatch(
      /^North Fork Schools \| 40 \| 9 \| not shown \|/,
    );
    expect(lines.find((line) => line.startsWith('South'))).toMatch(
      /^South Bay Unified \| 7 \| 1 \| fewer than 5 \|/,
    );
    expect(lines.at(-1)).toMatch(/^The whole state \| 47 \| 10 \| 11 \|/);
    expect(table(await visit(state, '?months=12'), 'districts').at(-1)).toMatch(/^The whole state \| 147 \|/);
    expect(page('[aria-labelledby=n-districts] svg.thin').first().attr('aria-label')).toMatch(
      /^Opened \d+, taken \d+$/,
    );
    expect(page('time').attr('datetime')).toBeTruthy();
    expect(table(page, 'months')).toHaveLength(3);
    expect(table(page, 'subjects').length).toBeGreaterThan(0);
  });

  it('shows a curator of a district their own, and the state as a whole, and nobody a person’s name', async () => {
    const own = await visit(north);
    const lines = table(own, 'districts');
    expect(lines.map((line) => line.split(' |')[0])).toEqual(['North Fork Schools', 'The whole state']);
    expect(own('main').text()).not.toContain('South Bay');
    expect(
      own('#whose option')
        .map((_, one) => own(one).text())
        .get(),
    ).toEqual(['The whole state', 'North Fork Schools']);
    // Another district's address gives their own.
    expect((await visit(north, '?whose=south'))('#whose [selected]').text()).toBe('North Fork Schools');
    expect((await visit(north, '?whose=state'))('#whose [selected]').text()).toBe('The whole state');
    for (const page of [own, await visit(state), await visit(state, '?months=24&whose=north')])
      expect(page('main').text()).not.toMatch(/Reader Nobody|hugo|nora|sara/i);
    await teacher.get('/curate/numbers').expect(403);
    await teacher.get('/curate/numbers.csv').expect(403);
  });

  it('is a CSV for each table, with the same numbers', async () => {
    const page = await visit(state, '?months=3&whose=north');
    for (const of of ['districts', 'subjects', 'standards', 'months']) {
      const url = page(`[aria-labelledby=n-${of}] a[download]`).attr('href') ?? '';
      const answer = await state.get(url).expect(200);
      expect(answer.headers['content-disposition']).toContain(`numbers-${of}-north.csv`);
      const lines = answer.text.replace('\ufeff', '').trim().split('\r\n').slice(1);
      expect(lines).toHaveLength(table(page, of).length);
      if (of === 'districts' || of === 'subjects')
        expect(lines.map((line) => line.replaceAll(',', ' | '))).toEqual(table(page, of));
    }
    expect((await north.get('/curate/numbers.csv?of=districts&whose=south')).text).not.toContain('South');
  });

  it('takes any address, and says when nothing happened', async () => {
    await state.get('/curate/numbers?months=x&months=%00&whose=%00&of=people').expect(200);
    await pool.query('DELETE FROM daily_count');
    await pool.query('DELETE FROM use_mark');
    await pool.query('UPDATE resource SET adapted_from_id = NULL, adapted_from_version = NULL');
    await refreshNumbers(deps, null);
    expect((await visit(state))('.empty').first().text()).toContain('Nothing was opened');
  });
});

it('leaves out a count of a longer period that tells, less a shorter one’s, of two people', async () => {
  await pool.query('DELETE FROM use_mark');
  for (const [index, person] of people.slice(0, 9).entries())
    await pool.query(
      'INSERT INTO use_mark (resource_id, person_id, district_id, created_at) VALUES ($1, $2, $3, $4)',
      [catalog.id('water-cycle'), person, at('north'), index < 7 ? now : monthBack(now, 5)],
    );
  await refreshNumbers(deps, null);
  const used = async (months: number): Promise<string[]> =>
    table(await visit(state, `?months=${months}`), 'districts').map((line) => line.split(' | ')[3] ?? '');
  expect([...new Set(await used(3))]).toEqual(['7']);
  expect([...new Set(await used(12))]).toEqual(['not shown']);
  const csv = await state.get('/curate/numbers.csv?months=24&of=districts').expect(200);
  expect(csv.text).not.toMatch(/,9,/);
});
