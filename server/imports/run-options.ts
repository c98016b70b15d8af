import { z } from 'zod';

/** How a run is to be done; kept with it, so that any process can go on with it. */
export const runOptions = z.object({
  /** What becomes of resources that the file no longer has. */
  onMissing: z.enum(['keep', 'withdraw']).default('keep'),
  /** Somebody has said that many may be withdrawn. */
  withdrawMany: z.boolean().default(false),
  /** Rows with gaps are held back. */
  strict: z.boolean().default(false),
  /** A row that was mended and sent alone: what isn't in this file isn't missing. */
  alone: z.boolean().default(false),
  /** The folder in which the files of rows lie, and the machine that has it. */
  folder: z.string().nullable().default(null),
  host: z.string().nullable().default(null),
});

export type RunOptions = z.output<typeof runOptions>;
