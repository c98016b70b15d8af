import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError } from '../errors.ts';
import type { Translate } from '../locale/locale.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import type { AdminLevelsPage, AdminPreviewPage } from './admin-view.ts';
import {
  addLevel,
  newLevel,
  readScale,
  readScaleForm,
  saveScale,
  scaleDifference,
  scaleForm,
  stampOfScale,
  type Scale,
} from './level-service.ts';
import { levelLoss, removeLevel, type LevelLoss } from './level-removal.ts';
import { needsStarterLists } from './starter-lists.ts';
import { confirmation } from './vocabulary-schema.ts';

const HOME = '/admin/levels';
const administrator = stateStaff('admin');
const pressed = z.object({
  do: z.enum(['look', 'add']).catch('look'),
  /** The id of a level. */
  remove: id.optional().catch(undefined),
});

/** The scale: names, order and general wording of the levels; each change is shown before it is made. */
export function levelRoutes(deps: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get(HOME, administrator, (req, res) => show(req, res));

  routes.post(HOME, administrator, async (req, res) => {
    const form = parseForm(pressed, req.body);
    await orAgain(
      async () => {
        if (form.do === 'add') return add(req, res);
        await (form.remove === undefined ? change(req, res) : remove(req, res, form.remove));
      },
      (_, error) => show(req, res, error),
    );
  });

  async function add(req: Request, res: Response): Promise<void> {
    const level = parseForm(newLevel, req.body);
    await addLevel(deps, viewerOf(res), level, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('vocabulary.added', { name: level.name }) });
    res.redirect(303, HOME);
  }

  async function change(req: Request, res: Response): Promise<void> {
    const { t } = contextOf(res);
    const scale = await scaleNow();
    const form = parseForm(scaleForm(scale.levels.map((level) => level.id)), req.body);
    const input = readScaleForm(scale, form as Record<string, string | number> & { scale: string });
    const { sure, seen } = parseForm(confirmation, req.body);
    const preview = (of: Scale, changed: boolean): void => {
      const props = previewOf(t, of, { input, body: req.body as Record<string, unknown>, changed });
      page(res, 'admin/preview', props, { title: props.title, robots: 'none', status: changed ? 409 : 200 });
    };
    if (!sure) return preview(scale, seen !== '' && seen !== stampOfScale(scale));
    try {
      await saveScale(deps, viewerOf(res), { seen, input }, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 409) throw error;
      return preview(await scaleNow(), true);
    }
    flash(req, { kind: 'done', text: t('level.saved') });
    res.redirect(303, HOME);
  }

  async function remove(req: Request, res: Response, levelId: string): Promise<void> {
    const { t } = contextOf(res);
    const { sure, seen } = parseForm(confirmation, req.body);
    const preview = async (changed: boolean): Promise<void> => {
      const props = removalPreview(t, await levelLoss(deps.pool, levelId), changed);
      page(res, 'admin/preview', props, { title: props.title, robots: 'none', status: changed ? 409 : 200 });
    };
    if (!sure) return preview(false);
    try {
      await removeLevel(deps, viewerOf(res), { id: levelId, seen }, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 409) throw error;
      return preview(true);
    }
    flash(req, { kind: 'done', text: t('level.removed') });
    res.redirect(303, HOME);
  }

  async function scaleNow(): Promise<Scale> {
    const scale = await readScale(deps.pool);
    if (!scale) throw notFound('vocabulary.gone');
    return scale;
  }

  async function show(req: Request, res: Response, error?: PortalError): Promise<void> {
    const { t } = contextOf(res);
    const [scale, starter] = await Promise.all([readScale(deps.pool), needsStarterLists(deps.pool)]);
    const body = (error ? req.body : {}) as Record<string, unknown>;
    const typed = (name: string, kept: string): string => {
      const value = body[name];
      return typeof value === 'string' ? value.slice(0, 2000) : kept;
    };
    const levels = scale?.levels ?? [];
    const props: AdminLevelsPage = {
      scale: typed('scale', scale?.name ?? ''),
      seen: scale ? stampOfScale(scale) : '',
      levels: levels.map((level) => ({
        id: level.id,
        sign: { slug: level.slug, label: level.name, position: level.position, of: levels.length },
        name: typed(`name-${level.id}`, level.name),
        wording: typed(`wording-${level.id}`, level.description),
        place: typed(`place-${level.id}`, String(level.position)),
        resources: level.resources,
        described: level.described,
        removable: !level.used && levels.length > 1,
      })),
      values: {
        name: body['do'] === 'add' ? typed('name', '') : '',
        wording: body['do'] === 'add' ? typed('wording', '') : '',
      },
      actionUrl: HOME,
      starter,
      errors: fieldErrors(t, error?.faults ?? []),
    };
    page(res, 'admin/levels', props, {
      title: t('admin.levels.title'),
      robots: 'none',
      status: error?.status ?? 200,
    });
  }

  return routes.router;
}

/** What all previews of changes of the scale have. */
const previewBase = (t: Translate) => ({
  place: HOME,
  back: [{ label: t('admin.levels.title'), url: HOME }],
  touched: null,
  waits: false,
  actionUrl: HOME,
  cancelUrl: HOME,
});

/** What a change of the scale does, and a form that makes it. */
function previewOf(
  t: Translate,
  scale: Scale,
  {
    input,
    body,
    changed,
  }: { input: Parameters<typeof scaleDifference>[1]; body: Record<string, unknown>; changed: boolean },
): AdminPreviewPage {
  const { renamed, reworded, order, scale: called, resources } = scaleDifference(scale, input);
  const lines = [
    ...(called ? [t('level.does.scale', { name: called.to })] : []),
    ...renamed.map(({ from, to, resources: count }) =>
      t('level.does.rename', { name: from, after: to, resources: t('resources.count', { count }) }),
    ),
    ...(order ? [t('level.does.order', { names: order.join(', ') })] : []),
    ...(reworded.length > 0 ? [t('level.does.wording', { names: reworded.join(', ') })] : []),
  ];
  const kept = Object.entries(body).filter(
    ([name, value]) =>
      typeof value === 'string' && /^(?:scale|(?:name|wording|place)-[0-9a-f-]{36})$/.test(name),
  );
  return {
    ...previewBase(t),
    title: t('level.ask'),
    lines:
      lines.length > 0 ? [...lines, t('level.touches', { count: resources })] : [t('level.does.nothing')],
    changed,
    fields: [
      ...kept.map(([name, value]) => ({ name, value: String(value) })),
      { name: 'do', value: 'look' },
      { name: 'seen', value: stampOfScale(scale) },
      { name: 'sure', value: 'yes' },
    ],
    confirm: t('level.confirm'),
  };
}

/** What goes with a level that is taken away, and a form that does it. */
function removalPreview(
  t: Translate,
  { level, descriptors, words, seen }: LevelLoss,
  changed: boolean,
): AdminPreviewPage {
  return {
    ...previewBase(t),
    title: t('level.remove.ask', { name: level.name }),
    lines: [
      t('level.remove.gone', { name: level.name }),
      ...(descriptors.length > 0 ? [t('level.remove.descriptors', { count: descriptors.length })] : []),
      ...(words.length > 0 ? [t('level.remove.words', { words: words.join(', ') })] : []),
    ],
    changed,
    fields: [
      { name: 'remove', value: level.id },
      { name: 'seen', value: seen },
      { name: 'sure', value: 'yes' },
    ],
    confirm: t('level.remove.confirm'),
  };
}
