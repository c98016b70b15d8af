import type { PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { forbidden, invalid, PortalError } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { draftFaults, publishSubmitted, returnSubmitted } from '../resources/publish-service.ts';
import { loadForCheck, type CheckedResource } from './check-facts-queries.ts';
import { moveCheck } from './check-machine.ts';
import { tellAuthors, tellCheckers } from './check-notices.ts';
import { checkPower, checkRefusal, type CheckPower } from './check-policy.ts';
import { checkSettings, type CheckSettings } from './check-settings-queries.ts';
import { claimsOf, type Claim } from './claim-queries.ts';
import { decisionFaults, readDecision, type Decision, type Outcome } from './decision.ts';
import { log } from './lease-service.ts';
import { nextWaiting } from './queue-queries.ts';
import type { QueueFilters } from './queue-schema.ts';
import { writeDecision } from './write-decision.ts';

/** A decision that meets something else than its author saw: what is there now is said, and nothing is written. */
export class CheckMoved extends PortalError {
  readonly what: 'version' | 'decided' | 'held' | 'withdrawn';

  constructor(what: CheckMoved['what'], key: MessageKey, params: MessageParams) {
    super(409, 'conflict', key, { params });
    this.what = what;
  }
}

export type DecisionInput = {
  resourceId: string;
  /** The version (and of a draft its revision) that the curator looked at. */
  seen: string;
  /** The decision that stood when they opened it; empty for none. */
  seenCheck: string;
  outcome: Outcome;
  body: Record<string, unknown>;
  back: QueueFilters;
};

/** What names the state of a resource that a decision is about. */
export const seenToken = (resource: CheckedResource): string =>
  resource.state === 'submitted'
    ? `${resource.draftId ?? ''}:${resource.draftRevision ?? 0}`
    : (resource.currentVersionId ?? '');

/**
 * Writes a curator's decision: the record of it, what it makes of the resource and its alignments, and for what was
 * handed in, its publication. A lead's decision settles a dispute.
 * @returns the title, and what comes next in the queue that it was reached from
 * @throws 404; 403 with the reason; 422 with what it lacks; CheckMoved where it was changed, decided, taken or withdrawn meanwhile
 */
export async function decideCheck(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  input: DecisionInput,
  origin: Origin,
): Promise<{ title: string; next: string | undefined }> {
  return withTransaction(pool, async (client) => {
    const now = clock.now();
    const resource = await loadForCheck(client, viewer, input.resourceId, { now, lock: true });
    const power = mayDecide(viewer, resource);
    await nothingMoved(client, viewer, resource, input);
    const settings = await checkSettings(client);
    const claims = await claimsOf(client, resource, power);
    const decision = readDecision(input.body, input.outcome, {
      claims,
      rubric: settings.rubric,
      levels: await levelSlugs(client),
    });
    const submitted = resource.state === 'submitted';
    const faults = decisionFaults(decision, { claims, submitted });
    if (faults.length > 0) throw invalid(...faults);
    const next = await nextWaiting(client, {
      viewer,
      filters: input.back,
      now,
      current: resource.id,
    });
    await write(client, viewer, { resource, power, claims, decision, settings, now });
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resource.id]);
    const settles = resource.check.state === 'disputed';
    await tellAuthors(
      client,
      viewer,
      resource,
      settles && decision.outcome !== 'withdrawn' ? 'check.settled' : `check.${decision.outcome}`,
    );
    if (settles) await tellCheckers(client, viewer, resource, 'check.settled');
    await log(client, viewer, resource, `check.${decision.outcome}`, origin, {
      for: power.kind,
      settles,
    });
    return { title: resource.title, next };
  });
}

function mayDecide(viewer: Viewer, resource: CheckedResource): CheckPower {
  const power = checkPower(viewer, resource);
  const refusal = checkRefusal(viewer, resource, resource.check);
  if (refusal || !power) throw forbidden(`curate.refused.${refusal ?? 'notYours'}`);
  return power;
}

