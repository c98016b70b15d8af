import { z } from 'zod';

/** Who a mail is from; without a name it bears the portal's. */
export type MailSender = { name: string | undefined; address: string };

const mailAddress = z.email();

/** Reads `no-reply@example.gov` or `Example Shelf <no-reply@example.gov>`; undefined for anything else. */
export function readMailSender(text: string): MailSender | undefined {
  const named = /^([^<>\p{Cc}]*)<([^<>]*)>$/u.exec(text.trim());
  const address = (named?.[2] ?? text).trim();
  if (!mailAddress.safeParse(address).success) return undefined;
  const name = named?.[1]?.trim().replace(/^"(.*)"$/, '$1');
  return { name: name === '' ? undefined : name, address };
}
