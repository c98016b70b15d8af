import type { Response } from 'express';
import { districtsLookedAfter } from '../accounts/looked-after-queries.ts';
import type { Deps } from '../deps.ts';
import { csvLine } from '../lib/csv-text.ts';
import { isStateStaff } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import { contextOf, page } from '../web/page.ts';
import { parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { gatherFirstNumbers } from './numbers-jobs.ts';
import { monthBack, type Period } from './numbers-months.ts';
import { numbersPage, numbersTable, type NumbersInput } from './numbers-page.ts';
import { numbersFacts } from './numbers-queries.ts';
import { numbersQuery, WHOLE_STATE } from './numbers-schema.ts';
import { SEARCH_STAFF } from './search-insights-service.ts';

/** Standards on the page; the CSV has all. */
const LISTED = 25;
const MOST = 50_000;

/** `/curate/numbers`: reuse, new and checked. A district's staff see their own district, and the state as a whole. */
export function numbersRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/curate/numbers', staff(...SEARCH_STAFF), async (req, res) => {
    const { t, language } = contextOf(res);
    const input = await read(res, parseQuery(numbersQuery, req.query), LISTED);
    if (input.facts.refreshedAt === null) await gatherFirstNumbers(deps.pool);
    page(res, 'curate/numbers', numbersPage(t, formats(language, t), input), {
      title: t('numbers.title'),
      robots: 'none',
    });
  });

  routes.get('/curate/numbers.csv', staff(...SEARCH_STAFF), async (req, res) => {
    const { t, language } = contextOf(res);
    const asked = parseQuery(numbersQuery, req.query);
    const input = await read(res, asked, MOST);
    const lines = numbersTable(t, formats(language, t), input, asked.of);
    res.attachment(`numbers-${asked.of}-${input.district?.slug ?? WHOLE_STATE}.csv`);
    res.type('text/csv').send(`\ufeff${lines.map(csvLine).join('')}`);
  });

  async function read(
    res: Response,
    { months, whose }: { months: Period; whose: string },
    most: number,
  ): Promise<NumbersInput> {
    const viewer = viewerOf(res);
    const all = isStateStaff(viewer, ...SEARCH_STAFF);
    const districts = await districtsLookedAfter(deps.pool, viewer, SEARCH_STAFF);
    // A district's staff begin with their own.
    const usual = all || whose === WHOLE_STATE ? null : (districts[0] ?? null);
    const district = districts.find(({ slug }) => slug === whose) ?? usual;
    const now = deps.clock.now();
    const facts = await numbersFacts(deps.pool, {
      months,
      from: monthBack(now, months - 1),
      place: district?.id ?? 'state',
      most,
    });
    return { facts, now, months, district, districts, all };
  }

  return routes.router;
}
