import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, forbidden, invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import { slug } from '../../lib/slug.ts';
import { isStateStaff, type Viewer } from '../../lib/viewer.ts';
import { notify } from '../../notices/notice-service.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../../platform/job-queue/job-queue.ts';
import { loadResource, type LoadedResource } from '../../resources/resource-facts-queries.ts';
import { authorsOf } from '../../resources/resource-people.ts';
import type { LoadedFlag } from '../flags/flag-decision.ts';
import { tellOutcome } from '../flags/flag-outcome.ts';
import { deleteHangingRows, withoutMessages, withoutTitles } from './hanging-rows.ts';
import type { PurgeWhy } from './purge-schema.ts';

/** What has to be typed so that a title is confirmed; a title without plain letters is confirmed by the word itself. */
export const isConfirmed = (title: string, typed: string): boolean =>
  slug(title) === '' ? typed.trim().toLowerCase() === 'purge' : slug(typed) === slug(title);

/** May destroy: leads and administrators of the state. */
const canPurge = (viewer: Viewer): boolean => isStateStaff(viewer, 'lead', 'admin');

/**
 * Destroys a resource: in this transaction all that the database has of it, in every version, with what hangs on it; by a
 * job that takes up where it was cut off its files, what imports keep of it, and its words in the search. What stays is
 * who, when and why. Flags on it are settled, its authors and whoever flagged it are told, without a title.
 * @throws 403 for others than leads and administrators of the state, 404, 422 unless its title was typed, 409 when it is
 *   purged already
 */
export async function purgeResource(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  input: { resourceId: string; why: PurgeWhy; reason: string; confirm: string },
  origin: Origin,
): Promise<void> {
  if (!canPurge(viewer)) throw forbidden();
  await withTransaction(pool, async (client) => {
    const { resourceId } = input;
    const resource = await loadResource(client, resourceId, { lock: true });
    if (!resource) throw notFound();
    if (resource.state === 'purged') throw conflict('purge.already');
    if (!isConfirmed(resource.title, input.confirm))
      throw invalid({ field: 'confirm', key: 'purge.fault.confirm' });
    const at = clock.now();
    const { contents, titles, words } = await whatItHas(client, resourceId);
    await client.query(
      `INSERT INTO purge (resource_id, why, reason, asked_by, asked_at, contents, words) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [resourceId, input.why, input.reason, viewer.id, at, contents, words],
    );
    await settleFlags(client, resource, { by: viewer.id, at });
    await client.query(
      `UPDATE resource SET state = 'purged', purged_at = $2, current_version_id = NULL, withdrawn_at = NULL, withdrawn_reason = NULL,
         takedown = false, held_at = NULL, content_hash = NULL, check_state = 'claimed', checked_at = NULL, checked_by = NULL,
         checked_for = NULL, updated_at = $2 WHERE id = $1`,
      [resourceId, at],
    );
    const removed = await deleteHangingRows(client, resourceId);
    await withoutTitles(client, resourceId, titles);
    await withoutMessages(client, titles);
    await client.query('UPDATE purge SET removed = $2 WHERE resource_id = $1', [resourceId, removed]);
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
    await notify(client, { to: authorsOf(resource), kind: 'resource.purged', resourceId, by: viewer.id });
    await audit(client, {
      actorId: viewer.id,
      action: 'resource.purged',
      objectType: 'resource',
      objectId: resourceId,
      organizationId: resource.organizationId,
      detail: { why: input.why },
      ...origin,
    });
    await enqueue(
      client,
      'purge-rest',
      { resourceId },
      { jobKey: `purge-rest:${resourceId}`, priority: jobPriority.people },
    );
  });
}

/** Titles of all versions, the contents of its files, and every word that the search may have learned from it. */
async function whatItHas(
  client: PoolClient,
  resourceId: string,
): Promise<{ contents: string[]; titles: string[]; words: string[] }> {
  const { rows } = await client.query<{ contents: string[]; titles: string[]; words: string[] }>(
    `WITH texts AS (
       SELECT concat_ws(' ', v.title, v.summary, v.description, v.full_text, v.authors, v.publisher,
         (SELECT string_agg(k.keyword, ' ') FROM version_keyword k WHERE k.version_id = v.id)) AS text
       FROM version v WHERE v.resource_id = $1
       UNION ALL
       SELECT concat_ws(' ', f.name, (SELECT string_agg(p.text, ' ') FROM blob_page p WHERE p.sha256 = f.sha256))
       FROM file f WHERE f.resource_id = $1)
     SELECT ARRAY(SELECT DISTINCT sha256 FROM file WHERE resource_id = $1) AS contents,
       ARRAY(SELECT DISTINCT title FROM version WHERE resource_id = $1) AS titles,
       ARRAY(SELECT DISTINCT plain(w.word) FROM texts, regexp_split_to_table(lower(texts.text), '[^[:alpha:]]+') AS w (word)
             WHERE length(w.word) BETWEEN 3 AND 30) AS words`,
    [resourceId],
  );
  return rows[0] ?? { contents: [], titles: [], words: [] };
}

async function settleFlags(
  client: PoolClient,
  resource: LoadedResource,
  { by, at }: { by: string; at: Date },
): Promise<void> {
  const { rows } = await client.query<LoadedFlag>(
    `UPDATE flag SET state = 'purged', decided_at = $2, decided_by = $3 WHERE resource_id = $1 AND state = 'open'
     RETURNING id, kind, about, state, hides, coalesce(comment_id, use_id) AS voice_id, person_id, mail, created_at`,
    [resource.id, at, by],
  );
  for (const flag of rows) await tellOutcome(client, flag, resource, { outcome: 'purged', by });
  await client.query(`UPDATE flag SET state = 'purged' WHERE resource_id = $1 AND state <> 'purged'`, [
    resource.id,
  ]);
  await client.query(
    `UPDATE takedown SET state = 'purged', ended_at = $2, ended_by = $3 WHERE resource_id = $1 AND state = 'down'`,
    [resource.id, at, by],
  );
}
