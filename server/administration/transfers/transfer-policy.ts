import type { Viewer } from '../../lib/viewer.ts';
import { administersState, mayAdminister } from '../admin-scope.ts';
import type { Transfer } from './transfer-queries.ts';

/**
 * Whether somebody may see and move a transfer: whoever administers both of its ends. Merging districts and moving schools
 * to another is the state's.
 */
export function mayMoveTransfer(
  viewer: Viewer,
  { kind, from, to }: Pick<Transfer, 'kind' | 'from' | 'to'>,
): boolean {
  if (administersState(viewer)) return true;
  if (!from || !to || kind === 'move' || (kind === 'merge' && from.kind === 'district')) return false;
  return mayAdminister(viewer, from.districtId) && mayAdminister(viewer, to.districtId);
}
