import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { forbidden, PortalError } from '../../errors.ts';
import { resourcePath } from '../../lib/slug.ts';
import { isEducator } from '../../lib/viewer.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { contextOf, page } from '../../web/page.ts';
import { id, parseForm, parseParams } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../../web/route.ts';
import { loadForReading, type LoadedResource } from '../resource-facts-queries.ts';
import { canFlagVoice } from '../voices/voice-policy.ts';
import type { LoadedVoice } from '../voices/voice-queries.ts';
import { readVoice } from '../voices/voice-service.ts';
import { FLAG_KINDS, VOICE_FLAG_KINDS } from './flag-kinds.ts';
import { ownFlagsOf } from './flag-queries.ts';
import { flagForm } from './flag-schema.ts';
import { raiseFlag } from './flag-service.ts';

const params = z.object({ id });
const thanksQuery = z.object({ hidden: z.string().optional(), resource: id.optional() });

/** So many characters of a comment say which one it is. */
const EXCERPT = 200;

/** Flags on resources, also by the public, and on comments. */
export function flagRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const perPerson = rateLimiter(deps.pool, { name: 'flag-person', points: 20, seconds: 3600 });
  // A school is one address on the internet.
  const perAddress = rateLimiter(deps.pool, { name: 'flag-address', points: 10, seconds: 3600 });

  routes.get('/resources/:id/flag', anyone, async (req, res) => {
    const { id: resourceId } = parseParams(params, req.params);
    await show(req, res, null, {
      resource: await loadForReading(deps.pool, viewerOf(res), resourceId),
      voice: null,
    });
  });

  routes.post('/resources/:id/flag', anyone, async (req, res) => {
    const { id: resourceId } = parseParams(params, req.params);
    const resource = await loadForReading(deps.pool, viewerOf(res), resourceId);
    await take(req, res, { resource, voice: null });
  });

  routes.get('/voices/:id/flag', signedIn, async (req, res) =>
    show(req, res, null, await readFlaggable(req, res)),
  );
  routes.post('/voices/:id/flag', signedIn, async (req, res) =>
    take(req, res, await readFlaggable(req, res)),
  );

  routes.get('/flags/thanks', anyone, async (req, res) => {
    const query = thanksQuery.safeParse(req.query);
    const { hidden, resource: resourceId } = query.success ? query.data : {};
    const resource =
      resourceId && (await loadForReading(deps.pool, viewerOf(res), resourceId).catch(() => undefined));
    page(
      res,
      'resources/flagged',
      {
        hidden: hidden !== undefined,
        told: isEducator(viewerOf(res)),
        back: resource ? { label: resource.title, url: resourcePath(resource.id, resource.title) } : null,
      },
      { title: contextOf(res).t('flag.thanks'), robots: 'none' },
    );
  });

  type Flagged = { resource: LoadedResource; voice: LoadedVoice | null };

  async function readFlaggable(req: Request, res: Response): Promise<Flagged> {
    const viewer = educatorOf(res);
    const found = await readVoice(deps.pool, viewer, parseParams(params, req.params).id);
    if (!canFlagVoice(viewer, found.resource, found.voice)) throw forbidden();
    return found;
  }

  async function take(req: Request, res: Response, { resource, voice }: Flagged): Promise<void> {
    const viewer = viewerOf(res);
    try {
      const form = parseForm(flagForm, req.body);
      await (isEducator(viewer) ? perPerson.take(viewer.id) : perAddress.take(req.ip ?? ''));
      const { hidden } = await raiseFlag(
        deps,
        viewer,
        {
          resourceId: resource.id,
          voice: voice && { id: voice.id, of: voice.of, writerId: voice.writerId },
          form,
        },
        originOf(req, res),
      );
      res.redirect(303, `/flags/thanks?resource=${resource.id}${hidden ? '&hidden' : ''}`);
    } catch (error) {
      await show(req, res, error, { resource, voice });
    }
  }

  /** @throws whatever isn't about the form */
  async function show(
    req: Request,
    res: Response,
    error: unknown,
    { resource, voice }: Flagged,
  ): Promise<void> {
    if (error && !(error instanceof PortalError && error.status === 422)) throw error;
    const { t } = contextOf(res);
    const before = await ownFlagsOf(deps.pool, viewerOf(res).id, {
      resourceId: resource.id,
      voiceId: voice?.id ?? null,
    });
    const typed = (req.body ?? {}) as Record<string, unknown>;
    const read = (name: string, most: number) =>
      typeof typed[name] === 'string' ? typed[name].slice(0, most) : '';
    page(
      res,
      'resources/flag',
      {
        resource: {
          title: resource.title,
          url: resourcePath(resource.id, resource.title),
          language: resource.language,
        },
        voice: voice && { person: voice.writer, text: voice.body.slice(0, EXCERPT) },
        before: before.map(({ on, ...flag }) => ({ ...flag, on: new Date(on) })),
        actionUrl: voice ? `/voices/${voice.id}/flag` : `/resources/${resource.id}/flag`,
        kinds: (voice ? VOICE_FLAG_KINDS : FLAG_KINDS).map((value) => ({
          value,
          label: t(`flag.choose.${value}`),
          chosen: read('kind', 40) === value,
        })),
        values: { note: read('note', 4000), mail: read('mail', 640) },
        asksMail: !isEducator(viewerOf(res)),
        errors: error ? fieldErrors(t, (error as PortalError).faults) : [],
      },
      { title: t('flag.title'), status: error ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}
