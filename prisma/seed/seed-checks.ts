import type { Pool } from 'pg';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { loadForCheck } from '../../server/curation/check-facts-queries.ts';
import { checkPower } from '../../server/curation/check-policy.ts';
import { checkSettings } from '../../server/curation/check-settings-queries.ts';
import { claimsOf } from '../../server/curation/claim-queries.ts';
import { decideCheck, seenToken } from '../../server/curation/decide-service.ts';
import { assignCheck, takeCheck } from '../../server/curation/lease-service.ts';
import { queueQuery } from '../../server/curation/queue-schema.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator, type Viewer } from '../../server/lib/viewer.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { checkStories, type CheckStory } from './check-stories.ts';
import { seedHandedIn } from './seed-handed-in.ts';

const day = 24 * 3600 * 1000;

/** Who checks in the demo, and how things stand with them: what waits and why, what was decided, disputed, said. */
export async function seedChecks(deps: Deps, ids: Map<string, string>): Promise<void> {
  await rememberChecks(deps.pool);
  await fillQueue(deps);
  const readers = new Map<string, Viewer & { id: string }>();
  const viewer = async (email: string) => {
    const known = readers.get(email) ?? (await accountByEmail(deps.pool, email))?.viewer;
    if (!known || !isEducator(known)) throw new Error(`the demo has no ${email}`);
    readers.set(email, known);
    return known;
  };
  for (const story of checkStories) {
    const resourceId = ids.get(story.resource);
    if (resourceId) await tell(deps, story, resourceId, await viewer(story.by));
  }
  await seedHandedIn(deps);
  await shareOut(deps, await viewer('lead@state.example'), await viewer('curator@state.example'));
  await askPortal(deps);
}

/** The catalog says what was checked; here are the decisions that it stands for. */
async function rememberChecks(pool: Pool): Promise<void> {
  await pool.query(
    `WITH made AS (
       INSERT INTO resource_check (resource_id, version_id, person_id, for_id, outcome, waited_from, created_at)
       SELECT r.id, r.current_version_id, r.checked_by, r.checked_for, 'checked', r.published_at, r.checked_at FROM resource r
       WHERE r.check_state IN ('checked', 'disputed') AND r.checked_by IS NOT NULL AND r.current_version_id IS NOT NULL
       RETURNING id, resource_id)
     INSERT INTO alignment_check (check_id, alignment_id, fit, level_id)
     SELECT m.id, a.id, a.fit,
       CASE a.fit WHEN 'other_level' THEN (SELECT o.id FROM competency_level l JOIN competency_level o ON o.scale_id = l.scale_id
         WHERE l.id = a.level_id AND o.id <> l.id ORDER BY abs(o.position - l.position), o.position LIMIT 1) END
     FROM made m JOIN alignment a ON a.resource_id = m.resource_id AND a.to_version IS NULL
     WHERE a.fit IS NOT NULL AND (a.fit <> 'other_level' OR a.level_id IS NOT NULL)`,
  );
}

/** What nobody has looked at waits since some school days, as if the year had just begun. */
async function fillQueue({ pool, clock }: Pick<Deps, 'pool' | 'clock'>): Promise<void> {
  await pool.query(
    `SELECT ask_check(w.id, w.why, $1::timestamptz - make_interval(hours => 5 + 16 * row_number() OVER (ORDER BY w.hash)::int))
     FROM (SELECT r.id, md5(r.external_id) AS hash,
             CASE WHEN v.number > 1 THEN 'new_version' WHEN r.adapted_from_id IS NOT NULL THEN 'adaptation' ELSE 'new' END AS why
           FROM resource r JOIN version v ON v.id = r.current_version_id
           WHERE r.state = 'published' AND r.check_state = 'claimed' AND r.source = 'demo'
           ORDER BY (v.number > 1 OR r.adapted_from_id IS NOT NULL) DESC, md5(r.external_id) LIMIT 26) w`,
    [clock.now()],
  );
  await pool.query(
    `SELECT ask_check(r.id, 'disputed', $1::timestamptz - make_interval(days => 3)) FROM resource r WHERE r.check_state = 'disputed' AND r.source = 'demo'`,
    [clock.now()],
  );
  await pool.query(
    `INSERT INTO check_message (resource_id, person_id, kind, text, created_at)
     SELECT r.id, r.owner_id, 'dispute',
       'I see why you would put it lower. But the last two questions ask for a reason in writing, and my students who are only beginning could not give one. May a lead have a look?',
       $1::timestamptz - make_interval(days => 3) FROM resource r WHERE r.check_state = 'disputed' AND r.source = 'demo' AND r.owner_id IS NOT NULL`,
    [clock.now()],
  );
}

