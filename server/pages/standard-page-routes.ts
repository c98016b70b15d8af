import type { Response } from 'express';
import { z } from 'zod';
import { callsFor } from '../curation/call-queries.ts';
import { OUT } from '../curation/call-states.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { isGrade } from '../lib/grade.ts';
import { asUuid } from '../lib/uuid5.ts';
import { audiencesOf } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { resolveCode } from '../standards/code-queries.ts';
import { frameworkCard } from '../standards/framework-card.ts';
import { searchStandards } from '../standards/picker-queries.ts';
import { frameworkList, frameworkTree, standardFacts, whatIs } from '../standards/standard-queries.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { contextOf, page } from '../web/page.ts';
import { cleanText, parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { frameworkCounts, standardCounts, standardShelves } from './standard-page-queries.ts';
import { frameworkPage, listItem, standardPage } from './standard-page-view.ts';

/** How many resources stand on one rung before "all of them". */
const RUNG = 6;
const FOUND = 30;

const one = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat()[0] ?? '');
const indexQuery = z.object({ q: one.default('') });
const frameworkQuery = z.object({ grade: one.optional(), domain: one.optional() });
const standardQuery = z.object({
  sort: one.pipe(z.enum(['used', 'newest', 'shortest']).catch('used')).default('used'),
  checked: one.optional(),
});

/** All frameworks, one framework, one standard; each counts what the reader may see. */
export function standardPageRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get('/standards', anyone, async (req, res) => {
    const query = cleanText(parseQuery(indexQuery, req.query).q).trim().slice(0, 200);
    const named = query === '' ? [] : await resolveCode(pool, query);
    const [only] = named;
    if (only && named.length === 1) return res.redirect(302, `/standards/${only.guid}`);
    const audiences = audiencesOf(viewerOf(res));
    const [frameworks, counts, found] = await Promise.all([
      frameworkList(pool),
      frameworkCounts(pool, audiences),
      query === '' ? null : lookUp(query, audiences),
    ]);
    const cards = frameworks.map((framework) => frameworkCard(framework, counts.get(framework.guid) ?? 0));
    page(
      res,
      'standards/index',
      {
        frameworks: cards.filter(({ status }) => status !== 'retired'),
        retired: cards.filter(({ status }) => status === 'retired'),
        lookup: found && { query, found },
      },
      {
        title: contextOf(res).t('standards.title'),
        canonical: '/standards',
        robots: query === '' ? 'index' : 'none',
      },
    );
  });

  async function lookUp(query: string, audiences: string[]) {
    const [hits, { levels }] = await Promise.all([
      searchStandards(pool, query, { limit: FOUND }),
      readVocabularies(pool),
    ]);
    const counts = await standardCounts(
      pool,
      audiences,
      hits.map(({ guid }) => guid),
    );
    return hits.map((hit) => listItem(hit, counts.get(hit.guid), levels, 0));
  }

  routes.get('/standards/:guid', anyone, async (req, res) => {
    const asked = cleanText(String(req.params['guid'])).slice(0, 200);
    const guid = asUuid(asked) ?? null;
    const what = await whatIs(pool, { guid, slug: asked });
    if (what?.kind === 'framework')
      return showFramework(res, what.guid, parseQuery(frameworkQuery, req.query), what.slug === asked);
    if (what && what.guid !== asked) return res.redirect(301, `/standards/${what.guid}`);
    if (what) return showStandard(res, what.guid, parseQuery(standardQuery, req.query));
    // Not an id of ours: a code in some spelling, or an id that a framework says is the same.
    const [best, second] = await resolveCode(pool, asked);
    if (!best) throw notFound('standards.noSuch');
    const clear = !second || (best.framework.own && !second.framework.own);
    res.redirect(302, clear ? `/standards/${best.guid}` : `/standards?q=${encodeURIComponent(asked)}`);
  });

  async function showFramework(
    res: Response,
    guid: string,
    query: z.output<typeof frameworkQuery>,
    canonical: boolean,
  ): Promise<void> {
    const grade = query.grade !== undefined && isGrade(query.grade) ? query.grade : undefined;
    const domain = asUuid(query.domain ?? '');
    const [tree, { levels }] = await Promise.all([
      frameworkTree(pool, guid, { grade, domain }),
      readVocabularies(pool),
    ]);
    if (!tree) throw notFound('standards.noSuch');
    const url = `/standards/${tree.framework.slug}`;
    if (!canonical) return res.redirect(301, url);
    const audiences = audiencesOf(viewerOf(res));
    const [counts, all] = await Promise.all([
      standardCounts(
        pool,
        audiences,
        tree.items.map((item) => item.guid),
      ),
      frameworkCounts(pool, audiences),
    ]);
    const { t } = contextOf(res);
    const resources = all.get(guid) ?? 0;
    page(res, 'standards/framework', frameworkPage(t, tree, { counts, resources, levels, grade, domain }), {
      title: tree.framework.title,
      canonical: url,
      ...(tree.framework.description ? { description: tree.framework.description.slice(0, 300) } : {}),
    });
  }

  async function showStandard(
    res: Response,
    guid: string,
    query: z.output<typeof standardQuery>,
  ): Promise<void> {
    const viewer = viewerOf(res);
    const audiences = audiencesOf(viewer);
    const checkedOnly = query.checked !== undefined && query.checked !== '';
    const [facts, shelves, { calls }] = await Promise.all([
      standardFacts(pool, guid),
      standardShelves(pool, audiences, guid, { sort: query.sort, checkedOnly, size: RUNG }),
      callsFor(pool, viewer, { states: OUT, standards: [guid] }, { limit: 20 }),
    ]);
    if (!facts) throw notFound('standards.noSuch');
    const around = [guid, ...[...facts.siblings, ...facts.children].map((standard) => standard.guid)];
    const [cards, counts] = await Promise.all([
      resourceCards(pool, viewer, [...new Set(shelves.flatMap(({ ids }) => ids))]),
      standardCounts(pool, audiences, [...new Set(around)]),
    ]);
    const { t } = contextOf(res);
    const props = standardPage(t, facts, {
      shelves,
      cards,
      counts,
      frameworkUrl: `/standards/${facts.standard.framework.slug}`,
      sort: query.sort,
      checkedOnly,
      calls,
    });
    page(res, 'standards/show', props, {
      title: `${props.tab.code} – ${facts.standard.framework.title}`,
      canonical: props.tab.url,
      description: facts.standard.statement.slice(0, 300),
    });
  }

  return routes.router;
}
