import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { PortalError } from '../errors.ts';

/** `points` uses in `seconds`; over that, refused until the window ends (or `blockSeconds`). */
export type Limit = { name: string; points: number; seconds: number; blockSeconds?: number };

export type RateLimiter = {
  /** Takes a point. @throws 429 in words when none is left */
  take: (key: string) => Promise<void>;
  /** Gives the key all its points back (after a successful sign-in). */
  clear: (key: string) => Promise<void>;
};

/** Longer than any window. */
const FAR_MS = 2 * 24 * 3600 * 1000;

/** Drops counts that end too late: they began while the clock was wrong, and would keep people out until then. */
export async function forgetFarLimits(pool: Pool, now: Date): Promise<void> {
  await pool.query('DELETE FROM rate_limit WHERE expire > $1', [now.getTime() + FAR_MS]);
}

/** A limiter whose counts are in PostgreSQL, shared by every process. */
export function rateLimiter(pool: Pool, limit: Limit): RateLimiter {
  const limiter = new RateLimiterPostgres({
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limit',
    tableCreated: true,
    keyPrefix: limit.name,
    points: limit.points,
    duration: limit.seconds,
    ...(limit.blockSeconds === undefined ? {} : { blockDuration: limit.blockSeconds }),
  });
  return {
    async take(key) {
      try {
        await limiter.consume(key.slice(0, 200));
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw tooMany(error.msBeforeNext);
      }
    },
    async clear(key) {
      await limiter.delete(key.slice(0, 200));
    },
  };
}

/** 429 with how long to wait. */
export function tooMany(waitMs: number): PortalError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new PortalError(429, 'too_many_requests', 'error.tooMany', {
    params: { count: Math.ceil(seconds / 60) },
    retryAfter: seconds,
  });
}