/** What waits is looked over as after publishing: at once, and again when its files are read. */
async function askPortal({ pool }: Pick<Deps, 'pool'>): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('SELECT resource_id AS id FROM check_wait');
  for (const { id } of rows)
    await enqueue(pool, 'look-over', { resourceId: id }, { jobKey: `look-over:${id}` });
}

async function tell(
  deps: Deps,
  story: CheckStory,
  resourceId: string,
  by: Viewer & { id: string },
): Promise<void> {
  const now = new Date(deps.clock.now().getTime() - story.daysAgo * day);
  const clock = { now: () => now };
  await deps.pool.query(`SELECT ask_check($1, 'new', $2)`, [resourceId, new Date(now.getTime() - 4 * day)]);
  const resource = await loadForCheck(deps.pool, by, resourceId, { now });
  const claims = await claimsOf(deps.pool, resource, checkPower(by, resource));
  const { rubric } = await checkSettings(deps.pool);
  const body: Record<string, string> = { note: story.note };
  for (const [index, claim] of claims.entries()) {
    const said = story.claims[Math.min(index, story.claims.length - 1)] ?? { fit: 'full' };
    body[`fit-${claim.id}`] = said.fit;
    if (said.fit !== 'full') body[`why-${claim.id}`] = said.why ?? '';
    if (said.fit === 'other_level') body[`level-${claim.id}`] = said.level ?? '';
  }
  for (const [index, { id }] of (rubric?.criteria ?? []).entries())
    if (story.ratings?.[index]) body[`rate-${id}`] = String(story.ratings[index]);
  await decideCheck(
    { pool: deps.pool, clock },
    by,
    {
      resourceId,
      seen: seenToken(resource),
      seenCheck: resource.lastCheckId ?? '',
      outcome: story.outcome,
      body,
      back: queueQuery.parse({}),
    },
    noOrigin,
  );
  for (const { text, author, after, kind } of story.messages ?? []) {
    await deps.pool.query(
      `INSERT INTO check_message (resource_id, person_id, kind, staff, text, created_at)
       SELECT $1, CASE WHEN $2 THEN r.owner_id ELSE $3::uuid END, $4, NOT $2, $5, $6 FROM resource r WHERE r.id = $1`,
      [resourceId, author, by.id, kind ?? 'answer', text, new Date(now.getTime() + after * 3600 * 1000)],
    );
    if (kind === 'asked')
      await deps.pool.query(`SELECT ask_check($1, 'asked', $2)`, [
        resourceId,
        new Date(now.getTime() + after * 3600 * 1000),
      ]);
  }
}

/** Some of what waits is somebody's already. */
async function shareOut(
  deps: Deps,
  lead: Viewer & { id: string },
  curator: Viewer & { id: string },
): Promise<void> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT w.resource_id AS id FROM check_wait w JOIN resource r ON r.id = w.resource_id
     WHERE NOT 'disputed' = ANY (w.whys) AND NOT 'asked' = ANY (w.whys) ORDER BY w.since OFFSET 3 LIMIT 4`,
  );
  for (const [index, { id }] of rows.entries())
    if (index < 2) await assignCheck(deps, lead, { resourceId: id, to: curator.id }, noOrigin);
    else if (index === 2) await takeCheck(deps, lead, id, noOrigin);
}
