import type { FileState } from './resource-view.ts';

/** What readers are told of the state of a file's virus check. */
export function fileState(
  scan: 'unscanned' | 'quarantined' | 'clean' | 'infected' | 'unscannable',
): FileState {
  if (scan === 'infected') return 'refused';
  if (scan === 'quarantined') return 'waiting';
  return scan === 'unscannable' ? 'unscannable' : 'ready';
}
