import { z } from 'zod';
import { line } from '../web/parse.ts';

/** A day as a date field sends it; what is no day counts as none. */
const day = z.iso.date().nullable().catch(null);

/** Which part of the log is looked at. */
export const auditQuery = z.object({
  /** A part of a name or address. */
  who: line(200).catch(''),
  action: line(100).catch(''),
  /** The id of what it was done to. */
  object: line(100).catch(''),
  outcome: z.enum(['', 'done', 'refused', 'failed']).catch(''),
  from: day,
  to: day,
  /** Only what is older than this event. */
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullable()
    .catch(null),
});

export type AuditFilters = z.output<typeof auditQuery>;
