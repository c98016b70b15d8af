import { z } from 'zod';

/** Passwords are taken as typed: never trimmed, never folded. Bounded, since hashing costs. */
const password = z.string().min(1, 'fault.required').max(500, 'fault.tooLong');

export const signInForm = z.object({
  email: z.string().trim().min(1, 'signIn.emailNeeded').max(320, 'fault.tooLong'),
  password: z.string().min(1, 'signIn.passwordNeeded').max(500, 'fault.tooLong'),
  next: z.string().max(2000).optional(),
});

export const passwordForm = z.object({ current: password, password, again: password });
