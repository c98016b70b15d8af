import type { Deps } from '../deps.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import { TOKEN_DAYS } from './account-schema.ts';
import type { TokenList } from './account-view.ts';
import { scopesOf, tokensOf } from './token-service.ts';

/** What was typed into the form for a new token. */
export type TypedToken = { name: string; scopes: string[]; days: string };

/** The tokens of the viewer and the form for another one. `made`: the one that was just made, to be shown this once. */
export async function tokenList(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  t: Translate,
  { made = null, typed }: { made?: TokenList['made']; typed?: TypedToken | undefined } = {},
): Promise<TokenList> {
  const now = clock.now();
  const tokens = await tokensOf(pool, viewer.id);
  return {
    makeUrl: '/account/tokens',
    items: tokens.map(({ id, name, scopes, createdAt, expiresAt, lastUsedOn }) => ({
      name,
      scopes,
      madeOn: createdAt,
      expiresOn: expiresAt,
      expired: expiresAt <= now,
      lastUsedOn: lastUsedOn === null ? null : new Date(`${lastUsedOn}T12:00:00Z`),
      revokeUrl: `/account/tokens/${id}/revoke`,
    })),
    made,
    values: { name: typed?.name ?? '' },
    scopes: scopesOf(viewer).map((scope) => ({
      value: scope,
      label: t(`token.scope.${scope}`),
      chosen: typed ? typed.scopes.includes(scope) : scope === 'read',
    })),
    days: TOKEN_DAYS.map((days) => ({
      value: String(days),
      label: t('token.days', { count: days }),
      chosen: (typed?.days ?? '90') === String(days),
    })),
  };
}
