import type { MessageParams } from '../../locale/locale.ts';

/** What can be told apart; the sentence of each is the message `reconcile.<kind>`. */
export type DifferenceKind =
  | 'fileMissing'
  | 'fileSize'
  | 'fileDamaged'
  | 'fileUnused'
  | 'fileUnknown'
  | 'fileUnread'
  | 'previewMissing'
  | 'previewUnknown'
  | 'indexMissing'
  | 'indexOutdated'
  | 'indexExtra'
  | 'indexUnbuilt'
  | 'indexAway'
  | 'indexWaiting'
  | 'jobHeld'
  | 'jobGivenUp'
  | 'importWaiting';

/** Something that two of database, files and index tell differently. */
export interface Difference {
  kind: DifferenceKind;
  /** What it is about: a SHA-256, a resource, a job, an engine. */
  id: string;
  params: MessageParams;
  /** Nothing is wrong: the nightly collector takes it away by itself. */
  passing: boolean;
  /** Puts it right. Null: it can't be done from here. @returns whether it is right now, or will be when the indexer is done */
  mend: (() => Promise<boolean>) | null;
}

/** A difference that isn't `passing` unless told. */
export const difference = (
  kind: DifferenceKind,
  id: string,
  params: MessageParams,
  more: Partial<Pick<Difference, 'passing' | 'mend'>> = {},
): Difference => ({ kind, id, params: { id, ...params }, passing: false, mend: null, ...more });
