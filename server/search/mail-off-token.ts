import { createHmac, timingSafeEqual } from 'node:crypto';

const signature = (secret: string, personId: string): string =>
  createHmac('sha256', secret).update(`search-mails-off:${personId}`).digest('base64url').slice(0, 32);

/** The address in a mail at which its receiver ends such mails without signing in; it can do nothing else. */
export const offPath = (secret: string, personId: string): string =>
  `/searches/off?person=${personId}&token=${signature(secret, personId)}`;

/** Whether a token was made for this person by this portal. */
export function isOffToken(secret: string, personId: string, token: string): boolean {
  const wanted = Buffer.from(signature(secret, personId));
  const given = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
