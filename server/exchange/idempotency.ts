import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { PortalError } from '../errors.ts';
import { heldTurns } from '../platform/database/held-turns.ts';
import type { ApiAnswer } from '../web/send-answer.ts';

/** Hours for which the same key gets the same answer. */
const KEPT_HOURS = 24;

/**
 * Does the work of a POST once for each `Idempotency-Key` of a token: the same request again gets the first one's answer,
 * also while that is still under way. What failed is not kept, and may be tried again.
 * @param request.parts everything that says what was asked for; contents by their hash
 * @throws 400 for a key that is none; 422 when the key came with another request before
 */
export async function onceForKey(
  pool: Pool,
  request: { tokenId: string; key: string | undefined; parts: readonly unknown[] },
  work: () => Promise<ApiAnswer>,
): Promise<ApiAnswer & { repeated: boolean }> {
  const { tokenId, key } = request;
  if (key === undefined) return { ...(await work()), repeated: false };
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new PortalError(400, 'bad_key', 'api.badKey');
  const requestHash = createHash('sha256').update(JSON.stringify(request.parts)).digest('hex');
  return heldTurns(pool)(() => onceHeld(pool, { tokenId, key, requestHash }, work));
}

type Kept = { request_hash: string; status: number; location: string | null; body: unknown };

async function onceHeld(
  pool: Pool,
  { tokenId, key, requestHash }: { tokenId: string; key: string; requestHash: string },
  work: () => Promise<ApiAnswer>,
): Promise<ApiAnswer & { repeated: boolean }> {
  const client = await pool.connect();
  const lock = [`api:${tokenId}:${key}`];
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', lock);
    const { rows } = await client.query<Kept>(
      `SELECT request_hash, status, location, body FROM api_answer
       WHERE token_id = $1 AND key = $2 AND created_at > now() - make_interval(hours => $3)`,
      [tokenId, key, KEPT_HOURS],
    );
    const [kept] = rows;
    if (kept && kept.request_hash !== requestHash) throw new PortalError(422, 'key_reused', 'api.keyReused');
    if (kept) return { status: kept.status, location: kept.location, body: kept.body, repeated: true };
    const answer = await work();
    await client.query(
      `INSERT INTO api_answer (token_id, key, request_hash, status, location, body) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (token_id, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
         location = excluded.location, body = excluded.body, created_at = now()`,
      [tokenId, key, requestHash, answer.status, answer.location, JSON.stringify(answer.body)],
    );
    return { ...answer, repeated: false };
  } finally {
    // A connection that is gone has let go of the lock already, and must not go back into the pool.
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock).then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  }
}

/** Forgets answers that no longer count. */
export async function tidyAnswers(pool: Pool): Promise<void> {
  await pool.query(`DELETE FROM api_answer WHERE created_at < now() - make_interval(hours => $1)`, [
    KEPT_HOURS,
  ]);
}
