import { createHash, randomBytes } from 'node:crypto';

/** What a link in a mail holds: 256 random bits. Only `linkHash` of it is kept. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url');

/** The hash under which a link's token is kept. */
export const linkHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whether a link may hold this: one that lost a part on its way, or got one (`3D`, a line's end), doesn't. */
export const isWholeToken = (token: string): boolean => /^[\w-]{43}$/.test(token);
