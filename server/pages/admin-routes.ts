import type { Deps } from '../deps.ts';
import { scannerAnswers } from '../files/clamd.ts';
import { diskRoom } from '../files/disk-room.ts';
import { formats } from '../locale/format.ts';
import { searchHealth } from '../search/index-queue.ts';
import { needsStarterLists } from '../vocabularies/starter-lists.ts';
import { contextOf, page } from '../web/page.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { adminFacts } from './admin-queries.ts';
import { adminHealth, setupSteps } from './admin-view.ts';

/** The overview for administrators of the state: how much there is, and how it runs. */
export function adminRoutes(deps: Pick<Deps, 'pool' | 'files' | 'search' | 'config'>) {
  const routes = createRoutes();
  const { pool, config } = deps;

  routes.get('/admin', stateStaff('admin'), async (_req, res) => {
    const { t, language } = contextOf(res);
    const [facts, search, behind, room, answers, listsEmpty] = await Promise.all([
      adminFacts(pool),
      searchHealth(pool, deps.search.all),
      deps.search.lag.look(),
      diskRoom(deps),
      config.clamd && scannerAnswers(config.clamd),
      needsStarterLists(pool),
    ]);
    const health = adminHealth(
      {
        facts,
        search,
        firstEngine: deps.search.first.name,
        behind,
        scannerAnswers: answers,
        room,
        mail: config,
      },
      { t, fmt: formats(language, t) },
    );
    const steps = setupSteps({
      counts: facts.counts,
      listsEmpty,
      mailServer: config.smtpUrl !== undefined || config.demo,
    });
    page(
      res,
      'admin/index',
      { counts: facts.counts, health, steps },
      { title: t('admin.title'), robots: 'none' },
    );
  });

  return routes.router;
}
