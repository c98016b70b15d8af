import type { RequestHandler } from 'express';
import { z } from 'zod';
import { personOfOffLink } from '../accounts/mails-off-link.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { localPath } from '../web/local-path.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../web/route.ts';
import { noticeById, noticesOf, unseenNotices } from './notice-queries.ts';
import { endNoticeMails, seeNotices } from './notice-service.ts';
import { noticeItems, noticeTarget } from './notice-view.ts';

const noticeParams = z.object({ id });
const seenForm = z.object({ back: z.string().max(2000).optional() });

/** So many are listed. */
const LISTED = 200;

/**
 * Has the count beside "My shelf" say how many new notices there are to read: those about what has vanished since, or is
 * no longer theirs to see, don't count. Only for whoever has any at all; the account says that.
 */
export const countNotices =
  ({ pool }: Pick<Deps, 'pool'>): RequestHandler =>
  async (_req, res, next) => {
    const { viewer } = contextOf(res);
    if (viewer?.unseen) viewer.unseen = await unseenNotices(pool, educatorOf(res));
    next();
  };

/** One's notices: all of them, following one, marking them as seen, and the end of their mails. */
export function noticeRoutes(deps: Pick<Deps, 'pool' | 'config'>) {
  const routes = createRoutes();

  routes.get('/notices', signedIn, async (_req, res) => {
    const { t } = contextOf(res);
    const rows = await noticesOf(deps.pool, educatorOf(res), { which: 'recent', limit: LISTED });
    const items = noticeItems(t, rows);
    const unseen = items.filter(({ seen }) => !seen).length;
    page(
      res,
      'notices/index',
      { items, unseen, seenUrl: '/notices/seen' },
      { title: t('notice.title'), robots: 'none' },
    );
  });

  routes.post('/notices/seen', signedIn, async (req, res) => {
    const { back } = parseForm(seenForm, req.body);
    await seeNotices(deps.pool, educatorOf(res).id);
    flash(req, { kind: 'done', text: contextOf(res).t('notice.seen') });
    res.redirect(303, localPath(back, '/notices'));
  });

  routes.get('/notices/off', anyone, (req, res) => {
    personOfOffLink(deps.config, 'notices', req.query);
    page(
      res,
      'accounts/mails-off',
      { mails: 'notices', actionUrl: req.originalUrl },
      { title: contextOf(res).t('mailsOff.notices.title'), robots: 'none' },
    );
  });

  routes.post('/notices/off', anyone, async (req, res) => {
    const person = personOfOffLink(deps.config, 'notices', req.query);
    await endNoticeMails(deps.pool, person, originOf(req, res));
    page(
      res,
      'accounts/mails-off',
      { mails: 'notices', actionUrl: null },
      { title: contextOf(res).t('mailsOff.notices.title'), robots: 'none' },
    );
  });

  // Following a notice is seeing it; asking twice changes nothing more.
  routes.get('/notices/:id', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: noticeId } = parseParams(noticeParams, req.params);
    const notice = await noticeById(deps.pool, viewer, noticeId);
    if (!notice) throw notFound();
    await seeNotices(deps.pool, viewer.id, noticeId);
    res.redirect(303, noticeTarget(notice) ?? '/notices');
  });

  return routes.router;
}
