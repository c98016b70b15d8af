import { PortalError, type FieldFault } from '../errors.ts';
import { orAgain } from '../web/form-again.ts';

/** 409: what somebody looked at before they decided is no longer what is there. The routes show what is. */
export class ChangedMeanwhile extends PortalError {
  constructor() {
    super(409, 'conflict', 'administration.changed');
  }
}

/**
 * Runs a form's work.
 * @param shown `again`: the form, for what is wrong in it; `late`: what is there now, for whoever was late
 * @throws whatever else the work throws
 */
export async function orChanged(
  work: () => Promise<void>,
  shown: { again: (faults: FieldFault[]) => Promise<void>; late: () => Promise<void> },
): Promise<void> {
  try {
    await orAgain(work, shown.again);
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error;
    await shown.late();
  }
}
