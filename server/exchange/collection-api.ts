import { z } from 'zod';
import { readCollection } from '../collections/collection-page.ts';
import { loadCollection } from '../collections/collection-queries.ts';
import { collectionPath } from '../lib/slug.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { SearchDeps } from '../search/search-service.ts';
import { asNumber } from '../web/api-parameter.ts';
import { apiFacts } from './resource-api-queries.ts';
import { apiSummary } from './resource-api-view.ts';
import { resourceSummary } from './resource-schema.ts';

const said = (description: string) => ({ description });

export const collectionQuery = z.object({
  page: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .catch(1)
    .meta(
      asNumber('A page has 20 resources; of a rule, what is pinned stands before the first 20.', {
        minimum: 1,
      }),
    ),
});

const item = z
  .object({
    section: z.string().nullable().meta(said('Heading under which it stands.')),
    note: z.string().nullable().meta(said('What was written about it here, in Markdown.')),
    by_rule: z.boolean().meta(said('Found by the rule, not put in by hand.')),
    resource: resourceSummary,
  })
  .meta({ id: 'CollectionItem' });

/** `GET /api/v1/collections/:id`. */
export const collectionRecord = z
  .object({
    id: z.uuid(),
    title: z.string().meta(said('Empty for what a person saved.')),
    description: z.string().meta(said('Markdown.')),
    kind: z.enum(['saved', 'list', 'rule']).meta(said('Saved; put together by hand; kept by a rule.')),
    visibility: z.enum(['private', 'link', 'school', 'district', 'public']),
    featured: z.boolean().meta(said('Chosen by the state.')),
    language: z.string(),
    owner: z.string(),
    organization: z.string(),
    rule: z.url().nullable().meta(said('The search that it is kept by.')),
    total: z.int().meta(said('Resources in it that you may see.')),
    page: z.int(),
    pages: z.int(),
    items: z.array(item),
    updated_at: z.iso.datetime().meta(said('UTC.')),
    links: z.object({ self: z.url(), page: z.url(), zip: z.url() }),
  })
  .meta({ id: 'Collection' });

/**
 * A collection as the API answers it: what stands on one page of it for this viewer. A page behind the last one is the last.
 * @throws 404 where they may not see it; 503 when no engine answers for a rule
 */
export async function apiCollection(
  deps: SearchDeps & { config: { baseUrl: string } },
  viewer: Viewer,
  id: string,
  page: number,
): Promise<z.output<typeof collectionRecord>> {
  const collection = await loadCollection(deps.pool, viewer, id, 'see');
  const read = await readCollection(deps, viewer, collection, page);
  const { baseUrl } = deps.config;
  const shown = [
    ...read.items.map((one) => ({ ...one, byRule: false })),
    ...read.hits.map((resourceId) => ({ resourceId, sectionId: null, note: '', byRule: true })),
  ];
  const facts = await apiFacts(
    deps.pool,
    shown.map((one) => one.resourceId),
  );
  const address = `${baseUrl}/collections/${id}`;
  return {
    id,
    title: collection.title,
    description: collection.description,
    kind: collection.kind,
    visibility: collection.visibility,
    featured: collection.featured,
    language: collection.language,
    owner: collection.ownerName,
    organization: collection.organizationName,
    rule: collection.rule === null ? null : baseUrl + collection.rule,
    total: read.total,
    page: read.page,
    pages: read.pages,
    items: shown.flatMap(({ resourceId, sectionId, note, byRule }) => {
      const card = read.cards.get(resourceId);
      const more = facts.get(resourceId);
      if (!card || !more) return [];
      const section = read.contents.sections.find((one) => one.id === sectionId)?.title ?? null;
      return [{ section, note: note || null, by_rule: byRule, resource: apiSummary(card, more, baseUrl) }];
    }),
    updated_at: collection.updatedAt.toISOString(),
    links: {
      self: `${baseUrl}/api/v1/collections/${id}`,
      page: baseUrl + collectionPath(id, collection.title),
      zip: `${address}/files.zip`,
    },
  };
}
