import { PortalError } from '../errors.ts';

/** 409: what somebody looked at before they decided is no longer what is there. The routes show what is. */
export class ChangedMeanwhile extends PortalError {
  constructor() {
    super(409, 'conflict', 'administration.changed');
  }
}
