import { createHash, randomBytes } from 'node:crypto';

/** What a link in a mail holds: 256 random bits. Only `linkHash` of it is kept. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url');

/** The hash under which a link's token is kept. */
export const linkHash = (token: string): string => createHash('sha256').update(token).digest('hex');
