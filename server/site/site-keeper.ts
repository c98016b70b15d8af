import type { Pool } from 'pg';
import { siteLook, type LookFor } from './site-look.ts';
import { emptySite, readSite, type SiteRow } from './site-queries.ts';

/** Milliseconds for which a process goes by what it has read: another process's change is seen within this time. */
const FRESH_MS = 1000;

/** The site as it was read, with its look worked out. */
export type KeptSite = SiteRow & { lookFor: LookFor };

/** What every page needs of the site's look, without asking the database for each. */
export interface SiteKeeper {
  /** What it is now, at most a second old; while the database is away, what it was last. */
  now: () => Promise<KeptSite>;
  /** Reads it anew: this process has changed it. */
  forget: () => void;
}

/** Keeps the look of the site for a process. */
export function siteKeeper(pool: Pool, clock: { now: () => Date }): SiteKeeper {
  let last = kept(emptySite);
  let readAt = -Infinity;
  let reading: Promise<KeptSite> | undefined;
  return {
    forget: () => {
      readAt = -Infinity;
    },
    now: async () => {
      if (clock.now().getTime() - readAt < FRESH_MS && readAt <= clock.now().getTime()) return last;
      reading ??= readSite(pool)
        .then((row) => {
          last = kept(row);
          readAt = clock.now().getTime();
          return last;
        })
        // Pages that need the database say so themselves; the others go on with what was known.
        .catch(() => last)
        .finally(() => {
          reading = undefined;
        });
      return reading;
    },
  };
}

const kept = (row: SiteRow): KeptSite => ({ ...row, lookFor: siteLook(row) });
