import type { Deps } from '../deps.ts';
import type { FetchAllowance } from '../platform/fetch-file.ts';
import type { ImportRun, RunReason } from './run-store.ts';
import type { WriteContext } from './write-plans.ts';

export type ExecuteDeps = Pick<Deps, 'pool' | 'files' | 'config' | 'clock' | 'log'> & {
  /** What files may be fetched from; left out everywhere but in tests: the public internet. */
  allowance?: FetchAllowance;
};

/** A run that is being worked on: what every step needs. */
export type RunContext = {
  deps: ExecuteDeps;
  /** As it stands after the last step; changed in place. */
  run: ImportRun;
  /** Proof that the run is still this process's. */
  holder: string;
  write: WriteContext;
  signal: AbortSignal;
  /** Told after each step. */
  progress: (run: ImportRun) => void;
};

/** Somebody asked the run to stop. */
export class RunCancelled extends Error {
  constructor() {
    super('the run is to stop');
    this.name = 'RunCancelled';
  }
}

/** The run can't go on by itself; `reason` says what somebody has to do. */
export class RunPaused extends Error {
  readonly reason: RunReason;
  constructor(reason: RunReason) {
    super(reason.key);
    this.name = 'RunPaused';
    this.reason = reason;
  }
}
