import { z } from 'zod';
import { isGrade, parseGrades } from '../lib/grade.ts';
import { asUuid } from '../lib/uuid5.ts';
import { list } from '../web/parse.ts';

const first = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => {
    const text = [value].flat()[0]?.trim();
    return text === '' ? undefined : text;
  });

/**
 * `GET /api/v1/standards`: `q` a code in any spelling or words; `below` a GUID, to browse what stands under a standard
 * or a framework instead; `framework` a GUID or slug; `subject` a slug; `grade` in any spelling, may repeat; `limit`.
 */
export const standardsQuery = z.object({
  q: first,
  below: first.transform((value) => (value === undefined ? undefined : (asUuid(value) ?? ''))),
  framework: first,
  subject: first,
  grade: list().transform((grades) => parseGrades(grades).grades.filter(isGrade)),
  limit: first.transform((value) => Number(value ?? 20)).pipe(z.number().int().min(1).max(100)),
});

/** One standard in the answer. */
export const standardAnswer = z.object({
  guid: z.uuid(),
  /** The code, or what stands for one where the framework gives none. */
  code: z.string(),
  statement: z.string(),
  short_statement: z.string().nullable(),
  kind: z.enum(['group', 'standard']),
  grades: z.array(z.string()),
  framework: z.object({ guid: z.uuid(), title: z.string() }),
  /** From the top of the framework. */
  path: z.array(z.string()),
  children: z.number().int(),
  retired: z.boolean(),
  url: z.string(),
});

export const standardsAnswer = z.object({ standards: z.array(standardAnswer) });
