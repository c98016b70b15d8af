/** One thing wrong with one field of a form or parameter; `field` is its name, `message` a whole sentence. */
export type FieldFault = { field: string; message: string };

/**
 * An error that a person may be told about. `status` is the HTTP status, `code` a stable word for the API,
 * `message` a plain sentence. Everything else that is thrown becomes a 500 without its message.
 */
export class PortalError extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: FieldFault[];
  /** Seconds to wait, for 429 and 503. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { faults?: FieldFault[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'PortalError';
    this.status = status;
    this.code = code;
    this.faults = more.faults ?? [];
    this.retryAfter = more.retryAfter;
  }
}

/** 404, also for what the viewer may not know of. */
export const notFound = (message = 'There is nothing at this address, or it is not open to you.') =>
  new PortalError(404, 'not_found', message);

/** 403: the viewer knows the thing exists but may not do this. */
export const forbidden = (message = 'Your account may not do this.') => new PortalError(403, 'forbidden', message);

/** 401: only someone who is signed in may do this. */
export const signInFirst = (message = 'Sign in to go on.') => new PortalError(401, 'sign_in', message);

/** 422: what was sent can't be used; `faults` name the fields. */
export const invalid = (faults: FieldFault[], message = 'Some of what you entered needs a change.') =>
  new PortalError(422, 'invalid', message, { faults });

/** 400: the request itself is malformed. */
export const badRequest = (message: string) => new PortalError(400, 'bad_request', message);

/** 409: somebody else changed the thing meanwhile. */
export const conflict = (message: string) => new PortalError(409, 'conflict', message);

/** 503 with a time to wait. */
export const unavailable = (message: string, cause?: unknown) =>
  new PortalError(503, 'unavailable', message, { retryAfter: 10, cause });
