import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { takeCheck } from './lease-service.ts';
import { nextWaiting } from './queue-queries.ts';
import { queueAddress, type QueueFilters } from './queue-schema.ts';

/** Others may be quicker: so many times the next one is looked for. */
const TRIES = 5;

/**
 * Takes the next of the queue for somebody.
 * @returns the address of its check; undefined where nothing is left that they may take
 */
export async function openNext(
  deps: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  { back, current, first }: { back: QueueFilters; current: string | null; first?: string | undefined },
  origin: Origin,
): Promise<string | undefined> {
  let candidate = first;
  let after = current;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    candidate ??= await nextWaiting(deps.pool, {
      viewer,
      filters: back,
      now: deps.clock.now(),
      current: after,
    });
    if (candidate === undefined) return undefined;
    try {
      await takeCheck(deps, viewer, candidate, origin);
      return `/curate/checks/${candidate}${queueAddress(back)}`;
    } catch (error) {
      if (!(error instanceof PortalError) || ![403, 404, 409].includes(error.status)) throw error;
      after = candidate;
      candidate = undefined;
    }
  }
  return undefined;
}
