import { z } from 'zod';
import { isGrade } from '../lib/grade.ts';
import { id, line } from '../web/parse.ts';
import { name, password } from './person-fields.ts';

export const signInForm = z.object({
  email: z.string().trim().min(1, 'signIn.emailNeeded').max(320, 'fault.tooLong'),
  password: z.string().min(1, 'signIn.passwordNeeded').max(500, 'fault.tooLong'),
  next: z.string().max(2000).optional(),
});

export const passwordForm = z.object({ current: password, password, again: password });

export const forgotForm = z.object({
  email: z.string().trim().min(1, 'signIn.emailNeeded').max(320, 'fault.tooLong'),
});

export const setPasswordForm = z.object({
  token: z.string().max(200).default(''),
  password,
  again: password,
});

/** Days that a token may live. */
export const TOKEN_DAYS = [30, 90, 365] as const;

export const tokenForm = z.object({
  tokenName: line(80).pipe(z.string().min(1, 'token.fault.name')),
  scope: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) => [value ?? []].flat())
    .pipe(z.array(z.enum(['read', 'import'], 'token.fault.scope')).min(1, 'token.fault.scope')),
  days: z.enum(['30', '90', '365'], 'token.fault.days').transform(Number),
});

/** How often a person gets their notices by mail. */
export const NOTICE_RHYTHMS = ['at_once', 'daily', 'weekly', 'never'] as const;
export type NoticeRhythm = (typeof NOTICE_RHYTHMS)[number];

export const mailsForm = z.object({ noticeMail: z.enum(NOTICE_RHYTHMS, 'fault.required') });

const several = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value ?? []].flat().slice(0, 100));

export const profileForm = z.object({
  name,
  school: z
    .uuid('profile.fault.school')
    .transform((value) => value.toLowerCase())
    .optional(),
  subject: several,
  grade: several.transform((values) => values.filter(isGrade)),
});

export const homeForm = z.object({
  first: z.enum(['yes', 'no'], 'fault.required').transform((value) => value === 'yes'),
});

export const tokenParams = z.object({ id });
