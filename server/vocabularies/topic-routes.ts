import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain, typedIn } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import type { Option } from '../web/page-parts.ts';
import { line, parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { topicLines, type TopicLine } from './admin-queries.ts';
import type { AdminTopicsPage, TopicRow } from './admin-view.ts';
import { needsStarterLists } from './starter-lists.ts';
import { termOptions } from './term-options.ts';
import { findTopic, touchedByTopic } from './topic-plan.ts';
import { moveForm, newTopic, topicChange, topicParams } from './vocabulary-schema.ts';
import { readVocabularies, type Topic } from './vocabulary-queries.ts';
import { answerChange } from './vocabulary-routes.ts';
import { addTopic, moveTerm } from './vocabulary-service.ts';

const HOME = '/admin/topics';
const administrator = stateStaff('admin');
const topicsQuery = z.object({ q: line(100).catch('') });

/** The state's tree of topics: added to, put in order, and each topic changed once its preview was confirmed. */
export function topicRoutes(deps: Pick<Deps, 'pool'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get(HOME, administrator, (req, res) => showTopics(req, res, []));
  routes.post(HOME, administrator, (req, res) =>
    orAgain(
      async () => {
        const form = parseForm(newTopic, req.body);
        await addTopic(deps, viewerOf(res), form, originOf(req, res));
        flash(req, { kind: 'done', text: contextOf(res).t('vocabulary.added', { name: form.name }) });
        res.redirect(303, HOME);
      },
      (faults) => showTopics(req, res, faults),
    ),
  );
  routes.get(`${HOME}/:id`, administrator, (req, res) => showTopic(req, res, []));
  routes.post(`${HOME}/:id`, administrator, async (req, res) => {
    const { id: target } = parseParams(topicParams, req.params);
    await orAgain(
      () => answerChange(deps, req, res, { kind: 'topic', target, change: parseForm(topicChange, req.body) }),
      (faults) => showTopic(req, res, faults),
    );
  });
  routes.post(`${HOME}/:id/place`, administrator, async (req, res) => {
    const { id: target } = parseParams(topicParams, req.params);
    const { by } = parseForm(moveForm, req.body);
    await moveTerm(deps, viewerOf(res), { kind: 'topic', target, by }, originOf(req, res));
    res.redirect(303, `${HOME}#at-${target}`);
  });

  async function showTopics(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const typed = typedIn(req);
    const { q } = parseQuery(topicsQuery, req.query);
    const [lines, { subjects }, starter] = await Promise.all([
      topicLines(pool),
      readVocabularies(pool),
      needsStarterLists(pool),
    ]);
    page(
      res,
      'admin/topics',
      {
        total: lines.length,
        query: q,
        found: q === '' ? [] : foundOf(lines, q),
        branches: branchesOf(lines),
        values: { name: typed('name') },
        under: topicOptions(lines, typed('under')),
        subjects: termOptions(subjects, typed('subject')),
        starter,
        errors: fieldErrors(t, faults),
      },
      { title: t('admin.topics.title'), robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  async function showTopic(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const { id: topicId } = parseParams(topicParams, req.params);
    const [topic, touched, { topics, subjects }] = await Promise.all([
      findTopic(pool, topicId),
      touchedByTopic(pool, topicId),
      readVocabularies(pool),
    ]);
    if (!topic) throw notFound('topic.gone');
    const typed = typedIn(req);
    const own = new Set([topicId, ...topic.below]);
    const elsewhere = topics.filter((one) => !own.has(one.id));
    const renames = typed('what') === 'rename';
    page(
      res,
      'admin/topic',
      {
        name: topic.name,
        path: topic.path,
        actionUrl: `${HOME}/${topicId}`,
        shelfUrl: `/topics/${topic.slug}`,
        touched,
        below: topic.below.length,
        values: { name: renames ? typed('name') : topic.name },
        subjects: termOptions(subjects, renames ? typed('subject') : (topic.subject ?? '')),
        under: topicOptions(
          elsewhere.filter((one) => one.id !== topic.parentId),
          typed('under'),
        ),
        into: topicOptions(elsewhere, typed('into')),
        removable: touched.all === 0 && topic.below.length === 0,
        errors: fieldErrors(t, faults),
      },
      { title: topic.name, robots: 'none', status: faults.length > 0 ? 422 : 200 },
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
      url: `${HOME}/${line.id}`,
      depth: line.depth,
      subject: line.subject === above ? null : line.subjectName,
      resources: line.resources,
      shelfUrl: `/topics/${line.slug}`,
      moveUrl: `${HOME}/${line.id}/place`,
      first: line.first,
      last: line.last,
    };
    const branch = branches.at(-1);
    if (line.depth === 0 || !branch) branches.push({ top: row, below: [] });
    else branch.below.push(row);
  }
  return branches;
}

/** The topics whose path has all words of a query, in the order of the tree. */
function foundOf(lines: readonly TopicLine[], query: string): AdminTopicsPage['found'] {
  const plain = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain(query).split(/\s+/).filter(Boolean);
  const byId = new Map(lines.map((one) => [one.id, one]));
  const above = ({ parentId }: TopicLine): string[] => {
    const parent = parentId === null ? undefined : byId.get(parentId);
    return parent ? [...above(parent), parent.name] : [];
  };
  return lines.flatMap((one) => {
    const path = [...above(one), one.name];
    const text = plain(path.join(' '));
    if (!words.every((word) => text.includes(word))) return [];
    return {
      id: one.id,
      name: one.name,
      above: path.slice(0, -1).join(' › '),
      url: `${HOME}/${one.id}`,
      resources: one.resources,
      shelfUrl: `/topics/${one.slug}`,
    };
  });
}

/** Topics to choose from, by their paths as people read them. */
const topicOptions = (topics: readonly Pick<Topic, 'id' | 'path'>[], chosen: string): Option[] =>
  topics.map(({ id: value, path }) => ({
    value,
    label: path.replaceAll(' > ', ' › '),
    chosen: value === chosen,
  }));
