import { setTimeout as sleep } from 'node:timers/promises';
import { audit, type AuditEvent } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { noOrigin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { ContentState } from '../platform/file-store/file-store.ts';
import { lockContent } from './file-collector.ts';

type FixityDeps = Pick<Deps, 'pool' | 'files' | 'log' | 'clock'>;

/** How many contents are asked for at once. */
const BATCH = 50;

/** A fault that passes (a cable, memory) has passed after that. */
const SECOND_LOOK_MS = 1000;

/** So many that could not be looked at: not the files are at fault but the way to them. */
const MOST_UNSEEN = 20;

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
 * @throws what kept it from looking at a content (no right to read, too many open files), after it has looked at the others
 */
export async function* checkFixity(
  deps: FixityDeps,
  limits: FixityLimits = {},
): AsyncGenerator<CheckedContent> {
  const began = deps.clock.now();
  const { limit = Infinity, until, signal } = limits;
  const unseen = new Map<string, unknown>();
  const over = () => signal?.aborted || (until && deps.clock.now() >= until);
  for (const known of await damagedContent(deps))
    yield* look(unseen, known, () => checkDamaged(deps, known), signal);
  for (let done = 0; done < limit && !over();) {
    const batch = await leastChecked(deps, began, Math.min(BATCH, limit - done), [...unseen.keys()]);
    if (batch.length === 0) break;
    for (const content of batch) {
      if (over()) break;
      yield* look(unseen, content, () => checkOne(deps, content, signal), signal);
      done += 1;
    }
  }
  for (const error of unseen.values()) throw error;
}

/** One that can't be looked at keeps nobody from looking at the others. */
async function* look(
  unseen: Map<string, unknown>,
  { sha256 }: Content,
  check: () => Promise<CheckedContent>,
  signal?: AbortSignal,
): AsyncGenerator<CheckedContent> {
  let checked: CheckedContent;
  try {
    checked = await check();
  } catch (error) {
    unseen.set(sha256, error);
    if (signal?.aborted || unseen.size >= MOST_UNSEEN) throw error;
    return;
  }
  yield checked;
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

async function leastChecked(
  { pool }: FixityDeps,
  before: Date,
  limit: number,
  except: string[],
): Promise<Content[]> {
  const { rows } = await pool.query<Content>(
    `SELECT sha256, size FROM blob WHERE coalesce(verified_at, created_at) < $1 AND damage IS NULL
       AND sha256 <> ALL ($3::text[])
     ORDER BY coalesce(verified_at, created_at), sha256 LIMIT $2`,
    [before, limit, except],
  );
  return rows;
}

async function checkOne(
  deps: FixityDeps,
  { sha256, size }: Content,
  signal?: AbortSignal,
): Promise<CheckedContent> {
  const options = signal ? { signal } : {};
  let state = await deps.files.verify(sha256, options);
  if (state !== 'right') {
    await sleep(SECOND_LOOK_MS, undefined, options);
    state = await deps.files.verify(sha256, options);
  }
  if (state !== 'right') state = await noteDamage(deps, sha256);
  if (state === 'right') await noteRight(deps, sha256);
  return { sha256, size, state, restored: false };
}

async function noteRight({ pool, clock }: FixityDeps, sha256: string): Promise<void> {
  await pool.query('UPDATE blob SET verified_at = $2 WHERE sha256 = $1', [sha256, clock.now()]);
}

/** @returns what is there in the end: 'right' where the content was deleted, or came anew, meanwhile */
async function noteDamage(deps: FixityDeps, sha256: string): Promise<ContentState> {
  return withTransaction(deps.pool, async (client) => {
    // Under the lock nobody gives it a row or takes it away; whoever sent it again just before has mended it.
    const damage = await verifyLocked(deps, client, sha256);
    if (damage === 'right') return damage;
    const { rowCount } = await client.query(
      'UPDATE blob SET damage = $2, damaged_at = $3, verified_at = $3 WHERE sha256 = $1',
      [sha256, damage, deps.clock.now()],
    );
    if (rowCount === 0) return 'right';
    await note(client, { action: 'file.damaged', outcome: 'failed', detail: { damage } }, sha256);
    await deps.files.setAside(sha256);
    deps.log.error({ sha256, damage }, 'A stored file is damaged and is not handed out');
    return damage;
  });
}

async function verifyLocked(
  { files }: FixityDeps,
  client: Parameters<typeof lockContent>[0],
  sha256: string,
): Promise<ContentState> {
  // A large file on a slow disk takes longer than transactions may do nothing.
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await lockContent(client, sha256);
  return files.verify(sha256);
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
  else if (state === 'changed')
    await withTransaction(deps.pool, async (client) => {
      if ((await verifyLocked(deps, client, sha256)) === 'changed') await deps.files.setAside(sha256);
    });
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
