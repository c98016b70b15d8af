import { z } from 'zod';
import { id, line } from '../../web/parse.ts';
import { email, name, password } from '../person-fields.ts';

export const registerForm = z.object({
  email: line(320).pipe(z.string().min(1, 'signIn.emailNeeded')).pipe(email),
});

export const confirmForm = z.object({
  token: z.string().max(200).default(''),
  name,
  school: z.uuid('register.fault.school').transform((value) => value.toLowerCase()),
  password,
  again: password,
});

/** So many domains are listed for a district at most. */
const MOST_DOMAINS = 50;

export const settingsForm = z.object({
  open: z.enum(['yes', 'no'], 'fault.required').transform((value) => value === 'yes'),
  domains: z
    .string()
    .max(10_000, 'fault.tooLong')
    .transform((text) => text.split(/[\s,;]+/).filter((part) => part !== ''))
    .pipe(z.array(z.string()).max(MOST_DOMAINS, 'register.fault.tooMany')),
});

export const districtParams = z.object({ id });
