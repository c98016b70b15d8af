/** The portal can't start or go on for a reason that its operator can mend. The message is for people. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
