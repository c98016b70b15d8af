/** The life of a transfer as data. Every change of its state is one of these moves. */
export const TRANSFER_STATES = ['planned', 'running', 'done', 'dropped'] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** Who makes a move: an administrator of both ends, or the job. */
export type TransferMover = 'administrator' | 'job';

type MoveFacts = { by: TransferMover; from: readonly TransferState[]; to: TransferState };

export const TRANSFER_MOVES = {
  /** After the preview. */
  start: { by: 'administrator', from: ['planned'], to: 'running' },
  /** Nothing went, and nothing will. */
  drop: { by: 'administrator', from: ['planned'], to: 'dropped' },
  /** Nobody came back to the preview. */
  forget: { by: 'job', from: ['planned'], to: 'dropped' },
  finish: { by: 'job', from: ['running'], to: 'done' },
} as const satisfies Record<string, MoveFacts>;

export type TransferMove = keyof typeof TRANSFER_MOVES;

/** Where a move leads; undefined: the state has no such move, or not for this mover. */
export function transferMovedTo(
  state: TransferState,
  move: TransferMove,
  by: TransferMover,
): TransferState | undefined {
  const facts: MoveFacts = TRANSFER_MOVES[move];
  return facts.by === by && facts.from.includes(state) ? facts.to : undefined;
}
