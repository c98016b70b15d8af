import { createHash } from 'node:crypto';
import { deviceOf } from '../../lib/device.ts';
import type { Translate } from '../../locale/locale.ts';
import { SESSION_HOURS } from '../../web/session.ts';
import type { SessionRow } from './session-queries.ts';

/** One place where the reader is signed in. */
export interface SessionItem {
  device: string;
  place: string | null;
  beganAt: Date;
  lastUsedAt: Date;
  here: boolean;
  /** POST ends it; null for the one that is being looked at. */
  endUrl: string | null;
}

/** Sessions as the account page shows them, the reader's own first. `sid`: the one that asks. */
export function sessionItems(rows: readonly SessionRow[], sid: string, t: Translate): SessionItem[] {
  const own = createHash('sha256').update(sid).digest('hex');
  return rows
    .map((row) => ({
      device: deviceWords(row.agent, t),
      place: row.ip?.replace(/^::ffff:/, '') ?? null,
      beganAt: row.beganAt,
      // Each request puts the end off by as much.
      lastUsedAt: new Date(row.idleEndsAt.getTime() - SESSION_HOURS.idle * 3_600_000),
      here: row.key === own,
      endUrl: row.key === own ? null : `/account/sessions/${row.key}/end`,
    }))
    .toSorted((a, b) => Number(b.here) - Number(a.here));
}

function deviceWords(agent: string, t: Translate): string {
  const { browser, system } = deviceOf(agent);
  if (browser && system) return t('session.device', { browser, system });
  return browser ?? system ?? t('session.unknown');
}
