import { createHash } from 'node:crypto';
import type { QueryConfig } from 'pg';

/**
 * A statement that every connection prepares once and plans at most a few times. For fixed texts that are asked for all
 * the time: planning a card with all that hangs on it takes longer than reading twenty. The text must not change with
 * the values, since each text stays prepared while the connection lives.
 * @returns what gives the statement with values to `query`
 */
export function prepared(text: string): (values: unknown[]) => QueryConfig {
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 40);
  return (values) => ({ name, text, values });
}
