import type { Viewer } from '../../lib/viewer.ts';
import { administersState, mayAdminister } from '../../accounts/people-policy.ts';
import type { Transfer } from './transfer-queries.ts';

/**
 * Whether somebody may see and move a transfer: whoever administers both of its ends, and all that a person hands over,
 * which belongs to the places where it was shared. Merging districts and moving schools to another is the state's.
 */
export function mayMoveTransfer(
  viewer: Viewer,
  { kind, from, to, itemDistricts }: Pick<Transfer, 'kind' | 'from' | 'to' | 'itemDistricts'>,
): boolean {
  if (administersState(viewer)) return true;
  if (!from || !to || kind === 'move' || (kind === 'merge' && from.kind === 'district')) return false;
  return [from.districtId, to.districtId, ...itemDistricts].every((id) => mayAdminister(viewer, id));
}
