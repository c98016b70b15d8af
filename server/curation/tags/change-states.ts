/** The life of a change of many tags as data. Every change of its state is one of these moves. */
export const CHANGE_STATES = [
  'planned',
  'running',
  'stopped',
  'done',
  'undoing',
  'undone',
  'dropped',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

type MoveFacts = { by: 'staff' | 'job'; from: readonly ChangeState[]; to: ChangeState };

export const CHANGE_MOVES = {
  /** After the preview, or after a stop. */
  start: { by: 'staff', from: ['planned', 'stopped'], to: 'running' },
  /** Nothing was changed, and nothing will be. */
  drop: { by: 'staff', from: ['planned'], to: 'dropped' },
  /** After the batch that is under way. */
  stop: { by: 'staff', from: ['running'], to: 'stopped' },
  undo: { by: 'staff', from: ['stopped', 'done'], to: 'undoing' },
  finish: { by: 'job', from: ['running'], to: 'done' },
  finishUndo: { by: 'job', from: ['undoing'], to: 'undone' },
} as const satisfies Record<string, MoveFacts>;

export type ChangeMove = keyof typeof CHANGE_MOVES;

/** Where a move leads; undefined: the state has no such move, or not for this mover. */
export function movedTo(state: ChangeState, move: ChangeMove, by: 'staff' | 'job'): ChangeState | undefined {
  const facts: MoveFacts = CHANGE_MOVES[move];
  return facts.by === by && facts.from.includes(state) ? facts.to : undefined;
}

/** What staff may do now. */
export const staffMoves = (state: ChangeState): ChangeMove[] =>
  (Object.keys(CHANGE_MOVES) as ChangeMove[]).filter((move) => movedTo(state, move, 'staff') !== undefined);
