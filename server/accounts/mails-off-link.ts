import { z } from 'zod';
import type { Config } from '../config.ts';
import { notFound } from '../errors.ts';
import { isOffToken, type MailsOf } from '../lib/mail-off.ts';
import { parseParams } from '../web/parse.ts';

const offQuery = z.object({ person: z.uuid(), token: z.string().max(100) });

/**
 * Reads the link in a mail that ends such mails.
 * @returns whose mails they are
 * @throws 404 for a link that this portal didn't write
 */
export function personOfOffLink(
  config: Pick<Config, 'sessionSecret'>,
  mails: MailsOf,
  query: unknown,
): string {
  const link = parseParams(offQuery, query);
  if (!isOffToken(config.sessionSecret, mails, link.person, link.token)) throw notFound();
  return link.person;
}
