import type { MessageKey } from '../../locale/locale.ts';

/** Where anybody gets an address, so that one says nothing about where its owner works. */
const PUBLIC_PROVIDERS = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com msn.com passport.com yahoo.com yahoo.co.uk
  ymail.com rocketmail.com aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com pm.me tutanota.com tuta.io
  gmx.com gmx.net gmx.de web.de mail.com email.com usa.com zoho.com zohomail.com yandex.com yandex.ru mail.ru inbox.com
  fastmail.com fastmail.fm hey.com hushmail.com lycos.com excite.com juno.com netzero.net earthlink.net comcast.net
  xfinity.com verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net frontier.com
  windstream.net centurylink.net optonline.net roadrunner.com t-online.de orange.fr laposte.net libero.it qq.com 163.com
  126.com naver.com rediffmail.com mailinator.com guerrillamail.com 10minutemail.com yopmail.com temp-mail.org
  trashmail.com sharklasers.com getnada.com dispostable.com maildrop.cc`
    .split(/\s+/)
    .filter(Boolean),
);

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;
/** `students.north.example`: many districts have one, and students have no accounts here. */
const STUDENTS = /^(?:students?|stu|pupils?|learners?)\./;

/** The domain as it is kept: lower case, without an `@` in front, a dot behind, or what stands before an `@`. */
export const readDomain = (text: string): string =>
  text.trim().toLowerCase().replace(/^.*@/, '').replace(/\.$/, '');

/** Why a district can't take people by a domain, as a message key, or undefined. */
export function domainFault(domain: string): MessageKey | undefined {
  if (domain.length > 200 || !DOMAIN.test(domain)) return 'register.fault.domain';
  if (STUDENTS.test(domain)) return 'register.fault.students';
  const isPublic = [...PUBLIC_PROVIDERS].some((name) => domain === name || domain.endsWith(`.${name}`));
  return isPublic ? 'register.fault.public' : undefined;
}

/** The domain of an address, which must be equal to one of a district's: what is below one is another's. */
export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase();
