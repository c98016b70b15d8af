import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import { conflict } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { moved, type CallMove, type CallState, type Mover } from './call-states.ts';

/** A call as its moves need it. */
export interface StoredCall {
  id: string;
  organizationId: string;
  districtId: string | null;
  state: CallState;
  revision: number;
  standardGuid: string;
  levelId: string | null;
  madeBy: string | null;
  /** Who had asked for it. */
  askedBy: string | null;
  /** "4.NF.1, Emerging": how notices call it. */
  name: string;
}

/** Reads calls and locks them, in the order of their ids. @param where SQL over `c`, with `$1` */
export async function lockCalls(client: PoolClient, where: string, value: unknown): Promise<StoredCall[]> {
  const { rows } = await client.query<StoredCall>(
    `SELECT c.id, c.organization_id AS "organizationId", c.district_id AS "districtId", c.state, c.revision,
       c.standard_guid AS "standardGuid", c.level_id AS "levelId", c.made_by AS "madeBy", k.person_id AS "askedBy",
       concat_ws(', ', coalesce(s.code, left(s.statement, 60)), l.name) AS name
     FROM lesson_call c JOIN standard s ON s.guid = c.standard_guid
       LEFT JOIN competency_level l ON l.id = c.level_id LEFT JOIN search_ask k ON k.id = c.ask_id
     WHERE ${where} ORDER BY c.id FOR UPDATE OF c`,
    [value],
  );
  return rows;
}

/**
 * Moves a call that is locked, by the table of moves, and notes it in the log.
 * @throws 409 when its state has no such move
 */
export async function moveCall(
  client: PoolClient,
  call: StoredCall,
  step: { move: CallMove; by: Mover; personId: string | null; at: Date; note?: string; origin: Origin },
): Promise<CallState> {
  const { rows } = await client.query<{ answers: number }>(
    'SELECT count(*)::int AS answers FROM call_answer WHERE call_id = $1 AND refused_at IS NULL',
    [call.id],
  );
  const state = moved(call.state, step.move, step.by, rows[0]?.answers ?? 0);
  if (state === undefined) throw conflict(`call.notNow.${call.state}`);
  await client.query(
    `UPDATE lesson_call SET state = $2, revision = revision + 1, moved_by = $3, moved_at = $4, note = $5,
       closes_on = CASE WHEN $6 AND closes_on < ($4::timestamptz AT TIME ZONE 'UTC')::date THEN NULL ELSE closes_on END WHERE id = $1`,
    [call.id, state, step.personId, step.at, step.note ?? '', step.move === 'reopen'],
  );
  await audit(client, {
    actorId: step.personId,
    action: `lesson_call.${PAST[step.move]}`,
    objectType: 'lesson_call',
    objectId: call.id,
    organizationId: call.organizationId,
    ...step.origin,
  });
  return state;
}

const PAST: Record<CallMove, string> = {
  answer: 'answered',
  refuse: 'answer_refused',
  accept: 'accepted',
  close: 'closed',
  expire: 'expired',
  reopen: 'reopened',
};
