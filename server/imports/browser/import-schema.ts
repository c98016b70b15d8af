import { z } from 'zod';
import { id, line } from '../../web/parse.ts';
import { SOURCE_NAME } from '../run-service.ts';

/** A source's name as people type it. */
const sourceName = line(60)
  .transform((text) => text.toLowerCase().replaceAll(' ', '-') || 'main')
  .refine((text) => SOURCE_NAME.test(text), 'import.new.fault.source');

/** The form that brings a file; the file itself is read beside it. */
export const uploadForm = z.object({
  district: id.optional().catch(undefined),
  source: sourceName.default('main'),
  missing: z.enum(['keep', 'withdraw']).catch('keep'),
  strict: z
    .literal('on')
    .optional()
    .catch(undefined)
    .transform((value) => value === 'on'),
  key: z.string().max(100).optional().catch(undefined),
});

/** What was typed, as it is shown again. */
export const uploadTyped = z.object({
  district: z.string().max(100).catch(''),
  source: z.string().max(200).catch('main'),
  missing: z.enum(['keep', 'withdraw']).catch('keep'),
  strict: z
    .string()
    .optional()
    .catch(undefined)
    .transform((value) => value === 'on'),
});

export const listQuery = z.object({ before: id.optional().catch(undefined) });
export const idParams = z.object({ id });
