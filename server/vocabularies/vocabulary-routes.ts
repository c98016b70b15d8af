import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain, typedIn } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import type { Option } from '../web/page-parts.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { termLines, topicLines, type TopicLine } from './admin-queries.ts';
import type { AdminTopicsPage, TopicRow } from './admin-view.ts';
import { changePage, previewOf } from './preview-page.ts';
import { needsStarterLists, useStarterLists } from './starter-lists.ts';
import { findTerm, TERM_LISTS, type TermKind } from './term-plan.ts';
import { findTopic, touchedByTopic } from './topic-plan.ts';
import {
  confirmation,
  moveForm,
  newTerm,
  newTopic,
  termChange,
  termParams,
  topicChange,
  topicParams,
  touchedBy,
} from './vocabulary-change.ts';
import { findVocabularyChange } from './vocabulary-jobs.ts';
import {
  addTerm,
  addTopic,
  makeChange,
  moveTerm,
  planChange,
  type AskedChange,
} from './vocabulary-service.ts';

const administrator = stateStaff('admin');
const KINDS = Object.keys(TERM_LISTS) as TermKind[];
const changeParams = z.object({ id });

/** The state's topics, subjects, kinds and settings: each change is shown before it is made. */
export function vocabularyRoutes(deps: Pick<Deps, 'pool' | 'search'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/admin/topics', administrator, (req, res) => showTopics(req, res, []));
  routes.post('/admin/topics', administrator, (req, res) =>
    orAgain(
      async () => {
        const form = parseForm(newTopic, req.body);
        await addTopic(deps, viewerOf(res), form, originOf(req, res));
        done(req, res, 'vocabulary.added', form.name, '/admin/topics');
      },
      (faults) => showTopics(req, res, faults),
    ),
  );
  routes.get('/admin/topics/:id', administrator, (req, res) => showTopic(req, res, []));
  routes.post('/admin/topics/:id', administrator, async (req, res) => {
    const { id: target } = parseParams(topicParams, req.params);
    await orAgain(
      () => change(req, res, () => ({ kind: 'topic', target, change: parseForm(topicChange, req.body) })),
      (faults) => showTopic(req, res, faults),
    );
  });
  routes.post('/admin/topics/:id/place', administrator, async (req, res) => {
    const { id: target } = parseParams(topicParams, req.params);
    const { by } = parseForm(moveForm, req.body);
    await moveTerm(deps, viewerOf(res), { kind: 'topic', target, by }, originOf(req, res));
    res.redirect(303, `/admin/topics#at-${target}`);
  });

  for (const kind of KINDS) {
    const home = `/admin/${TERM_LISTS[kind].path}`;
    routes.get(home, administrator, (req, res) => showTerms(req, res, kind, []));
    routes.post(home, administrator, (req, res) =>
      orAgain(
        async () => {
          const { name } = parseForm(newTerm, req.body);
          await addTerm(deps, viewerOf(res), { kind, name }, originOf(req, res));
          done(req, res, 'vocabulary.added', name, home);
        },
        (faults) => showTerms(req, res, kind, faults),
      ),
    );
    routes.get(`${home}/:slug`, administrator, (req, res) => showTerm(req, res, kind, []));
    routes.post(`${home}/:slug`, administrator, async (req, res) => {
      const { slug: target } = parseParams(termParams, req.params);
      await orAgain(
        () => change(req, res, () => ({ kind, target, change: parseForm(termChange, req.body) })),
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

  routes.post('/admin/starter-lists', administrator, async (req, res) => {
    await useStarterLists(deps, viewerOf(res), originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('starter.done') });
    res.redirect(303, '/admin/subjects');
  });

  routes.get('/admin/changes/:id', administrator, async (req, res) => {
    const { id: changeId } = parseParams(changeParams, req.params);
    const found = await findVocabularyChange(pool, changeId, deps.search.first.name);
    if (!found) throw notFound();
    const props = changePage(contextOf(res).t, found, `/admin/changes/${changeId}`);
    const working = found.state === 'waiting' || found.unindexed > 0;
    page(res, 'admin/vocabulary-change', props, {
      title: props.title,
      robots: 'none',
      ...(working ? { refreshSeconds: 5 } : {}),
    });
  });

  /** Shows what a change does, or makes it where that was confirmed. */
  async function change(req: Request, res: Response, read: () => AskedChange): Promise<void> {
    const { t } = contextOf(res);
    const asked = read();
    const { sure, seen } = parseForm(confirmation, req.body);
    const preview = async (status: 200 | 409): Promise<void> => {
      const plan = await planChange(pool, asked);
      const props = previewOf(t, asked, plan, status === 409);
      page(res, 'admin/preview', props, { title: props.title, robots: 'none', status });
    };
    if (!sure) return preview(200);
    try {
      const { plan, waits } = await makeChange(deps, viewerOf(res), { ...asked, seen }, originOf(req, res));
      if (waits !== null) return res.redirect(303, `/admin/changes/${waits}`);
      const home = asked.kind === 'topic' ? '/admin/topics' : `/admin/${TERM_LISTS[asked.kind].path}`;
      flash(req, {
        kind: 'done',
        text: t(`vocabulary.done.${asked.change.what}`, { name: plan.name, after: plan.after.name }),
      });
      res.redirect(303, home);
    } catch (error) {
      if (!(error instanceof PortalError) || error.key !== 'vocabulary.changed') throw error;
      await preview(409);
    }
  }

  async function showTopics(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const typed = typedIn(req);
    const [lines, subjects, starter] = await Promise.all([
      topicLines(pool),
      termLines(pool, 'subject'),
      needsStarterLists(pool),
    ]);
    page(
      res,
      'admin/topics',
      {
        total: lines.length,
        branches: branchesOf(lines),
        values: { name: typed('name') },
        under: topicOptions(lines, typed('under')),
        subjects: subjects.map(({ slug, name }) => option(slug, name, typed('subject'))),
        starter,
        errors: fieldErrors(t, faults),
      },
      { title: t('admin.topics.title'), robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  async function showTopic(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const { id: topicId } = parseParams(topicParams, req.params);
    const [topic, touched, lines, subjects] = await Promise.all([
      findTopic(pool, topicId),
      touchedByTopic(pool, topicId),
      topicLines(pool),
      termLines(pool, 'subject'),
    ]);
    if (!topic) throw notFound('topic.gone');
    const typed = typedIn(req);
    const own = new Set([topicId, ...topic.below]);
    const elsewhere = lines.filter((line) => !own.has(line.id));
    const renames = typed('what') === 'rename';
    page(
      res,
      'admin/topic',
      {
        name: topic.name,
        path: topic.path,
        actionUrl: `/admin/topics/${topicId}`,
        shelfUrl: `/topics/${topic.slug}`,
        touched,
        below: topic.below.length,
        values: { name: renames ? typed('name') : topic.name },
        subjects: subjects.map(({ slug, name }) =>
          option(slug, name, renames ? typed('subject') : (topic.subject ?? '')),
        ),
        under: topicOptions(
          elsewhere.filter((line) => line.id !== topic.parentId),
          typed('under'),
        ),
        into: topicOptions(elsewhere, typed('into')),
        removable: touched.all === 0 && topic.below.length === 0,
        errors: fieldErrors(t, faults),
      },
      { title: topic.name, robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
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
          shelfUrl: `/search?${kind}=${line.slug}`,
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
    const [term, touched, lines] = await Promise.all([
      findTerm(pool, kind, slug),
      touchedBy(pool, uses, slug),
      termLines(pool, kind),
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
        shelfUrl: `/search?${kind}=${slug}`,
        touched,
        values: { name: typed('what') === 'rename' ? typed('name') : term.name },
        into: lines
          .filter((line) => line.slug !== slug)
          .map((line) => option(line.slug, line.name, typed('into'))),
        removable: touched.all === 0,
        errors: fieldErrors(t, faults),
      },
      { title: term.name, robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  return routes.router;
}

/** The tree, cut at its top. */
function branchesOf(lines: readonly TopicLine[]): AdminTopicsPage['branches'] {
  const subjectOf = new Map(lines.map(({ id: topic, subject }) => [topic, subject]));
  const branches: AdminTopicsPage['branches'] = [];
  for (const line of lines) {
    const above = line.parentId === null ? null : (subjectOf.get(line.parentId) ?? null);
    const row: TopicRow = {
      id: line.id,
      name: line.name,
      url: `/admin/topics/${line.id}`,
      depth: line.depth,
      subject: line.subject === above ? null : line.subjectName,
      resources: line.resources,
      shelfUrl: `/topics/${line.slug}`,
      moveUrl: `/admin/topics/${line.id}/place`,
      first: line.first,
      last: line.last,
    };
    const branch = branches.at(-1);
    if (line.depth === 0 || !branch) branches.push({ top: row, below: [] });
    else branch.below.push(row);
  }
  return branches;
}

const option = (value: string, label: string, chosen: string): Option => ({
  value,
  label,
  chosen: value === chosen,
});

const topicOptions = (lines: readonly TopicLine[], chosen: string): Option[] =>
  lines.map(({ id: value, path }) => option(value, path.replaceAll(' > ', ' › '), chosen));

function done(req: Request, res: Response, key: 'vocabulary.added', name: string, to: string): void {
  flash(req, { kind: 'done', text: contextOf(res).t(key, { name }) });
  res.redirect(303, to);
}