async function nothingMoved(
  client: PoolClient,
  viewer: Viewer,
  resource: CheckedResource,
  { seen, seenCheck }: DecisionInput,
): Promise<void> {
  const { title, wait } = resource;
  if (resource.state !== 'published' && resource.state !== 'submitted')
    throw new CheckMoved('withdrawn', 'curate.moved.withdrawn', { title });
  if ((resource.lastCheckId ?? '') !== seenCheck) {
    const { rows } = await client.query<{ name: string }>(
      'SELECT p.name FROM resource_check c JOIN person p ON p.id = c.person_id WHERE c.id = $1',
      [resource.lastCheckId],
    );
    throw new CheckMoved('decided', 'curate.moved.decided', { title, name: rows[0]?.name ?? '' });
  }
  if (seenToken(resource) !== seen) throw new CheckMoved('version', 'curate.moved.version', { title });
  if (wait?.heldBy && wait.heldBy !== viewer.id)
    throw new CheckMoved('held', 'curate.moved.held', { title, name: wait.heldByName ?? '' });
}

type Writing = {
  resource: CheckedResource;
  power: CheckPower;
  claims: Claim[];
  decision: Decision;
  settings: CheckSettings;
  now: Date;
};

async function write(client: PoolClient, viewer: Viewer & { id: string }, input: Writing): Promise<void> {
  const { resource, power, decision, now } = input;
  const part = power.lead ? 'lead' : 'curator';
  const settles = resource.check.state === 'disputed';
  const submitted = resource.state === 'submitted';
  let versionId = resource.currentVersionId ?? '';
  let number = resource.currentNumber ?? 1;
  let alignmentOf = (claimId: string): string | undefined => claimId;
  if (submitted && resource.draftId !== null) {
    versionId = resource.draftId;
    if (decision.outcome === 'checked') {
      const faults = await draftFaults(client, resource.draftId);
      if (faults.length > 0) throw invalid({ field: 'outcome', key: 'curate.fault.unfinished' });
      number = await publishSubmitted(client, resource, { personId: viewer.id, at: now });
      alignmentOf = await publishedClaims(client, resource.id, input.claims);
    } else {
      await returnSubmitted(client, resource.id, now);
      alignmentOf = () => undefined; // they aren't alignments yet
    }
  }
  const move = decision.outcome === 'withdrawn' ? null : decision.outcome === 'checked' ? 'check' : 'return';
  const settled = move === 'check' ? 'settleChecked' : 'settleReturned';
  const state = move && moveCheck(resource.check.state, settles ? settled : move, part);
  if (move !== null && state === null) throw forbidden('curate.refused.lead');
  await writeDecision(client, {
    resource,
    versionId,
    number,
    personId: viewer.id,
    power,
    decision,
    claims: input.claims.flatMap((claim) => {
      const id = alignmentOf(claim.id);
      return id === undefined ? [] : [{ ...claim, alignmentId: id }];
    }),
    rubricId: decision.ratings.size > 0 ? (input.settings.rubric?.id ?? null) : null,
    settles,
    state,
    at: now,
  });
}

/** Where the wishes of a draft went when it was published: by the wish's id, the alignment's. */
async function publishedClaims(
  client: PoolClient,
  resourceId: string,
  claims: Claim[],
): Promise<(claimId: string) => string | undefined> {
  const { rows } = await client.query<{
    id: string;
    standard_guid: string;
    relation: string;
    level_id: string | null;
  }>(
    'SELECT id, standard_guid, relation, level_id FROM alignment WHERE resource_id = $1 AND to_version IS NULL',
    [resourceId],
  );
  const key = (...parts: (string | null)[]) => parts.join(' ');
  const ids = new Map(rows.map((row) => [key(row.standard_guid, row.relation, row.level_id), row.id]));
  const found = new Map(
    claims.map((claim) => [claim.id, ids.get(key(claim.guid, claim.relation, claim.levelId))]),
  );
  return (claimId) => found.get(claimId);
}

async function levelSlugs(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ slug: string }>(
    'SELECT slug FROM competency_level ORDER BY position',
  );
  return rows.map(({ slug }) => slug);
}
