import { z } from 'zod';
import { line } from '../web/parse.ts';

/** What somebody, or a place, is called. */
export const name = line(200).pipe(z.string().min(1, 'fault.required'));

/** An address that mail can go to, in lower case. */
export const email = line(254)
  .transform((value) => value.toLowerCase())
  .pipe(z.email('admin.people.badEmail'));

/** Passwords are taken as typed: never trimmed, never folded. Bounded, since hashing costs. */
export const password = z.string().min(1, 'fault.required').max(500, 'fault.tooLong');
