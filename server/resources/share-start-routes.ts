import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { FieldFault } from '../errors.ts';
import { ACCEPT_ATTRIBUTE } from '../files/file-kinds.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { line, parseForm } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { draftsOf, emptyDraftOf } from './draft-queries.ts';
import { createDraft } from './draft-service.ts';
import { keepDraftUploads } from './draft-uploads.ts';
import { once } from './form-once.ts';
import { readLink } from './share-schema.ts';
import { standardForRung } from './standard-picker.ts';

const rungQuery = z.object({
  standard: z.string().max(200).optional(),
  level: z.string().max(100).optional(),
  /** The id of the call for lessons that is answered. */
  call: z.uuid().optional().catch(undefined),
});
const startForm = z.object({
  url: z.string().max(3000).default(''),
  title: line(200).default(''),
  organization: z.uuid().optional().catch(undefined),
  standard: z.string().max(200).optional(),
  level: z.string().max(100).optional(),
  call: z.uuid().optional().catch(undefined),
  key: z.string().max(100).optional(),
});

/** Sharing, the first page: files or a link make a draft; or an open draft is taken up again. */
export function shareStartRoutes(deps: Deps) {
  const routes = createRoutes();
  const uploads = keepDraftUploads(deps);

  routes.get('/resources/new', signedIn, async (req, res) => {
    const rung = rungQuery.safeParse(req.query);
    await showStart(res, { url: '', faults: [], refused: [], rung: rung.success ? rung.data : {} });
  });

  routes.post('/resources/new', signedIn, uploads.receive, async (req, res) => {
    const viewer = educatorOf(res);
    const form = parseForm(startForm, req.body);
    const link = readLink(form.url);
    if (link === undefined) {
      await uploads.discard(req);
      return showStart(res, {
        url: form.url,
        faults: [{ field: 'url', key: 'share.fault.url' }],
        refused: [],
        rung: form,
      });
    }
    const { location, first } = await once(deps.pool, viewer.id, form.key, async () => {
      const preset = await standardForRung(deps.pool, form);
      const alignments = preset
        ? [{ guid: preset.tab.guid, levelId: preset.level?.id ?? null, relation: 'teaches' as const }]
        : [];
      // Whoever goes on with nothing in hand gets the empty page that they left, not one more.
      const nothing = link === null && form.title === '' && !preset && !form.call && !uploads.any(req);
      const empty = nothing
        ? await emptyDraftOf(deps.pool, viewer.id, form.organization ?? viewer.organizationId)
        : undefined;
      if (empty !== undefined) return `/resources/${empty}/edit`;
      const resourceId = await createDraft(
        deps,
        viewer,
        {
          ...(form.organization === undefined ? {} : { organizationId: form.organization }),
          fields: { url: link, title: form.title, alignments },
          answersCall: form.call ?? null,
        },
        originOf(req, res),
      );
      const { refused } = await uploads.keep(req, res, { viewer, resourceId });
      for (const { name, reason } of refused) flash(req, { kind: 'problem', text: `${name}: ${reason}` });
      return `/resources/${resourceId}/edit`;
    });
    if (!first) await uploads.discard(req);
    res.redirect(303, location);
  });

  async function showStart(
    res: Response,
    input: {
      url: string;
      faults: FieldFault[];
      refused: { name: string; reason: string }[];
      rung: { standard?: string | undefined; level?: string | undefined; call?: string | undefined };
    },
  ): Promise<void> {
    const viewer = educatorOf(res);
    const { t } = contextOf(res);
    const [drafts, preset, organizations] = await Promise.all([
      draftsOf(deps.pool, viewer),
      standardForRung(deps.pool, input.rung),
      deps.pool.query<{ id: string; name: string }>(
        'SELECT id, name FROM organization WHERE id = ANY($1::uuid[]) AND closed_at IS NULL ORDER BY (id = $2) DESC, name',
        [
          [viewer.organizationId, ...viewer.grants.map((grant) => grant.organizationId)],
          viewer.organizationId,
        ],
      ),
    ]);
    page(
      res,
      'resources/new',
      {
        actionUrl: '/resources/new',
        drafts: drafts.slice(0, 5).map((draft) => ({
          title: draft.title || t('share.untitled'),
          url: `/resources/${draft.id}/edit`,
          savedAt: draft.saved_at,
        })),
        organizations:
          organizations.rows.length > 1
            ? organizations.rows.map((row, index) => ({
                value: row.id,
                label: row.name,
                chosen: index === 0,
              }))
            : [],
        preset: preset && { tab: preset.tab, level: preset.level },
        hidden: [
          { name: 'key', value: randomUUID() },
          ...(preset ? [{ name: 'standard', value: preset.tab.guid }] : []),
          ...(preset?.level ? [{ name: 'level', value: preset.level.slug }] : []),
          ...(preset && input.rung.call ? [{ name: 'call', value: input.rung.call }] : []),
        ],
        values: { url: input.url },
        errors: fieldErrors(t, input.faults),
        refused: input.refused,
        accept: ACCEPT_ATTRIBUTE,
        maxBytes: deps.config.maxUploadBytes,
      },
      { title: t('share.title'), status: input.faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}
