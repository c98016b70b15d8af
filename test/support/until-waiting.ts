import type { Pool } from 'pg';
import { expect } from 'vitest';

/** Until as many statements wait for a lock, at most `timeout` milliseconds. */
export const untilWaiting = (pool: Pool, number = 1, timeout = 10_000): Promise<void> =>
  expect
    .poll(
      async () =>
        (
          await pool.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          )
        ).rowCount,
      { timeout, interval: 10 },
    )
    .toBeGreaterThanOrEqual(number);
