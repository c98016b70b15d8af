import type { Server } from 'node:http';
import type { Express } from 'express';
import supertest from 'supertest';
import { accountById } from '../../server/accounts/account-queries.ts';
import { makeToken } from '../../server/accounts/token-service.ts';
import type { Deps } from '../../server/deps.ts';
import { driveSource } from '../../server/imports/drive-source.ts';
import { openSources } from '../../server/imports/run-store.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import type { Role } from '../../server/lib/viewer.ts';
import type { TokenScope } from '../../server/web/request-context.ts';
import { catalogId } from './catalog.ts';

/** Gives a person of the catalog a role. */
export async function grantRole(
  { pool }: Pick<Deps, 'pool'>,
  person: string,
  role: Role,
  at: string,
): Promise<void> {
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [catalogId('person', person), catalogId('organization', at), role],
  );
}

/** A token for a program of a person of the catalog. */
export async function tokenFor(
  deps: Pick<Deps, 'pool' | 'clock'>,
  person: string,
  scopes: TokenScope[] = ['import'],
): Promise<string> {
  const account = await accountById(deps.pool, catalogId('person', person));
  if (!account) throw new Error(`nobody is called ${person}`);
  return makeToken(deps, account.viewer, { name: `of ${person}`, scopes, days: 30 }, noOrigin);
}

type Method = 'get' | 'head' | 'post' | 'put' | 'delete';

/** A program that shows a token with everything it asks. */
export const programWith =
  (app: Express | Server, token: string) =>
  (method: Method, path: string): supertest.Test =>
    supertest(app)[method](path).set('Authorization', `Bearer ${token}`);

/** Works on every import that is open, as a worker does. */
export async function workOnImports(deps: Deps): Promise<void> {
  for (const { id: sourceId } of await openSources(deps.pool))
    await driveSource(deps, sourceId, { signal: new AbortController().signal });
}
