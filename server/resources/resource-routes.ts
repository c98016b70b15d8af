import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { briefCache } from '../lib/brief-cache.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { licensesForAdaptation } from '../lib/license-arithmetic.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { flash } from '../web/flash.ts';
import { localPath } from '../web/local-path.ts';
import type { Link } from '../web/page-parts.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams, text } from '../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../web/route.ts';
import { adaptRefusedPage } from './adapt-refused-view.ts';
import { adaptRefusal, adaptResource } from './adapt-service.ts';
import { once } from './form-once.ts';
import { restoreResource, withdrawResource } from './publish-service.ts';
import { resourceCards, versionCard } from './resource-card-queries.ts';
import { loadResource, type LoadedResource } from './resource-facts-queries.ts';
import { resourceJsonLd } from './resource-json-ld.ts';
import { neighboursOf, resourceDetails, type Neighbour } from './resource-page-queries.ts';
import { resourcePage } from './resource-page-view.ts';
import { canSee, canSeeTombstone, canWithdraw, isAuthor, isStaffOver } from './resource-policy.ts';
import type { AdaptRefusal } from './resource-view.ts';
import { countReuse, setSaved } from './reuse-service.ts';
import { shelfItem } from './shelf-items.ts';
import { openFlagsOf } from './flags/flag-queries.ts';
import { voicesOf } from './voices/voice-queries.ts';
import { voiceSection } from './voices/voice-view.ts';

const resourceParams = z.object({ id });
const versionParams = z.object({ id, number: z.coerce.number().int().min(1).max(100_000) });
const reasonForm = z.object({ reason: text(500).default('') });
const keyForm = z.object({ key: z.string().max(100).optional() });
const saveForm = z.object({ back: z.string().optional() });

/** So many resources stand beside one. */
const BESIDE = 6;

/** Finds resources that are about the same, by their words; the search above this room knows how. */
export type FindSimilar = (viewer: Viewer, resourceId: string, limit: number) => Promise<string[]>;

/** Finds collections that hold a resource and that the viewer may see; the room above knows them. */
export type FindCollections = (viewer: Viewer, resourceId: string) => Promise<Link[]>;

