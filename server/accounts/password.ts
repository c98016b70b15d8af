import { hash, verify } from '@node-rs/argon2';
import { inTurns } from '../lib/turns.ts';
import { demoSignIns } from './demo-sign-ins.ts';
import { isKnownPassword } from './known-passwords.ts';

/** OWASP ASVS 5.0 appendix C: argon2id with 46 MiB, one pass, one lane. (2 is argon2id in this library.) */
const settings = { algorithm: 2, memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;

/** Shortest and longest password in characters. */
export const passwordLength = { min: 12, max: 128 };

// A flood of sign-ins must not take 46 MiB each without end.
const inTurn = inTurns(2);

/** The hash of a password in PHC form. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, settings));

/** Whether a hash was made with other settings than today's, so that a sign-in is the time to make it anew. */
export const isOutdatedHash = (passwordHash: string): boolean =>
  !passwordHash.startsWith(
    `$argon2id$v=19$m=${settings.memoryCost},t=${settings.timeCost},p=${settings.parallelism}$`,
  );

/** Whether the password has that hash. Without a hash it takes the same time and says no, so that nobody learns which accounts exist. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const decoy = await nobodysHash();
  const matches = await inTurn(() => verify(passwordHash ?? decoy, password));
  return passwordHash !== null && matches;
}

let decoyHash: Promise<string> | undefined;
const nobodysHash = () => (decoyHash ??= hashPassword('nobody has this password'));

/**
 * Why a password can't be used, as a message key, or undefined. Length, what was stolen elsewhere, and what is made of
 * the commonest words or the person's own alone: no rules about kinds of characters, which make passwords worse (NIST SP
 * 800-63B).
 */
export function passwordFault(
  password: string,
  person: { email: string; name: string; organizationName?: string | undefined },
):
  | 'password.tooShort'
  | 'password.tooLong'
  | 'password.common'
  | 'password.published'
  | 'password.known'
  | undefined {
  const length = Array.from(password).length;
  if (length < passwordLength.min) return 'password.tooShort';
  if (length > passwordLength.max) return 'password.tooLong';
  const plain = plainOf(password);
  // Everybody who knows the software knows it. The demo's own accounts are seeded with it, not asked.
  if (plain === plainOf(demoSignIns.password)) return 'password.published';
  const own = `${person.email.split('@')[0]} ${person.name} ${person.organizationName ?? ''}`.split(
    /[^\p{L}]+/u,
  );
  const easy = [...own.map(plainOf).filter((word) => word.length >= 3), ...commonStems];
  // In whatever order and however often: what is left of it is all that would have to be guessed. A year is no secret.
  const left = easy.reduce((rest, word) => rest.replaceAll(word, ''), plain);
  if (new Set(plain).size < 5 || left.length < 4 || /^\d{1,6}$/.test(left)) return 'password.common';
  const isKnown = [password, password.replaceAll(/\s/g, '')].some(isKnownPassword);
  return isKnown ? 'password.known' : undefined;
}

const plainOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** What the most used passwords of twelve characters and more are made of, and words that lie near here. Longer ones first. */
const commonStems = [
  'commonshelfdemo',
  'commonshelf',
  'kindergarten',
  'elementary',
  'classroom',
  'education',
  'district',
  'educator',
  'school',
  'password',
  'passwort',
  'contrasena',
  'qwertyuiop',
  'qwerty',
  'asdfghjkl',
  'letmein',
  'welcome',
  'iloveyou',
  'administrator',
  'teacher',
  'changeme',
  'abcdefghijkl',
  '1234567890',
  '123456789',
  '12345678',
  '123456',
  '0987654321',
  '1q2w3e4r5t',
  'q1w2e3r4t5',
  'football',
  'baseball',
  'princess',
  'sunshine',
];
