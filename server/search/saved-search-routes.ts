import { z } from 'zod';
import { personOfOffLink } from '../accounts/mails-off-link.ts';
import type { Deps } from '../deps.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../web/route.ts';
import { savedSearches } from './saved-search-queries.ts';
import { askForm, changeSearchForm, saveSearchForm } from './saved-search-schema.ts';
import {
  askForIt,
  changeSavedSearch,
  endSearchMails,
  removeSavedSearch,
  saveSearch,
} from './saved-search-service.ts';
import { keptAddress, paramsOfAddress, searchUrl } from './search-address.ts';

const searchParams = z.object({ id });

/** Saved searches: keep, name, be told by mail, remove; the end of such mails; and asking for what wasn't found. */
export function savedSearchRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();

  routes.get('/searches', signedIn, async (_req, res) => {
    const viewer = educatorOf(res);
    const searches = await savedSearches(deps.pool, viewer.id);
    page(
      res,
      'searches/index',
      {
        searches: searches.map(({ createdAt, address, ...search }) => ({
          ...search,
          url: address,
          feedUrl: searchUrl(paramsOfAddress(address), '/search.atom'),
          since: createdAt,
        })),
        email: viewer.email,
        errors: [],
      },
      { title: contextOf(res).t('saved.title'), robots: 'none' },
    );
  });

  routes.post('/searches', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const form = parseForm(saveSearchForm, req.body);
    const { t } = contextOf(res);
    const params = paramsOfAddress(form.search);
    const name = form.name || params.q.slice(0, 120) || t('search.all');
    await saveSearch(deps, viewer.id, { params, name, mail: form.mail });
    flash(req, {
      kind: 'done',
      text: t(`saved.done.${form.mail}`, { name }),
      link: { label: t('saved.title'), url: '/searches' },
    });
    res.redirect(303, keptAddress(params));
  });

  routes.post('/searches/ask', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { search, note } = parseForm(askForm, req.body);
    const params = paramsOfAddress(search);
    await askForIt(deps, viewer.id, { params, note });
    flash(req, { kind: 'done', text: contextOf(res).t('ask.done') });
    res.redirect(303, keptAddress(params));
  });

  routes.get('/searches/off', anyone, (req, res) => {
    personOfOffLink(deps.config, 'searches', req.query);
    page(
      res,
      'accounts/mails-off',
      { mails: 'searches', actionUrl: req.originalUrl },
      { title: contextOf(res).t('mailsOff.searches.title'), robots: 'none' },
    );
  });

  routes.post('/searches/off', anyone, async (req, res) => {
    const person = personOfOffLink(deps.config, 'searches', req.query);
    await endSearchMails(deps, person, originOf(req, res));
    page(
      res,
      'accounts/mails-off',
      { mails: 'searches', actionUrl: null },
      { title: contextOf(res).t('mailsOff.searches.title'), robots: 'none' },
    );
  });

  routes.post('/searches/:id', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: searchId } = parseParams(searchParams, req.params);
    await changeSavedSearch(deps, viewer.id, { id: searchId, ...parseForm(changeSearchForm, req.body) });
    flash(req, { kind: 'done', text: contextOf(res).t('saved.changed') });
    res.redirect(303, '/searches');
  });

  routes.post('/searches/:id/remove', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: searchId } = parseParams(searchParams, req.params);
    const { name, address } = await removeSavedSearch(deps, viewer.id, searchId);
    const { t } = contextOf(res);
    flash(req, {
      kind: 'done',
      text: t('saved.removed', { name }),
      link: { label: t('saved.again'), url: address },
    });
    res.redirect(303, '/searches');
  });

  return routes.router;
}
