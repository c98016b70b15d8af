import { audit, type AuditEvent } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { noOrigin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { ContentState } from '../platform/file-store/file-store.ts';
import { lockContent } from './file-collector.ts';

type FixityDeps = Pick<Deps, 'pool' | 'files' | 'log' | 'clock'>;

/** How many contents are asked for at once. */
const BATCH = 50;

export interface FixityLimits {
  /** Reads nothing new after this moment. */
  until?: Date;
  /** At most so many contents; all of them unless told. */
  limit?: number;
  signal?: AbortSignal;
}

export interface CheckedContent {
  sha256: string;
  size: number;
  state: ContentState;
  /** It was known to be damaged, and is right again. */
  restored: boolean;
}

/**
 * Reads stored content to its end and hashes it: first what is known to be damaged, then the least recently checked, each
 * once at most. What was found is written down after each, so a run that is cut short loses nothing.
 * Damaged content is set aside: no door hands it out, and the same file sent again, or put back from a copy, takes its place.
 */
export async function* checkFixity(
  deps: FixityDeps,
  limits: FixityLimits = {},
): AsyncGenerator<CheckedContent> {
  const began = deps.clock.now();
  const { limit = Infinity, until, signal } = limits;
  for (const known of await damagedContent(deps)) yield await checkDamaged(deps, known);
  for (let done = 0; done < limit;) {
    const batch = await leastChecked(deps, began, Math.min(BATCH, limit - done));
    if (batch.length === 0) return;
    for (const content of batch) {
      if (signal?.aborted || (until && deps.clock.now() >= until)) return;
      yield await checkOne(deps, content, signal);
      done += 1;
    }
  }
}

/** Checks one content now, whatever is known of it. */
export const checkContent = (
  deps: FixityDeps,
  content: Content & { damage: string | null },
): Promise<CheckedContent> =>
  content.damage === null ? checkOne(deps, content) : checkDamaged(deps, content);

interface Content {
  sha256: string;
  size: number;
}

async function damagedContent({ pool }: FixityDeps): Promise<Content[]> {
  const { rows } = await pool.query<Content>(
    'SELECT sha256, size FROM blob WHERE damage IS NOT NULL ORDER BY damaged_at, sha256',
  );
  return rows;
}

async function leastChecked({ pool }: FixityDeps, before: Date, limit: number): Promise<Content[]> {
  const { rows } = await pool.query<Content>(
    `SELECT sha256, size FROM blob WHERE coalesce(verified_at, created_at) < $1 AND damage IS NULL
     ORDER BY coalesce(verified_at, created_at), sha256 LIMIT $2`,
    [before, limit],
  );
  return rows;
}

async function checkOne(
  deps: FixityDeps,
  { sha256, size }: Content,
  signal?: AbortSignal,
): Promise<CheckedContent> {
  const first = await deps.files.verify(sha256, signal ? { signal } : {});
  // A fault that passes (a cable, memory) isn't to take a file off the shelf.
  const state = first === 'right' ? first : await deps.files.verify(sha256, signal ? { signal } : {});
  if (state === 'right') await noteRight(deps, sha256);
  else if (!(await noteDamage(deps, sha256, state))) return { sha256, size, state: 'right', restored: false };
  return { sha256, size, state, restored: false };
}

async function noteRight({ pool, clock }: FixityDeps, sha256: string): Promise<void> {
  await pool.query('UPDATE blob SET verified_at = $2 WHERE sha256 = $1', [sha256, clock.now()]);
}

/** @returns false when the content was deleted, or came anew, meanwhile */
async function noteDamage(
  deps: FixityDeps,
  sha256: string,
  damage: Exclude<ContentState, 'right'>,
): Promise<boolean> {
  return withTransaction(deps.pool, async (client) => {
    await lockContent(client, sha256);
    // Under the lock nobody gives it a row or takes it away; whoever sent it again just before has mended it.
    if (damage === 'missing' && (await deps.files.size(sha256)) !== undefined) return false;
    const { rowCount } = await client.query(
      'UPDATE blob SET damage = $2, damaged_at = $3, verified_at = $3 WHERE sha256 = $1',
      [sha256, damage, deps.clock.now()],
    );
    if (rowCount === 0) return false;
    await note(client, { action: 'file.damaged', outcome: 'failed', detail: { damage } }, sha256);
    await deps.files.setAside(sha256);
    deps.log.error({ sha256, damage }, 'A stored file is damaged and is not handed out');
    return true;
  });
}

/** Whether what was damaged has been put back, or is right after all. */
async function checkDamaged(deps: FixityDeps, { sha256, size }: Content): Promise<CheckedContent> {
  const here = await deps.files.verify(sha256);
  const state = here === 'right' || (await deps.files.bringBack(sha256)) ? 'right' : here;
  const restored =
    state === 'right' &&
    (await withTransaction(deps.pool, async (client) => {
      const { rowCount } = await client.query(
        'UPDATE blob SET damage = NULL, damaged_at = NULL, verified_at = $2 WHERE sha256 = $1 AND damage IS NOT NULL',
        [sha256, deps.clock.now()],
      );
      if (rowCount === 0) return false;
      await note(client, { action: 'file.restored' }, sha256);
      return true;
    }));
  if (restored) deps.log.warn({ sha256 }, 'A damaged file is right again');
  // Somebody put a wrong file in its place: that one isn't handed out either.
  else if (state === 'changed') await deps.files.setAside(sha256);
  return { sha256, size, state, restored };
}

const note = (
  client: Parameters<typeof audit>[0],
  event: Pick<AuditEvent, 'action' | 'outcome' | 'detail'>,
  sha256: string,
): Promise<void> =>
  audit(client, { ...event, actorId: null, objectType: 'blob', objectId: sha256, ...noOrigin });

/** Every content is to be read within so many days. */
const ROUND_DAYS = 60;
const LEAST_A_NIGHT = 200;
const NIGHT_MS = 2 * 3_600_000;

/** The night's share: as many as it takes to come round in two months, for two hours at most. */
export async function checkFixityShare(deps: FixityDeps, signal: AbortSignal): Promise<void> {
  const { rows } = await deps.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM blob');
  const limit = Math.max(LEAST_A_NIGHT, Math.ceil((rows[0]?.n ?? 0) / ROUND_DAYS));
  const until = new Date(deps.clock.now().getTime() + NIGHT_MS);
  let [checked, damaged] = [0, 0];
  for await (const { state } of checkFixity(deps, { limit, until, signal })) {
    checked += 1;
    if (state !== 'right') damaged += 1;
  }
  if (checked > 0) deps.log.info({ checked, damaged }, 'Stored files were read and hashed');
}
