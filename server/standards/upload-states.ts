/** The states of a file of standards that is looked at before it is taken in, and what may follow what. */
export type UploadState = 'looking' | 'looked' | 'loading' | 'loaded' | 'failed' | 'dropped';
export type UploadMove = 'show' | 'load' | 'again' | 'finish' | 'fail' | 'drop';

const MOVES: Record<UploadMove, { from: readonly UploadState[]; to: UploadState; by: 'staff' | 'job' }> = {
  show: { from: ['looking'], to: 'looked', by: 'job' },
  load: { from: ['looked'], to: 'loading', by: 'staff' },
  // The framework has changed since: it is looked at once more.
  again: { from: ['loading'], to: 'looking', by: 'job' },
  finish: { from: ['loading'], to: 'loaded', by: 'job' },
  fail: { from: ['looking', 'loading'], to: 'failed', by: 'job' },
  drop: { from: ['looked', 'failed'], to: 'dropped', by: 'staff' },
};

/** The state after a move, or undefined where it can't be made from here, or not by them. */
export function uploadMovedTo(
  state: UploadState,
  move: UploadMove,
  by: 'staff' | 'job',
): UploadState | undefined {
  const { from, to, by: whose } = MOVES[move];
  return whose === by && from.includes(state) ? to : undefined;
}

/** The buttons that staff have in a state. */
export const uploadButtons = (state: UploadState): ('load' | 'drop')[] =>
  (['load', 'drop'] as const).filter((move) => uploadMovedTo(state, move, 'staff') !== undefined);
