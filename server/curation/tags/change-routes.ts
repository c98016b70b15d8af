import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { resourcePath } from '../../lib/slug.ts';
import { readVocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { id, parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, staff } from '../../web/route.ts';
import { CURATORS } from '../curators.ts';
import { mayMoveChange, moveChangeByStaff } from './change-service.ts';
import { staffMoves, type ChangeMove } from './change-states.ts';
import {
  changeItems,
  changeReasons,
  findChange,
  type ChangeItem,
  type ItemKind,
  type TagChange,
} from './change-store.ts';
import { changeLine } from './tag-page.ts';
import { tagWords } from './tag-routes.ts';
import { valueWords, wishWords, type TagWords } from './tag-words.ts';
import type { ChangePage } from './tag-view.ts';

const ROWS = 50;
const params = z.object({ id });
const moveForm = z.object({ move: z.enum(['start', 'drop', 'stop', 'undo']) });
const query = z.object({
  show: z.string().optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
});

/** One change of many tags: its preview, how far it is, what became of each resource; start, stop, undo. */
export function changeRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/curate/tags/changes/:id', staff(...CURATORS), async (req, res) => {
    const { id: changeId } = parseParams(params, req.params);
    const asked = parseQuery(query, req.query);
    const change = await findChange(deps.pool, changeId);
    if (!change || !mayMoveChange(viewerOf(res), change)) throw notFound();
    const kinds = kindsOf(change);
    const kind = kinds.find(([one]) => one === asked.show)?.[0] ?? kinds[0]?.[0] ?? 'change';
    const [{ total, items }, reasons, lists] = await Promise.all([
      changeItems(deps.pool, viewerOf(res), changeId, { kind, limit: ROWS, offset: (asked.page - 1) * ROWS }),
      changeReasons(deps.pool, changeId),
      readVocabularies(deps.pool),
    ]);
    const guids =
      change.field === 'standard' ? items.flatMap(({ before }) => (Array.isArray(before) ? before : [])) : [];
    const words = await tagWords(deps, res, lists, [change], guids);
    const line = changeLine(change, words);
    const url = (which: ItemKind, number: number): string =>
      `${line.url}?show=${which}${number === 1 ? '' : `&page=${number}`}`;
    const doing = change.state === 'running' || change.state === 'undoing';
    const props: ChangePage = {
      url: line.url,
      words: wishWords(change, words),
      state: change.state,
      by: change.person,
      at: change.madeAt,
      total: change.total,
      planned: change.planned,
      outcome: change.outcome,
      undone: change.undone,
      percent: doing ? percentOf(change) : null,
      reasons: reasons.map(({ reason, count }) => ({
        text: words.t(`tags.reason.${reasonKey(reason)}`),
        count,
      })),
      tabs: kinds.map(([one, count]) => ({
        kind: one,
        label: words.t(`tags.tab.${one}`),
        count,
        url: url(one, 1),
        current: one === kind,
      })),
      items: items.map((item) => itemOf(item, change, words)),
      pager: pager(asked.page, Math.ceil(total / ROWS), (number) => url(kind, number)),
      moves: staffMoves(change.state) as Exclude<ChangeMove, 'finish' | 'finishUndo'>[],
      moveUrl: `${line.url}/move`,
      listUrl: '/curate/tags',
    };
    page(res, 'curate/change', props, {
      title: `${words.t(`tags.state.${change.state}`)}: ${props.words}`,
      robots: 'none',
      ...(doing ? { refreshSeconds: 5 } : {}),
    });
  });

  routes.post('/curate/tags/changes/:id/move', staff(...CURATORS), async (req, res) => {
    const { id: changeId } = parseParams(params, req.params);
    const { move } = parseForm(moveForm, req.body);
    await moveChangeByStaff(deps, viewerOf(res), { changeId, move }, originOf(req, res));
    if (move !== 'drop') return res.redirect(303, `/curate/tags/changes/${changeId}`);
    flash(req, { kind: 'done', text: contextOf(res).t('tags.dropped') });
    res.redirect(303, '/curate/tags');
  });

  return routes.router;
}

/** Which lists there are to look at in this state, with how many stand in each. */
function kindsOf({ state, planned, outcome, undone }: TagChange): [ItemKind, number][] {
  const kinds: [ItemKind, number][] =
    state === 'planned' || state === 'dropped'
      ? [
          ['change', planned.change],
          ['same', planned.same],
          ['refuse', planned.refuse],
        ]
      : [
          ['undone', undone.done],
          ['left', undone.left],
          ['changed', outcome.changed],
          ['same', outcome.same],
          ['refused', outcome.refused],
        ];
  const some = kinds.filter(([, count]) => count > 0);
  return some.length > 0 ? some : kinds.slice(0, 1);
}

function percentOf({ state, total, outcome, undone }: TagChange): number {
  const [done, all] =
    state === 'undoing'
      ? [undone.done + undone.left, outcome.changed]
      : [outcome.changed + outcome.same + outcome.refused, total];
  return all === 0 ? 100 : Math.floor((done * 100) / all);
}

const REASONS = ['gone', 'notYours', 'sourceLicense', 'checked', 'changedSince'] as const;
const reasonKey = (reason: string): (typeof REASONS)[number] =>
  REASONS.find((one) => one === reason) ?? 'changedSince';

function itemOf(item: ChangeItem, change: TagChange, words: TagWords): ChangePage['items'][number] {
  const { t } = words;
  const changes = item.planned === 'change' || item.outcome === 'changed';
  return {
    title: item.title || t('share.untitled'),
    url: resourcePath(item.resourceId, item.title),
    language: item.language,
    before: valueWords(change.field, item.before, words),
    after: !changes || item.outcome === 'refused' ? '' : afterWords(item, change, words),
    note: item.reason === null ? '' : t(`tags.reason.${reasonKey(item.reason)}`),
  };
}

/** What stands there afterwards; of a standard, what is added. */
const afterWords = ({ after }: ChangeItem, { field, value }: TagChange, words: TagWords): string =>
  field === 'standard' || field === 'level'
    ? valueWords(field, value[0] ?? null, words)
    : valueWords(field, after, words);