/** The page of a resource, its versions, and what a reader does with it: save, use, adapt, withdraw, restore. */
export function resourceRoutes(deps: Deps & { findSimilar: FindSimilar; findCollections: FindCollections }) {
  const routes = createRoutes();
  const beside = briefCache<Neighbour[]>(60_000, 5000);

  /** What stands beside a resource: the same for all who may see the same. Whether they still may is asked each time. */
  const besideOf = (viewer: Viewer, id: string): Promise<Neighbour[]> =>
    beside(JSON.stringify([id, audiencesOf(viewer)]), async () => {
      const [nearest, similar] = await Promise.all([
        neighboursOf(deps.pool, viewer, id, BESIDE),
        deps.findSimilar(viewer, id, BESIDE),
      ]);
      return withSimilar(nearest, similar);
    });

  routes.get('/resources/:id/versions/:number', anyone, async (req, res) => {
    const { id: resourceId, number } = parseParams(versionParams, req.params);
    const resource = await loadResource(deps.pool, resourceId);
    if (!resource) throw notFound();
    if (canSeeTombstone(viewerOf(res), resource)) return showTombstone(res, resource);
    if (!canSee(viewerOf(res), resource)) throw notFound();
    await showVersion(req, res, resource, number);
  });

  routes.post('/resources/:id/save', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { back } = parseForm(saveForm, req.body);
    const card = (await resourceCards(deps.pool, viewer, [resourceId])).get(resourceId);
    const saved = card !== undefined && !card.saved;
    await setSaved(deps, viewer, { resourceId, saved });
    const { t } = contextOf(res);
    flash(req, {
      kind: 'done',
      text: saved ? t('save.done', { title: card.title }) : t('save.undone'),
      link: { label: t('save.shelf'), url: '/shelf' },
    });
    res.redirect(303, localPath(back, card?.url ?? '/shelf'));
  });

  routes.get('/resources/:id/adapt', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const viewer = viewerOf(res);
    const [cards, { licenses }] = await Promise.all([
      resourceCards(deps.pool, viewer, [resourceId]),
      readVocabularies(deps.pool),
    ]);
    const card = cards.get(resourceId);
    if (!card) throw notFound();
    const { t } = contextOf(res);
    const refused = adaptRefusal(card.license);
    if (refused) return showRefusal(res, resourceId, refused);
    const allowed = licensesForAdaptation(card.license, licenses);
    page(
      res,
      'resources/adapt',
      {
        resource: { title: card.title, url: card.url, language: card.language },
        actionUrl: `/resources/${resourceId}/adapt`,
        key: randomUUID(),
        license: card.license,
        licenses: licenses.filter((license) => allowed.includes(license.code)).map((license) => license.name),
      },
      { title: t('adapt.title', { title: card.title }), robots: 'none' },
    );
  });

  routes.post('/resources/:id/adapt', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { key } = parseForm(keyForm, req.body);
    let refused: AdaptRefusal | null = null;
    const { location } = await once(deps.pool, viewer.id, key, async () => {
      const outcome = await adaptResource(deps, viewer, resourceId, originOf(req, res));
      if ('resourceId' in outcome) return `/resources/${outcome.resourceId}/edit`;
      refused = outcome.refused;
      return `/resources/${resourceId}/adapt`;
    });
    if (refused) await showRefusal(res, resourceId, refused);
    else res.redirect(303, location);
  });

  routes.post('/resources/:id/withdraw', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { reason } = parseForm(reasonForm, req.body);
    await withdrawResource(deps, viewerOf(res), { resourceId, reason }, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('resource.withdrawn') });
    res.redirect(303, `/resources/${resourceId}`);
  });

  routes.post('/resources/:id/restore', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    await restoreResource(deps, viewerOf(res), resourceId, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('resource.restored') });
    res.redirect(303, `/resources/${resourceId}`);
  });

  // Last, for it takes any word after the id: `adapt` above and `edit` of the share form have their own routes.
  routes.get('/resources/:id{/:slug}', anyone, async (req, res, next) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const resource = await loadResource(deps.pool, resourceId);
    if (!resource) return next(notFound());
    if (canSeeTombstone(viewerOf(res), resource)) return showTombstone(res, resource);
    if (!canSee(viewerOf(res), resource) || resource.currentNumber === null) return next(notFound());
    await showVersion(req, res, resource, resource.currentNumber);
  });

  async function showVersion(
    req: Request,
    res: Response,
    resource: LoadedResource,
    number: number,
  ): Promise<void> {
    const viewer = viewerOf(res);
    const context = contextOf(res);
    const current = number === resource.currentNumber;
    const judges = isStaffOver(viewer, resource);
    const [card, details, neighbours, voices, flags, collections] = await Promise.all([
      current
        ? resourceCards(deps.pool, viewer, [resource.id]).then((cards) => cards.get(resource.id))
        : versionCard(deps.pool, viewer, resource.id, number),
      resourceDetails(deps.pool, viewer, resource.id, number),
      besideOf(viewer, resource.id),
      voicesOf(deps.pool, resource.id, isEducator(viewer)),
      judges || isAuthor(viewer, resource) ? openFlagsOf(deps.pool, resource.id) : [],
      deps.findCollections(viewer, resource.id),
    ]);
    if (!card || !details) throw notFound();
    const cards = await resourceCards(
      deps.pool,
      viewer,
      neighbours.map((near) => near.id),
    );
    const props = resourcePage({
      viewer,
      facts: {
        ...resource,
        currentNumber: resource.currentNumber ?? number,
        hasDraft: resource.draftId !== null,
      },
      card,
      details,
      voices: voiceSection(viewer, resource, voices, { number, key: randomUUID() }),
      flags: flags.map(({ id: flagId, ...flag }) => ({
        ...flag,
        url: judges ? `/curate/flags/${flagId}` : null,
      })),
      collections,
      next: neighbours.flatMap((near) => {
        const neighbour = cards.get(near.id);
        return neighbour ? [shelfItem(neighbour, { why: near.why })] : [];
      }),
      baseUrl: deps.config.baseUrl,
      scanner: deps.config.clamd !== undefined,
      t: context.t,
    });
    if (current && req.method === 'GET') await countReuse(deps.pool, viewer, resource.id, 'opened');
    page(res, current ? 'resources/show' : 'resources/version', props, {
      title: current ? card.title : context.t('resource.versionTitle', { number, title: card.title }),
      canonical: card.url,
      robots: current && card.visibility === 'public' ? 'index' : 'none',
      ...(card.summary ? { description: card.summary } : {}),
      ...(current ? { jsonLd: resourceJsonLd({ card, details, baseUrl: deps.config.baseUrl }) } : {}),
    });
  }

  async function showRefusal(res: Response, resourceId: string, reason: AdaptRefusal): Promise<void> {
    page(
      res,
      'resources/adapt-refused',
      await adaptRefusedPage(deps.pool, viewerOf(res), resourceId, reason),
      {
        title: contextOf(res).t('adapt.refusedTitle'),
        status: 403,
        robots: 'none',
      },
    );
  }

  async function showTombstone(res: Response, resource: LoadedResource): Promise<void> {
    const viewer = viewerOf(res);
    const { rows } = await deps.pool.query<{
      withdrawn_at: Date;
      withdrawn_reason: string | null;
      language: string;
    }>(
      `SELECT r.withdrawn_at, r.withdrawn_reason, v.language FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = $1`,
      [resource.id],
    );
    const tombstone = rows[0];
    if (!tombstone) throw notFound();
    const neighbours = await neighboursOf(deps.pool, viewer, resource.id, 4);
    const cards = await resourceCards(
      deps.pool,
      viewer,
      neighbours.map((near) => near.id),
    );
    const { t } = contextOf(res);
    page(
      res,
      'resources/withdrawn',
      {
        title: resource.takedown ? null : resource.title,
        language: tombstone.language,
        withdrawnAt: tombstone.withdrawn_at,
        reason: tombstone.withdrawn_reason,
        takedown: resource.takedown,
        restoreUrl:
          canWithdraw(viewer, resource) && !resource.takedown ? `/resources/${resource.id}/restore` : null,
        searchUrl: '/search',
        next: [...cards.values()].map((card) => shelfItem(card)),
      },
      { title: t('withdrawn.title'), status: 410, robots: 'none' },
    );
  }

  return routes.router;
}

/** What shares standards first, then what shares words, then what only shares a topic. */
function withSimilar(nearest: readonly Neighbour[], similar: readonly string[]): Neighbour[] {
  const found = new Map<string, Neighbour>();
  const add = (one: Neighbour): void => {
    if (!found.has(one.id)) found.set(one.id, one);
  };
  for (const one of nearest) if (one.why !== 'same-topic') add(one);
  for (const id of similar) add({ id, why: 'same-words' });
  for (const one of nearest) add(one);
  return [...found.values()].slice(0, BESIDE);
}
