import type { MessageKey, MessageParams } from './locale/locale.ts';

/** One thing wrong with one field of a form or parameter: the field's name, and the sentence as a message key. */
export type FieldFault = { field: string; key: MessageKey; params?: MessageParams };

/**
 * An error that a person may be told about. `status` is the HTTP status, `code` a stable word for the API, `key`
 * the message in plain words (translated where it is shown). Whatever else is thrown becomes a 500 that says nothing.
 */
export class PortalError extends Error {
  readonly status: number;
  readonly code: string;
  readonly key: MessageKey;
  readonly params: MessageParams;
  readonly faults: FieldFault[];
  /** Seconds to wait, for 429 and 503. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    key: MessageKey,
    more: { params?: MessageParams; faults?: FieldFault[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(key, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'PortalError';
    this.status = status;
    this.code = code;
    this.key = key;
    this.params = more.params ?? {};
    this.faults = more.faults ?? [];
    this.retryAfter = more.retryAfter;
  }
}

/** 404, also for what the viewer may not know of. */
export const notFound = (key: MessageKey = 'error.notFound') => new PortalError(404, 'not_found', key);

/** 403: the viewer knows the thing exists but may not do this. */
export const forbidden = (key: MessageKey = 'error.forbidden', params: MessageParams = {}) =>
  new PortalError(403, 'forbidden', key, { params });

/** 401: only someone who is signed in may do this. */
export const signInFirst = () => new PortalError(401, 'sign_in', 'error.signIn');

/** 401 for a program: it shows no token, or one that is unknown, expired, revoked, or of a person who left. */
export const tokenNeeded = (shown: boolean) =>
  new PortalError(401, shown ? 'invalid_token' : 'token_needed', shown ? 'error.badToken' : 'error.noToken');

/** 422: what was sent can't be used; `faults` name the fields. */
export const invalid = (...faults: FieldFault[]) =>
  new PortalError(422, 'invalid', 'error.invalid', { faults });

/** 400: the request itself is malformed; `faults` name the parameters. */
export const badRequest = (...faults: FieldFault[]) =>
  new PortalError(400, 'bad_request', 'error.badRequest', { faults });

/** 409: somebody else changed the thing meanwhile. */
export const conflict = (key: MessageKey, params: MessageParams = {}) =>
  new PortalError(409, 'conflict', key, { params });

/** 503 with a time to wait. */
export const unavailable = (cause?: unknown) =>
  new PortalError(503, 'unavailable', 'error.unavailable', { retryAfter: 10, cause });
