/**
 * The life of a call for lessons as data: which move leads from which states to which, and who may make it. Every change
 * of a call's state is one of these.
 */
export const CALL_STATES = ['open', 'answered', 'accepted', 'closed', 'expired'] as const;
export type CallState = (typeof CALL_STATES)[number];

/** Who makes a move: staff over the call's organization, an author by publishing, the calendar. */
export type Mover = 'staff' | 'author' | 'clock';

type MoveFacts = {
  by: Mover;
  from: readonly CallState[];
  /** `answers`: how many stand after the move. */
  to: (answers: number) => CallState;
};

/** States in which a call is out. */
export const OUT: readonly CallState[] = ['open', 'answered'];
const waiting = (answers: number): CallState => (answers > 0 ? 'answered' : 'open');

export const CALL_MOVES = {
  /** Somebody shared something for it. */
  answer: { by: 'author', from: OUT, to: () => 'answered' },
  /** An answer is said not to be one. */
  refuse: { by: 'staff', from: ['answered'], to: waiting },
  /** What was shared answers it. */
  accept: { by: 'staff', from: ['answered'], to: () => 'accepted' },
  /** It is wanted no more. */
  close: { by: 'staff', from: OUT, to: () => 'closed' },
  /** Its last day has gone. */
  expire: { by: 'clock', from: OUT, to: () => 'expired' },
  /** It is wanted again. */
  reopen: { by: 'staff', from: ['accepted', 'closed', 'expired'], to: waiting },
} as const satisfies Record<string, MoveFacts>;

export type CallMove = keyof typeof CALL_MOVES;

/**
 * Where a move leads.
 * @returns undefined: the call's state has no such move, or not for this mover
 */
export function moved(state: CallState, move: CallMove, by: Mover, answers: number): CallState | undefined {
  const facts: MoveFacts = CALL_MOVES[move];
  return facts.by === by && facts.from.includes(state) ? facts.to(answers) : undefined;
}
