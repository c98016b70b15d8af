import type { Config } from '../config.ts';
import { offPath, type MailsOf } from '../lib/mail-off.ts';
import { translator } from '../locale/locale.ts';
import type { Message } from '../platform/mailer.ts';

/**
 * One mail that tells a person several things at once, with the place where they change how often it comes and the
 * link that ends such mails with one click.
 * @param mail.parts its paragraphs, the greeting among them
 * @param mail.managePath where the rhythm is set
 */
export function digestMail(
  config: Pick<Config, 'baseUrl' | 'sessionSecret'>,
  person: { id: string; email: string },
  mail: { of: MailsOf; subject: string; parts: readonly string[]; managePath: string },
): Message {
  const t = translator('en');
  const off = config.baseUrl + offPath(config.sessionSecret, mail.of, person.id);
  const end = t(`digest.end.${mail.of}`, { manage: config.baseUrl + mail.managePath, off });
  return {
    to: person.email,
    subject: mail.subject,
    text: [...mail.parts, end].join('\n\n'),
    unsubscribeUrl: off,
  };
}
