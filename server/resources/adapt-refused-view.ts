import type { Pool } from 'pg';
import { notFound } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import { licenseWordsSql } from '../vocabularies/vocabulary-queries.ts';
import type { LicenseWords } from '../vocabularies/vocabulary-view.ts';
import { resourceCards, unknownLicense } from './resource-card-queries.ts';
import { neighboursOf } from './resource-page-queries.ts';
import type { AdaptRefusal, AdaptRefusedPage } from './resource-view.ts';
import { shelfItem } from './shelf-items.ts';

/** Why this one can't be adapted, with others for the same standards that can. @throws 404 where it may not be seen */
export async function adaptRefusedPage(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  reason: AdaptRefusal,
): Promise<AdaptRefusedPage> {
  const [cards, neighbours, { rows }] = await Promise.all([
    resourceCards(pool, viewer, [resourceId]),
    neighboursOf(pool, viewer, resourceId, 20),
    pool.query<{ license: LicenseWords }>(
      `SELECT ${licenseWordsSql('l')} AS license FROM resource r JOIN version v ON v.id = r.current_version_id JOIN license l ON l.code = v.license WHERE r.id = $1`,
      [resourceId],
    ),
  ]);
  const card = cards.get(resourceId);
  if (!card) throw notFound();
  const others = await resourceCards(
    pool,
    viewer,
    neighbours.map((near) => near.id),
  );
  return {
    resource: { title: card.title, url: card.url, language: card.language },
    reason,
    license: rows[0]?.license ?? { ...unknownLicense, may: [], must: [], mayNot: [] },
    organization: card.organization,
    next: neighbours
      .flatMap((near) => others.get(near.id) ?? [])
      .filter((other) => other.license.adaptable)
      .slice(0, 4)
      .map((other) => shelfItem(other, { why: 'adaptable' })),
  };
}
