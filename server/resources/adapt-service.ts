import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { insertResource } from './draft-service.ts';
import { loadForReading } from './resource-facts-queries.ts';
import type { AdaptRefusal } from './resource-view.ts';
import { copyVersionAsDraft } from './version-copy.ts';

/** Why a license keeps a copy from being changed, or null when it may be. */
export function adaptRefusal(license: { code: string; adaptable: boolean } | null): AdaptRefusal | null {
  if (license?.adaptable) return null;
  if (!license || license.code === 'unknown') return 'ask-first';
  return license.code.includes('-ND') ? 'no-derivatives' : 'all-rights-reserved';
}

/**
 * Begins an adaptation: a draft of one's own with text, tags, claims and files of the current version, that
 * remembers its source and names whom to credit.
 * @returns the new resource's id, or why its license does not allow it
 * @throws 404 where the source may not be seen
 */
export async function adaptResource(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer & { id: string; organizationId: string },
  sourceId: string,
  origin: Origin,
): Promise<{ resourceId: string } | { refused: AdaptRefusal }> {
  return withTransaction(pool, async (client) => {
    const source = await loadForReading(client, viewer, sourceId);
    if (source.currentVersionId === null || source.currentNumber === null) return { refused: 'withdrawn' };
    const { rows } = await client.query<{ credit: string; code: string | null; adaptable: boolean | null }>(
      `SELECT concat_ws('. ', nullif(concat('“', v.title, '” by ', coalesce(nullif(v.authors, ''), p.name, o.name)), ''), l.name, nullif(v.credit, '')) AS credit,
              l.code, l.adaptable
       FROM version v JOIN resource r ON r.id = v.resource_id JOIN organization o ON o.id = r.organization_id
       LEFT JOIN person p ON p.id = r.owner_id LEFT JOIN license l ON l.code = v.license
       WHERE v.id = $1`,
      [source.currentVersionId],
    );
    const work = rows[0]!;
    const refused = adaptRefusal(
      work.code === null ? null : { code: work.code, adaptable: work.adaptable ?? false },
    );
    if (refused) return { refused };
    const resourceId = await insertResource(client, viewer, viewer.organizationId, {
      resourceId: sourceId,
      number: source.currentNumber,
    });
    const draftId = await copyVersionAsDraft(
      client,
      { versionId: source.currentVersionId, resourceId: sourceId, number: source.currentNumber },
      { resourceId, visibility: source.visibility, personId: viewer.id },
    );
    await client.query('UPDATE version SET authors = $2, credit = $3, publisher = $4 WHERE id = $1', [
      draftId,
      viewer.name,
      work.credit,
      '',
    ]);
    await client.query(
      `WITH copied AS (
         INSERT INTO file (id, resource_id, sha256, name, uploaded_by)
         SELECT n.id, $2, f.sha256, f.name, $3
         FROM version_file vf JOIN file f ON f.id = vf.file_id
         CROSS JOIN LATERAL (SELECT uuidv7() AS id WHERE vf.file_id IS NOT NULL) n
         WHERE vf.version_id = $1
         RETURNING id, sha256, name)
       INSERT INTO version_file (version_id, file_id, position, educators_only)
       SELECT DISTINCT ON (c.id) $4, c.id, vf.position, vf.educators_only
       FROM copied c JOIN file f ON f.sha256 = c.sha256 AND f.name = c.name
       JOIN version_file vf ON vf.file_id = f.id AND vf.version_id = $1
       ORDER BY c.id, vf.position`,
      [source.currentVersionId, resourceId, viewer.id, draftId],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'resource.adapted',
      objectType: 'resource',
      objectId: resourceId,
      organizationId: viewer.organizationId,
      ...origin,
      detail: { source: sourceId, sourceVersion: source.currentNumber },
    });
    return { resourceId };
  });
}
