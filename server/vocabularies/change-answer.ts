import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { homeOf, previewOf } from './preview-page.ts';
import { confirmation } from './vocabulary-change.ts';
import { makeChange, planChange, type AskedChange } from './vocabulary-service.ts';

/**
 * Answers the form of a change: shows what it does, or makes it where that was confirmed.
 * @throws 403; 404; 409 when the value that it goes to is gone; 422
 */
export async function answerChange(
  deps: Pick<Deps, 'pool'>,
  req: Request,
  res: Response,
  asked: AskedChange,
): Promise<void> {
  const { t } = contextOf(res);
  const { sure, seen } = parseForm(confirmation, req.body);
  const preview = async (status: 200 | 409): Promise<void> => {
    const plan = await planChange(deps.pool, asked);
    const props = previewOf(t, asked, plan, status === 409);
    page(res, 'admin/preview', props, { title: props.title, robots: 'none', status });
  };
  if (!sure) return preview(200);
  try {
    const { plan, waits } = await makeChange(deps, viewerOf(res), { ...asked, seen }, originOf(req, res));
    if (waits !== null) return res.redirect(303, `/admin/changes/${waits}`);
    flash(req, {
      kind: 'done',
      text: t(`vocabulary.done.${asked.change.what}`, { name: plan.name, after: plan.after.name }),
    });
    res.redirect(303, homeOf(asked.kind));
  } catch (error) {
    if (!(error instanceof PortalError) || error.key !== 'vocabulary.changed') throw error;
    await preview(409);
  }
}
