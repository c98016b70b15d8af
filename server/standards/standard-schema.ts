import { z } from 'zod';
import { GRADES, isGrade, parseGrades } from '../lib/grade.ts';
import { asUuid } from '../lib/uuid5.ts';
import { asList, asNumber, asText } from '../web/api-parameter.ts';
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
  q: first.meta(asText('A code in any spelling, or words.', { example: 'fractions' })),
  below: first
    .transform((value) => (value === undefined ? undefined : (asUuid(value) ?? '')))
    .meta(asText('Instead of words: what stands directly below this standard or framework, by its GUID.')),
  framework: first.meta(asText('GUID or slug of a framework.')),
  subject: first.meta(asText('Content area, by slug.')),
  grade: list()
    .transform((grades) => parseGrades(grades).grades.filter(isGrade))
    .meta(asList('Other spellings are understood.', { values: GRADES })),
  limit: first
    .transform((value) => Number(value ?? 20))
    .pipe(z.number().int().min(1).max(100))
    .meta(asNumber('20 unless told.', { minimum: 1, maximum: 100 })),
});

/** One standard in the answer. */
export const standardAnswer = z
  .object({
    guid: z.uuid(),
    code: z
      .string()
      .meta({ description: 'The code, or what stands for one where the framework gives none.' }),
    statement: z.string(),
    short_statement: z.string().nullable(),
    kind: z.enum(['group', 'standard']),
    grades: z.array(z.string()),
    framework: z.object({ guid: z.uuid(), title: z.string() }),
    path: z.array(z.string()).meta({ description: 'What it stands under, from the top of the framework.' }),
    children: z.number().int().meta({ description: 'How many stand directly below it.' }),
    retired: z.boolean(),
    url: z.string(),
  })
  .meta({ id: 'Standard' });

export const standardsAnswer = z.object({ standards: z.array(standardAnswer) }).meta({ id: 'Standards' });
