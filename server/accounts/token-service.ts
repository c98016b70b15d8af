import { createHash, randomBytes } from 'node:crypto';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound, signInFirst } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isImporter, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import type { RequestToken, TokenScope } from '../web/request-context.ts';
import { accountByToken } from './account-queries.ts';

/** Begins every token, so that scanners of code and logs know one when they meet it. */
const PREFIX = 'cshelf_';
const SECRET_BYTES = 32;

/** How many tokens that can still be used one person may have. */
const MOST_TOKENS = 20;

/** Requests that a token may make in a minute. */
const TOKEN_LIMIT = { name: 'api-token', points: 1200, seconds: 60 } as const;

/** What a token's secret is known by: it has 256 bits of its own, so one plain hash keeps it. */
const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The parts of what a person may do that they can hand to a program; reading comes first. */
export const scopesOf = (viewer: Viewer): TokenScope[] =>
  isImporter(viewer) ? ['read', 'import'] : ['read'];

/**
 * Makes a token for a program of this person.
 * @returns its text, which nobody can read again
 * @throws 422 for a scope that the person doesn't have; 409 when they have too many tokens; 401 once their account is closed
 */
export async function makeToken(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  { name, scopes, days }: { name: string; scopes: TokenScope[]; days: number },
  origin: Origin,
): Promise<string> {
  const may = scopesOf(viewer);
  if (scopes.length === 0 || scopes.some((scope) => !may.includes(scope)))
    throw invalid({ field: 'scope', key: 'token.fault.scope' });
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const now = clock.now();
  await withTransaction(pool, async (client) => {
    // One at a time for a person, so that the count holds; an account that is being closed is waited for.
    const { rowCount: isOpen } = await client.query(
      'SELECT 1 FROM person WHERE id = $1 AND disabled_at IS NULL FOR UPDATE',
      [viewer.id],
    );
    if (!isOpen) throw signInFirst();
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM api_token WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
      [viewer.id, now],
    );
    if ((rows[0]?.count ?? 0) >= MOST_TOKENS) throw conflict('token.tooMany', { count: MOST_TOKENS });
    const made = await client.query<{ id: string }>(
      `INSERT INTO api_token (person_id, name, secret_hash, scopes, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [viewer.id, name, secretHash(secret), scopes, now, new Date(now.getTime() + days * 86_400_000)],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'token.made',
      objectType: 'api_token',
      objectId: made.rows[0]?.id ?? null,
      organizationId: viewer.organizationId,
      detail: { scopes, days },
      ...origin,
    });
  });
  return secret;
}

/**
 * Ends a token of this person, at once and for good.
 * @returns its name
 * @throws 404 for one that isn't theirs
 */
export async function revokeToken(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  tokenId: string,
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `UPDATE api_token SET revoked_at = $3 WHERE id = $1 AND person_id = $2 AND revoked_at IS NULL RETURNING name`,
      [tokenId, viewer.id, clock.now()],
    );
    const [token] = rows;
    if (!token) throw notFound();
    await audit(client, {
      actorId: viewer.id,
      action: 'token.revoked',
      objectType: 'api_token',
      objectId: tokenId,
      organizationId: viewer.organizationId,
      ...origin,
    });
    return token.name;
  });
}

/** Tokens of a person that were not revoked, newest first. */
export async function tokensOf(pool: Deps['pool'], personId: string): Promise<KeptToken[]> {
  const { rows } = await pool.query<KeptToken>(
    `SELECT id, name, scopes, created_at AS "createdAt", expires_at AS "expiresAt", to_char(last_used_on, 'YYYY-MM-DD') AS "lastUsedOn"
     FROM api_token WHERE person_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 100`,
    [personId],
  );
  return rows;
}

type KeptToken = {
  id: string;
  name: string;
  scopes: TokenScope[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedOn: string | null;
};

/**
 * Makes what finds the person and the token behind a secret, as they are now: an account that was closed and a role that
 * ended count at once. Notes the day of use.
 * @throws 429 when the token is used too often
 */
export function tokenFinder({
  pool,
  clock,
}: Pick<Deps, 'pool' | 'clock'>): (
  secret: string,
) => Promise<{ viewer: Viewer; token: RequestToken } | undefined> {
  const limiter = rateLimiter(pool, TOKEN_LIMIT);
  return async (secret) => {
    if (!secret.startsWith(PREFIX)) return undefined;
    const now = clock.now();
    const found = await accountByToken(pool, secretHash(secret), now);
    if (!found) return undefined;
    const { account, token } = found;
    await limiter.take(token.id);
    const [today = ''] = now.toISOString().split('T');
    if (token.lastUsedOn !== today)
      await pool.query('UPDATE api_token SET last_used_on = $2 WHERE id = $1', [token.id, today]);
    return { viewer: account.viewer, token: { id: token.id, scopes: token.scopes } };
  };
}
