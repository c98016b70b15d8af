import type { Request, Response } from 'express';
import { typedIn } from '../../web/form-again.ts';
import { peopleAdministrators } from '../../accounts/people-policy.ts';
import { sendPasswordLink } from '../../accounts/person-service.ts';
import type { Deps } from '../../deps.ts';
import type { FieldFault } from '../../errors.ts';
import type { MessageKey, MessageParams } from '../../locale/locale.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm, parseParams } from '../../web/parse.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { peopleUrl, personUrl, transferUrl } from '../addresses.ts';
import { orChanged } from '../changed-meanwhile.ts';
import { changeDetails, giveRole, setPersonActive, takeRole } from './person-change-service.ts';
import { changedPerson, closingPage, handOverPage, personPage } from './person-page.ts';
import { stampForm } from '../organization-schema.ts';
import { detailsForm, handOverForm, personParams, roleForm } from './person-schema.ts';
import { planHandOver } from './plan-hand-over.ts';

/** What was wanted, by its fields, for the page that says that it wasn't done. */
const LABELS = { name: 'admin.name', email: 'signIn.email', role: 'admin.role', to: 'transfer.to' } as const;

/** Fields of two forms on one page have other names there. */
const SHOWN_AS: Record<string, string> = { organization: 'place' };

/** One person: details, roles, open or closed, and what they hand over. */
export function personRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const AT = `${peopleUrl}/:id`;

  routes.get(AT, peopleAdministrators, (req, res) => showPerson(req, res, []));

  routes.post(`${AT}/details`, peopleAdministrators, (req, res) =>
    attempt(req, res, {
      work: async (id) => {
        const form = parseForm(detailsForm, req.body);
        await changeDetails(deps, educatorOf(res), { id, ...form }, originOf(req, res));
        return done(req, res, id, 'person.changed', { name: form.name });
      },
      again: (faults) => showPerson(req, res, faults),
      wanted: ['name', 'email'],
    }),
  );

  for (const [path, change, words] of [
    ['give', giveRole, 'person.role.given'],
    ['take', takeRole, 'person.role.taken'],
  ] as const)
    routes.post(`${AT}/roles/${path}`, peopleAdministrators, (req, res) =>
      attempt(req, res, {
        work: async (id) => {
          const { t } = contextOf(res);
          const form = parseForm(roleForm, { ...(req.body as object), organization: typedIn(req)('place') });
          const { name, place } = await change(deps, educatorOf(res), { id, ...form }, originOf(req, res));
          return done(req, res, id, words, { name, place, role: t(`role.${form.role}`) });
        },
        again: (faults) =>
          showPerson(
            req,
            res,
            faults.map((fault) => ({ ...fault, field: SHOWN_AS[fault.field] ?? fault.field })),
          ),
        wanted: ['role'],
      }),
    );

  routes.get(`${AT}/close`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(personParams, req.params);
    const props = await closingPage(deps, { viewer: educatorOf(res), id, t: contextOf(res).t });
    page(res, 'admin/change', props, { title: props.title, robots: 'none' });
  });

  for (const [path, active] of [
    ['close', false],
    ['open', true],
  ] as const)
    routes.post(`${AT}/${path}`, peopleAdministrators, (req, res) =>
      attempt(req, res, {
        work: async (id) => {
          const wish = { id, active, ...parseForm(stampForm, req.body) };
          const { name } = await setPersonActive(deps, educatorOf(res), wish, originOf(req, res));
          return done(req, res, id, active ? 'admin.people.opened' : 'admin.people.closed', { name });
        },
        again: (faults) => showPerson(req, res, faults),
        wanted: [],
      }),
    );

  routes.post(`${AT}/password`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(personParams, req.params);
    const { name } = await sendPasswordLink(deps, educatorOf(res), id, originOf(req, res));
    res.redirect(303, done(req, res, id, 'admin.people.linkSent', { name }));
  });

  routes.get(`${AT}/hand-over`, peopleAdministrators, (req, res) => showHandOver(req, res, []));

  routes.post(`${AT}/hand-over`, peopleAdministrators, (req, res) =>
    attempt(req, res, {
      work: async (id) => {
        const { item, which, ...form } = parseForm(handOverForm, req.body);
        const wish = { id, ...form, ticked: which === 'ticked' ? item : null };
        return transferUrl(await planHandOver(deps, educatorOf(res), wish, originOf(req, res)));
      },
      again: (faults) => showHandOver(req, res, faults),
      wanted: ['to'],
    }),
  );

  /** Runs a form's work; shows the form again for what is wrong in it, and what is there now for whoever was late. */
  async function attempt(
    req: Request,
    res: Response,
    form: {
      work: (id: string) => Promise<string>;
      again: (faults: FieldFault[]) => Promise<void>;
      wanted: readonly (keyof typeof LABELS)[];
    },
  ): Promise<void> {
    const { id } = parseParams(personParams, req.params);
    const { t } = contextOf(res);
    const wanted = form.wanted.map((field) => ({ label: t(LABELS[field]), value: typedIn(req)(field) }));
    await orChanged(async () => res.redirect(303, await form.work(id)), {
      again: form.again,
      late: async () => {
        const props = await changedPerson(deps, educatorOf(res), { id, wanted }, t);
        const title = t('changed.title', { name: props.name });
        page(res, 'admin/changed', props, { title, status: 409, robots: 'none' });
      },
    });
  }

  async function showPerson(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { id } = parseParams(personParams, req.params);
    const { t } = contextOf(res);
    const sent = (req.body ?? {}) as Record<string, unknown>;
    const typed = typedIn(req);
    const props = await personPage(deps, {
      viewer: educatorOf(res),
      id,
      // What stands in the other form of the page wasn't sent.
      typed: (field) => (field in sent ? typed(field) : undefined),
      errors: fieldErrors(t, faults),
      t,
    });
    page(res, 'admin/person', props, {
      title: props.name,
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  async function showHandOver(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { id } = parseParams(personParams, req.params);
    const { t } = contextOf(res);
    const props = await handOverPage(deps, {
      viewer: educatorOf(res),
      id,
      typed: req.method === 'POST' ? typedIn(req) : null,
      ticked: req.method === 'POST' ? parseTicked(req.body) : [],
      errors: fieldErrors(t, faults),
      t,
    });
    page(res, 'admin/hand-over', props, {
      title: t('handOver.title', { name: props.name }),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  return routes.router;
}

const parseTicked = (body: unknown): string[] =>
  handOverForm.shape.item.safeParse((body as { item?: unknown })?.item).data ?? [];

/** Says once what was done. @returns where to go then */
function done(req: Request, res: Response, id: string, key: MessageKey, params: MessageParams): string {
  flash(req, { kind: 'done', text: contextOf(res).t(key, params) });
  return personUrl(id);
}
