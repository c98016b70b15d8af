import type { PoolClient } from 'pg';
import type { CheckStatus } from '../resources/resource-view.ts';
import type { CheckedResource } from './check-facts-queries.ts';
import { fitStates } from './check-machine.ts';
import type { CheckPower } from './check-policy.ts';
import type { Claim } from './claim-queries.ts';
import type { Decision } from './decision.ts';

type Input = {
  resource: CheckedResource;
  versionId: string;
  number: number;
  personId: string;
  power: CheckPower;
  decision: Decision;
  claims: (Claim & { alignmentId: string })[];
  rubricId: string | null;
  settles: boolean;
  /** What becomes of the resource's check; null where it is withdrawn. */
  state: CheckStatus | null;
  at: Date;
};

/**
 * The rows of a decision, and their projection on the resource and its alignments. On the caller's transaction, which
 * has locked the resource and checked that it may be.
 */
export async function writeDecision(client: PoolClient, input: Input): Promise<void> {
  const checkId = await writeRecord(client, input);
  await judgeAlignments(client, checkId, input);
  await projectOnResource(client, input);
  await client.query('DELETE FROM check_wait WHERE resource_id = $1', [input.resource.id]);
}

async function writeRecord(client: PoolClient, input: Input): Promise<string> {
  const { resource, decision, power } = input;
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO resource_check (resource_id, version_id, person_id, for_id, outcome, settles, note, rubric_id, waited_from, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
    [
      resource.id,
      input.versionId,
      input.personId,
      power.organizationId,
      decision.outcome,
      input.settles,
      decision.note,
      input.rubricId,
      resource.wait?.since ?? null,
      input.at,
    ],
  );
  const checkId = rows[0]!.id;
  await client.query(
    `INSERT INTO check_rating (check_id, criterion_id, rating)
     SELECT $1, g.criterion, g.rating FROM unnest($2::uuid[], $3::smallint[]) AS g (criterion, rating)`,
    [checkId, [...decision.ratings.keys()], [...decision.ratings.values()]],
  );
  return checkId;
}

/** "Other level" puts a claim of the curator beside the author's, so that it is found where it belongs at once. */
async function judgeAlignments(client: PoolClient, checkId: string, input: Input): Promise<void> {
  const judged = input.claims.flatMap(({ id, alignmentId }) => {
    const judgement = input.decision.claims.get(id);
    return judgement?.fit
      ? [
          {
            id: alignmentId,
            fit: judgement.fit,
            state: fitStates[judgement.fit],
            level: judgement.level,
            note: judgement.note,
          },
        ]
      : [];
  });
  if (judged.length === 0) return;
  const given = `json_to_recordset($1::json) AS j (id uuid, fit text, state text, level text, note text)`;
  await client.query(
    `INSERT INTO alignment_check (check_id, alignment_id, fit, level_id, note)
     SELECT $2, j.id, j.fit, (SELECT l.id FROM competency_level l WHERE l.slug = j.level), j.note FROM ${given}`,
    [JSON.stringify(judged), checkId],
  );
  await client.query(
    `UPDATE alignment a SET fit = j.fit, check_state = j.state, check_note = nullif(j.note, ''), checked_by = $2, checked_for = $3,
       checked_at = $4, checked_version = $5
     FROM ${given} WHERE a.id = j.id`,
    [JSON.stringify(judged), input.personId, input.power.organizationId, input.at, input.number],
  );
  await client.query(
    `INSERT INTO alignment (resource_id, standard_guid, relation, level_id, claimed_by, claimed_as, from_version, check_state, fit,
       checked_by, checked_for, checked_at, checked_version, created_at)
     SELECT a.resource_id, a.standard_guid, a.relation, l.id, $2, 'curator', $5, 'checked', 'full', $2, $3, $4, $5, $4
     FROM ${given} JOIN alignment a ON a.id = j.id JOIN competency_level l ON l.slug = j.level
     WHERE NOT EXISTS (SELECT 1 FROM alignment o WHERE o.resource_id = a.resource_id AND o.to_version IS NULL
                       AND o.standard_guid = a.standard_guid AND o.relation = a.relation AND o.level_id = l.id)`,
    [JSON.stringify(judged), input.personId, input.power.organizationId, input.at, input.number],
  );
}

async function projectOnResource(client: PoolClient, input: Input): Promise<void> {
  const { resource, decision, power, at } = input;
  if (decision.outcome === 'withdrawn')
    await client.query(
      `UPDATE resource SET state = 'withdrawn', withdrawn_at = $2, withdrawn_reason = $3, updated_at = $2,
         check_state = CASE check_state WHEN 'in_check' THEN 'claimed' ELSE check_state END WHERE id = $1`,
      [resource.id, at, decision.note],
    );
  else
    await client.query(
      `UPDATE resource SET check_state = $2, checked_by = $3, checked_for = $4, checked_at = $5, updated_at = $5 WHERE id = $1`,
      [resource.id, input.state, input.personId, power.organizationId, at],
    );
}
