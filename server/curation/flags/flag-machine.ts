import { isEducator, isStateStaff, type Viewer } from '../../lib/viewer.ts';
import { isAuthor, isStaffOver, type ResourceFacts } from '../../resources/resource-policy.ts';

/**
 * The life of a flag as data: which move leads from which states to which, who makes it, and what it may be about. Every
 * change of a flag's state is one of these.
 */
export const FLAG_STATES = ['open', 'nothing_wrong', 'mended', 'taken_down', 'purged'] as const;
export type FlagState = (typeof FLAG_STATES)[number];

/** `state`: a lead or administrator of the state, who also counts as staff over everything. */
export type FlagMover = 'staff' | 'state';
export type FlagAbout = 'resource' | 'voice';

interface MoveFacts {
  from: readonly FlagState[];
  to: FlagState;
  by: FlagMover;
  about: readonly FlagAbout[];
  /** What is written is given to the author, and must be there. */
  needsNote: boolean;
}

export const FLAG_MOVES = {
  /** There is nothing wrong: what was hidden is shown again. */
  dismiss: {
    from: ['open'],
    to: 'nothing_wrong',
    by: 'staff',
    about: ['resource', 'voice'],
    needsNote: false,
  },
  /** It was true, and has been mended: what was hidden is shown again. */
  mend: { from: ['open'], to: 'mended', by: 'staff', about: ['resource', 'voice'], needsNote: false },
  /** A resource leaves the shelf with a tombstone that hides its title; a comment loses its words. */
  take_down: { from: ['open'], to: 'taken_down', by: 'staff', about: ['resource', 'voice'], needsNote: true },
  /** It must not exist: on a page of its own, with typed confirmation. */
  purge: {
    from: ['open', 'nothing_wrong', 'mended', 'taken_down'],
    to: 'purged',
    by: 'state',
    about: ['resource'],
    needsNote: true,
  },
  /** Somebody decided too soon. */
  reopen: {
    from: ['nothing_wrong', 'mended'],
    to: 'open',
    by: 'staff',
    about: ['resource', 'voice'],
    needsNote: false,
  },
} as const satisfies Record<string, MoveFacts>;

export type FlagMove = keyof typeof FLAG_MOVES;
export const FLAG_MOVE_NAMES = Object.keys(FLAG_MOVES) as FlagMove[];
export const moveFacts = (move: FlagMove): MoveFacts => FLAG_MOVES[move];

/**
 * As whom somebody moves a flag on a resource: nobody decides about what they wrote themselves.
 * @returns undefined: not at all
 */
export function moverOf(viewer: Viewer, resource: ResourceFacts): FlagMover | undefined {
  if (!isEducator(viewer) || isAuthor(viewer, resource)) return undefined;
  if (isStateStaff(viewer, 'lead', 'admin')) return 'state';
  return isStaffOver(viewer, resource) ? 'staff' : undefined;
}

/**
 * Where a move leads.
 * @returns undefined: there is no such move from here, for this mover, or for what the flag is about
 */
export function movedFlag(
  state: FlagState,
  move: FlagMove,
  by: FlagMover | undefined,
  about: FlagAbout,
): FlagState | undefined {
  const facts = moveFacts(move);
  const may = by === 'state' || (by === 'staff' && facts.by === 'staff');
  return may && facts.from.includes(state) && facts.about.includes(about) ? facts.to : undefined;
}
