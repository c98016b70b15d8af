import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { notFound, PortalError, type FieldFault } from '../../errors.ts';
import { shelfItem } from '../../resources/shelf-items.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { id, line, parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, stateStaff } from '../../web/route.ts';
import { foldedWords } from '../reading/query-tokens.ts';
import { previewSynonyms } from './synonym-preview.ts';
import { synonymGroups, type SynonymRow } from './synonym-queries.ts';
import { synonymForm, type SynonymInput } from './synonym-schema.ts';
import { addSynonyms, changeSynonyms, removeSynonyms } from './synonym-service.ts';
import type { SynonymPage, SynonymValues } from './synonym-view.ts';

const LIST = '/curate/search/synonyms';
const keepers = stateStaff('curator', 'lead', 'admin');

const listQuery = z.object({
  find: line(60).catch(''),
  words: z.string().max(2000).catch(''),
  term: line(60).catch(''),
  language: z.enum(['en', 'es']).catch('en'),
});
const groupParams = z.object({ id });
const typed = z.object({
  language: z.string().max(10).catch('en'),
  term: z.string().max(200).catch(''),
  words: z.string().max(4000).catch(''),
  q: line(200).catch(''),
  do: z.enum(['save', 'try']).catch('save'),
});

/** Words that mean the same: a list for the state's curators, with a look at what a change would do before it is made. */
export function synonymRoutes(deps: Pick<Deps, 'pool' | 'search'>) {
  const routes = createRoutes();

  routes.get(LIST, keepers, async (req, res) => {
    const { find, ...values } = parseQuery(listQuery, req.query);
    const groups = await synonymGroups(deps.pool);
    const wanted = foldedWords(find).join(' ');
    const shown = groups.filter(({ term, words }) =>
      [term ?? '', ...words].some((word) => foldedWords(word).join(' ').includes(wanted)),
    );
    page(
      res,
      'curate/synonyms',
      {
        find,
        total: groups.length,
        groups: shown,
        actionUrl: LIST,
        values: { ...values, q: '' },
        errors: [],
      },
      { title: contextOf(res).t('synonyms.title'), robots: 'none' },
    );
  });

  routes.get(`${LIST}/:id`, keepers, async (req, res) => {
    const group = await groupOf(req);
    show(res, { id: group.id, values: valuesOf(group) });
  });

  routes.post(LIST, keepers, (req, res) => take(req, res, null));

  routes.post(`${LIST}/:id`, keepers, async (req, res) => take(req, res, (await groupOf(req)).id));

  routes.post(`${LIST}/:id/remove`, keepers, async (req, res) => {
    const group = await groupOf(req);
    await removeSynonyms(deps, viewerOf(res), group.id, originOf(req, res));
    const { t } = contextOf(res);
    const { language, term, words } = valuesOf(group);
    flash(req, {
      kind: 'done',
      text: t('synonyms.removed', { words: group.words.join(', ') }),
      link: {
        label: t('synonyms.again'),
        url: `${LIST}?${new URLSearchParams({ language, term, words }).toString()}`,
      },
    });
    res.redirect(303, LIST);
  });

  /** Tries a group on a search, or saves it; what can't be saved comes back as it was typed. */
  async function take(req: Request, res: Response, groupId: string | null): Promise<void> {
    const { do: pressed, ...values } = parseForm(typed, req.body);
    const viewer = viewerOf(res);
    try {
      const input = parseForm(synonymForm, req.body);
      if (pressed === 'try') return await showPreview(res, groupId, values, input);
      if (groupId === null) await addSynonyms(deps, viewer, input, originOf(req, res));
      else await changeSynonyms(deps, viewer, groupId, input, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      const faults: FieldFault[] =
        error.faults.length > 0 ? error.faults : [{ field: 'words', key: error.key, params: error.params }];
      return show(res, { id: groupId, values, faults });
    }
    flash(req, { kind: 'done', text: contextOf(res).t('synonyms.saved') });
    res.redirect(303, LIST);
  }

  async function showPreview(
    res: Response,
    groupId: string | null,
    values: SynonymValues,
    input: SynonymInput,
  ): Promise<void> {
    const q = values.q || (input.term ?? input.words[0] ?? '');
    const found = await previewSynonyms(deps, viewerOf(res), { q, id: groupId, group: input });
    show(res, {
      id: groupId,
      values: { ...values, q },
      preview: {
        q,
        before: found.before,
        after: found.after,
        gained: found.gained.slice(0, 6).map((card) => shelfItem(card)),
        lost: found.lost.slice(0, 6).map((card) => shelfItem(card)),
      },
    });
  }

  function show(
    res: Response,
    form: {
      id: string | null;
      values: SynonymValues;
      faults?: FieldFault[];
      preview?: SynonymPage['preview'];
    },
  ): void {
    const { t } = contextOf(res);
    const faults = form.faults ?? [];
    page(
      res,
      'curate/synonym',
      {
        id: form.id,
        actionUrl: form.id === null ? LIST : `${LIST}/${form.id}`,
        removeUrl: form.id === null ? null : `${LIST}/${form.id}/remove`,
        values: form.values,
        errors: fieldErrors(t, faults),
        preview: form.preview ?? null,
      },
      {
        title: t(form.id === null ? 'synonyms.add' : 'synonyms.change'),
        status: faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  async function groupOf(req: Request): Promise<SynonymRow> {
    const { id: groupId } = parseParams(groupParams, req.params);
    const group = (await synonymGroups(deps.pool)).find((one) => one.id === groupId);
    if (!group) throw notFound();
    return group;
  }

  return routes.router;
}

const valuesOf = ({ language, term, words }: SynonymRow): SynonymValues => ({
  language,
  term: term ?? '',
  words: words.join('\n'),
  q: '',
});
