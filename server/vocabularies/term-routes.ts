import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { notFound, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain, typedIn } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { termLines } from './admin-queries.ts';
import { homeOf } from './preview-page.ts';
import { needsStarterLists } from './starter-lists.ts';
import { termOptions } from './term-options.ts';
import { findTerm, searchUrl, TERM_LISTS, type TermKind } from './term-plan.ts';
import { touchedBy } from './vocabulary-change.ts';
import { moveForm, newTerm, termChange, termParams } from './vocabulary-schema.ts';
import { readVocabularies } from './vocabulary-queries.ts';
import { answerChange } from './vocabulary-routes.ts';
import { addTerm, moveTerm } from './vocabulary-service.ts';

const administrator = stateStaff('admin');
const KINDS = Object.keys(TERM_LISTS) as TermKind[];

/** The state's subjects, kinds and settings: added to, put in order, and each value changed once its preview was confirmed. */
export function termRoutes(deps: Pick<Deps, 'pool'>) {
  const routes = createRoutes();
  const { pool } = deps;

  for (const kind of KINDS) {
    const home = homeOf(kind);
    routes.get(home, administrator, (req, res) => showTerms(req, res, kind, []));
    routes.post(home, administrator, (req, res) =>
      orAgain(
        async () => {
          const { name } = parseForm(newTerm, req.body);
          await addTerm(deps, viewerOf(res), { kind, name }, originOf(req, res));
          flash(req, { kind: 'done', text: contextOf(res).t('vocabulary.added', { name }) });
          res.redirect(303, home);
        },
        (faults) => showTerms(req, res, kind, faults),
      ),
    );
    routes.get(`${home}/:slug`, administrator, (req, res) => showTerm(req, res, kind, []));
    routes.post(`${home}/:slug`, administrator, async (req, res) => {
      const { slug: target } = parseParams(termParams, req.params);
      await orAgain(
        () => answerChange(deps, req, res, { kind, target, change: parseForm(termChange, req.body) }),
        (faults) => showTerm(req, res, kind, faults),
      );
    });
    routes.post(`${home}/:slug/place`, administrator, async (req, res) => {
      const { slug: target } = parseParams(termParams, req.params);
      const { by } = parseForm(moveForm, req.body);
      await moveTerm(deps, viewerOf(res), { kind, target, by }, originOf(req, res));
      res.redirect(303, `${home}#at-${target}`);
    });
  }

  async function showTerms(req: Request, res: Response, kind: TermKind, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const list = TERM_LISTS[kind].path;
    const [lines, starter] = await Promise.all([termLines(pool, kind), needsStarterLists(pool)]);
    page(
      res,
      'admin/terms',
      {
        list,
        terms: lines.map((line, place) => ({
          name: line.name,
          retired: line.retired,
          resources: line.resources,
          url: `/admin/${list}/${line.slug}`,
          shelfUrl: searchUrl(kind, line.slug),
          moveUrl: `/admin/${list}/${line.slug}/place`,
          first: place === 0,
          last: place === lines.length - 1,
        })),
        values: { name: typedIn(req)('name') },
        actionUrl: `/admin/${list}`,
        starter,
        errors: fieldErrors(t, faults),
      },
      { title: t(`admin.${list}.title`), robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  async function showTerm(req: Request, res: Response, kind: TermKind, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const { path: list, uses } = TERM_LISTS[kind];
    const { slug } = parseParams(termParams, req.params);
    const [term, touched, { [list]: terms }] = await Promise.all([
      findTerm(pool, kind, slug),
      touchedBy(pool, uses, slug),
      readVocabularies(pool),
    ]);
    if (!term) throw notFound('vocabulary.gone');
    const typed = typedIn(req);
    page(
      res,
      'admin/term',
      {
        list,
        name: term.name,
        retired: term.retired,
        actionUrl: `/admin/${list}/${slug}`,
        shelfUrl: searchUrl(kind, slug),
        touched,
        values: { name: typed('what') === 'rename' ? typed('name') : term.name },
        into: termOptions(
          terms.filter((one) => one.slug !== slug),
          typed('into'),
        ),
        removable: touched.all === 0,
        errors: fieldErrors(t, faults),
      },
      { title: term.name, robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  return routes.router;
}
