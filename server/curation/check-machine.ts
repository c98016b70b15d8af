import type { CheckStatus } from '../resources/resource-view.ts';

/** In which part somebody acts on a check. `portal`: nobody presses anything. */
export type CheckPart = 'curator' | 'lead' | 'author' | 'portal';

/** All that moves a resource's check; each with where it may begin, where it ends, and who may do it. */
export const checkMoves = {
  /** Somebody has it open. What was decided before stays in sight meanwhile. */
  take: { from: ['claimed'], to: 'in_check', by: ['curator', 'lead'] },
  /** Handed back, or left lying too long. */
  release: { from: ['in_check'], to: 'claimed', by: ['curator', 'lead', 'portal'] },
  check: { from: ['claimed', 'in_check', 'checked', 'returned'], to: 'checked', by: ['curator', 'lead'] },
  return: { from: ['claimed', 'in_check', 'checked', 'returned'], to: 'returned', by: ['curator', 'lead'] },
  /** The author, or another curator, doesn't agree with what was decided. */
  dispute: { from: ['checked', 'returned'], to: 'disputed', by: ['author', 'curator', 'lead'] },
  settleChecked: { from: ['disputed'], to: 'checked', by: ['lead'] },
  settleReturned: { from: ['disputed'], to: 'returned', by: ['lead'] },
  /** A new version whose content or claims are others. A dispute outlives it. */
  renew: { from: ['in_check', 'checked', 'returned'], to: 'claimed', by: ['portal'] },
} as const satisfies Record<
  string,
  { from: readonly CheckStatus[]; to: CheckStatus; by: readonly CheckPart[] }
>;

export type CheckMove = keyof typeof checkMoves;

/** The state after a move, or null where it can't be made from there or not by them. */
export function moveCheck(state: CheckStatus, move: CheckMove, part: CheckPart): CheckStatus | null {
  const { from, to, by } = checkMoves[move] as {
    from: readonly CheckStatus[];
    to: CheckStatus;
    by: readonly CheckPart[];
  };
  return from.includes(state) && by.includes(part) ? to : null;
}

/** How far an alignment holds, and what that makes of its check. A dispute about it is settled by the same. */
export const fitStates = {
  full: 'checked',
  part: 'checked',
  other_level: 'returned',
  none: 'returned',
} as const satisfies Record<string, CheckStatus>;

export type Fit = keyof typeof fitStates;
export const FITS = Object.keys(fitStates) as Fit[];
