import type { Response } from 'express';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { resolveCode } from '../standards/code-queries.ts';
import { standardTab } from '../standards/standard-row.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { callItem } from './call-page.ts';
import { callingFor, mayCall } from './call-policy.ts';
import { askById, callsFor, namesOf } from './call-queries.ts';
import { callParams, changeCallForm, newCallForm, newCallQuery } from './call-schema.ts';
import { changeCall, makeCall } from './call-service.ts';
import { OUT } from './call-states.ts';
import { rungOf } from './coverage-demand.ts';
import { CURATORS } from './curators.ts';

/** What stands in the form of a new call. */
type Typed = {
  standard: string;
  level: string;
  organization?: string | undefined;
  ask?: string | undefined;
  words: string;
  closesOn: string;
};

/** The forms of calls: a new one from a rung or from what somebody asked for, and what one that is out says. */
export function callFormRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/curate/calls/new', staff(...CURATORS), async (req, res) => {
    const { standard = '', level = '', ask } = parseQuery(newCallQuery, req.query);
    const asked = ask === undefined ? undefined : await askById(deps.pool, ask);
    const { levels } = await readVocabularies(deps.pool);
    const rung = asked && rungOf(asked.address, levels);
    await showNew(
      res,
      {
        standard: standard || (rung?.codes[0] ?? ''),
        level: level || (rung?.level ?? ''),
        ask: asked?.id,
        words: asked?.note ?? '',
        closesOn: '',
      },
      [],
    );
  });

  routes.post('/curate/calls', staff(...CURATORS), async (req, res) => {
    const typed = typedIn(req.body);
    try {
      const form = parseForm(newCallForm, req.body);
      const viewer = viewerOf(res);
      const [standard] = form.standard === '' ? [] : await resolveCode(deps.pool, form.standard);
      const { levels } = await readVocabularies(deps.pool);
      const level = levels.find(({ slug }) => slug === form.level);
      const faults: FieldFault[] = [
        ...(standard && !standard.retired
          ? []
          : [{ field: 'standard', key: 'call.fault.standard' } as const]),
        ...(level || form.level === '' ? [] : [{ field: 'level', key: 'call.fault.level' } as const]),
      ];
      if (!standard || faults.length > 0) return await showNew(res, typed, faults);
      const id = await makeCall(
        deps,
        viewer,
        {
          organizationId: form.organization ?? (await namesOf(deps.pool, callingFor(viewer)))[0]?.id ?? '',
          standardGuid: standard.guid,
          levelId: level?.id ?? null,
          words: form.words,
          closesOn: form.closesOn,
          askId: form.ask ?? null,
        },
        originOf(req, res),
      );
      flash(req, { kind: 'done', text: contextOf(res).t('call.done.made') });
      res.redirect(303, `/calls/${id}`);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await showNew(res, typed, error.faults);
    }
  });

  routes.get('/curate/calls/:id', staff(...CURATORS), async (req, res) => {
    await showChange(res, parseParams(callParams, req.params).id, null, []);
  });

  routes.post('/curate/calls/:id', staff(...CURATORS), async (req, res) => {
    const { id: callId } = parseParams(callParams, req.params);
    const typed = typedIn(req.body);
    try {
      const form = parseForm(changeCallForm, req.body);
      await changeCall(deps, viewerOf(res), { callId, ...form }, originOf(req, res));
      flash(req, { kind: 'done', text: contextOf(res).t('call.done.changed') });
      res.redirect(303, `/calls/${callId}`);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await showChange(res, callId, typed, error.faults);
    }
  });

  async function showNew(res: Response, typed: Typed, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const [standards, vocabularies, organizations, ask] = await Promise.all([
      typed.standard === '' ? [] : resolveCode(deps.pool, typed.standard),
      readVocabularies(deps.pool),
      namesOf(deps.pool, callingFor(viewerOf(res))),
      typed.ask === undefined ? undefined : askById(deps.pool, typed.ask),
    ]);
    const [standard] = standards;
    page(
      res,
      'curate/call',
      {
        actionUrl: '/curate/calls',
        existing: null,
        standard: standard ? standardTab(standard) : null,
        values: { ...typed, standard: standard?.code ?? typed.standard },
        levels: [
          { value: '', label: t('call.anyLevel'), chosen: typed.level === '' },
          ...vocabularies.levels.map(({ slug, label }) => ({
            value: slug,
            label,
            chosen: slug === typed.level,
          })),
        ],
        organizations:
          organizations.length > 1
            ? organizations.map(({ id, name }, place) => ({
                value: id,
                label: name,
                chosen: typed.organization === undefined ? place === 0 : id === typed.organization,
              }))
            : [],
        hidden: ask ? [{ name: 'ask', value: ask.id }] : [],
        ask: ask ? { person: ask.person, words: ask.words, note: ask.note, url: ask.address } : null,
        errors: fieldErrors(t, faults),
      },
      { title: t('call.new'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  async function showChange(
    res: Response,
    callId: string,
    typed: Pick<Typed, 'words' | 'closesOn'> | null,
    faults: FieldFault[],
  ): Promise<void> {
    const viewer = viewerOf(res);
    const { t } = contextOf(res);
    const [{ calls }, { levels }] = await Promise.all([
      callsFor(deps.pool, viewer, { states: OUT, id: callId }, { limit: 1 }),
      readVocabularies(deps.pool),
    ]);
    const [row] = calls;
    if (!row || !mayCall(viewer, row)) throw notFound('call.noSuch');
    const { tab, level, by, url } = callItem(row, levels);
    page(
      res,
      'curate/call',
      {
        actionUrl: `/curate/calls/${callId}`,
        existing: { tab, level, by, url },
        standard: tab,
        values: {
          standard: tab.code,
          words: typed?.words ?? row.words,
          closesOn: typed?.closesOn ?? row.closesOn ?? '',
        },
        levels: [],
        organizations: [],
        hidden: [{ name: 'revision', value: String(row.revision) }],
        ask: null,
        errors: fieldErrors(t, faults),
      },
      { title: t('call.change'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}

/** What was typed, as it was, for the same form again. */
function typedIn(body: unknown): Typed {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof sent[name] === 'string' ? sent[name].slice(0, 2000) : '');
  const ask = text('ask');
  const organization = text('organization');
  return {
    standard: text('standard'),
    level: text('level'),
    words: text('words'),
    closesOn: text('closesOn'),
    ...(/^[0-9a-f-]{36}$/i.test(ask) ? { ask } : {}),
    ...(organization === '' ? {} : { organization }),
  };
}
