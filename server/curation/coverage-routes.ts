import type { Response } from 'express';
import { districtsLookedAfter } from '../accounts/looked-after-queries.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { csvLine } from '../lib/csv-text.ts';
import { formats } from '../locale/format.ts';
import { audiencesOf, isStateStaff } from '../lib/viewer.ts';
import { asUuid } from '../lib/uuid5.ts';
import { levelOf, valueLabel, type FacetWords } from '../search/facet-view.ts';
import { searchLists } from '../search/search-lists.ts';
import { frameworkList, frameworkTree } from '../standards/standard-queries.ts';
import { contextOf, page } from '../web/page.ts';
import { parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { callsOut } from './call-queries.ts';
import type { Column } from './coverage-cells.ts';
import { commonValues, coverageCounts, fullestFramework, type CoverageScope } from './coverage-counts.ts';
import { demandSince } from './coverage-demand.ts';
import { coveragePage, coverageTable, type CoverageInput } from './coverage-page.ts';
import { coverageQuery, type CoverageChoice } from './coverage-schema.ts';
import { CURATORS } from './curators.ts';

/** Searches of so many weeks say what is wanted. */
const WEEKS = 13;
const MOST_STANDARDS = 20_000;

/** `/curate/coverage`: what the shelf has for each standard and level, and what it lacks. */
export function coverageRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/curate/coverage', staff(...CURATORS), async (req, res) => {
    const input = await read(res, parseQuery(coverageQuery, req.query));
    const { t, language } = contextOf(res);
    const title = t('coverage.title');
    page(res, 'curate/coverage', coveragePage(t, formats(language, t), input), {
      title: `${input.tree.framework.title} – ${title}`,
      robots: 'none',
    });
  });

  routes.get('/curate/coverage.csv', staff(...CURATORS), async (req, res) => {
    const input = await read(res, parseQuery(coverageQuery, req.query));
    const { t } = contextOf(res);
    res.attachment(`coverage-${input.tree.framework.slug}.csv`);
    res.type('text/csv').send(`\ufeff${coverageTable(t, input).map(csvLine).join('')}`);
  });

  async function read(res: Response, asked: CoverageChoice): Promise<CoverageInput> {
    const viewer = viewerOf(res);
    const audience = audiencesOf(viewer);
    const { t, language } = contextOf(res);
    const [frameworks, districts, lists] = await Promise.all([
      frameworkList(deps.pool),
      districtsLookedAfter(deps.pool, viewer, CURATORS),
      searchLists(deps.pool),
    ]);
    const guid = asUuid(asked.framework);
    const framework =
      asked.framework === ''
        ? await fullestFramework(deps, audience, frameworks)
        : frameworks.find((one) => one.slug === asked.framework || one.guid === guid);
    if (!framework) throw notFound('standards.noSuch');
    const district = districts.find(({ slug }) => slug === asked.district);
    const choice = { ...asked, framework: framework.slug, district: district?.slug ?? '' };
    const scope: CoverageScope = {
      audience,
      checked: choice.checked,
      district: district?.slug ?? null,
    };
    const words: FacetWords = { t, fmt: formats(language, t), ...lists };
    const columns = await columnsOf(choice, scope, framework.guid, words);
    const values = columns.map(({ value }) => value);
    const count = (its: CoverageScope) => coverageCounts(deps, its, choice.across, values);
    const own = districts.map(({ id }) => id);
    const [tree, counts, checked, state, demand, calls] = await Promise.all([
      frameworkTree(deps.pool, framework.guid, {
        grade: choice.grade ?? undefined,
        domain: choice.strand ?? undefined,
        all: MOST_STANDARDS,
      }),
      count(scope),
      choice.checked || choice.across !== 'level' ? null : count({ ...scope, checked: true }),
      scope.district === null ? null : count({ ...scope, district: null }),
      demandSince(deps.pool, {
        since: new Date(deps.clock.now().getTime() - WEEKS * 7 * 86_400_000),
        districts: district ? [district.id] : isStateStaff(viewer, ...CURATORS) ? null : own,
        levels: lists.vocabularies.levels,
      }),
      callsOut(deps.pool, viewer),
    ]);
    if (!tree) throw notFound('standards.noSuch');
    return {
      choice,
      tree,
      frameworks,
      districts,
      levels: lists.vocabularies.levels,
      facts: { items: tree.items, columns, counts, checked, state, demand, calls },
    };
  }

  async function columnsOf(
    { across }: CoverageChoice,
    scope: CoverageScope,
    framework: string,
    words: FacetWords,
  ): Promise<Column[]> {
    const values =
      across === 'level'
        ? words.vocabularies.levels.map(({ slug }) => slug)
        : await commonValues(deps, scope, across, framework);
    return values.map((value) => ({
      value,
      label:
        across === 'license'
          ? (words.vocabularies.licenses.find(({ code }) => code === value)?.name ?? value)
          : valueLabel(across, value, words),
      level: across === 'level' ? levelOf(value, words) : null,
      language: across === 'language' ? value : null,
    }));
  }

  return routes.router;
}
