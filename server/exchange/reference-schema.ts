import { z } from 'zod';
import { standardAnswer } from '../standards/standard-schema.ts';
import { asText } from '../web/api-parameter.ts';
import { cleanText } from '../web/parse.ts';

/** What the API says of standards, vocabularies and suggestions. */

/** `q` of suggestions: cut where nobody types on, one line. */
export const suggestQuery = z.object({
  q: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) =>
      cleanText(([value].flat()[0] ?? '').slice(0, 200))
        .replaceAll(/[\s\p{Cc}]+/gu, ' ')
        .trim(),
    )
    .meta(asText('What was typed so far; fewer than two letters suggest nothing.', { example: 'frac' })),
});

/** `GET /api/v1/suggest`. */
export const suggestions = z
  .object({
    suggestions: z.array(
      z
        .object({
          kind: z.enum(['standard', 'topic', 'resource', 'search']),
          text: z.string(),
          note: z.string().nullable().meta({ description: 'What stands beside it in a list.' }),
          url: z.url(),
        })
        .meta({ id: 'Suggestion' }),
    ),
  })
  .meta({ id: 'Suggestions' });

/** `GET /api/v1/standards/:guid`. */
export const standardRecord = z
  .object({
    ...standardAnswer.shape,
    uri: z.string(),
    notes: z.string().nullable(),
    language: z.string().nullable(),
    parent: standardAnswer.nullable(),
    below: z.array(standardAnswer).meta({ description: 'What stands directly below it, in order.' }),
    replaced_by: z.array(standardAnswer),
    related: z.array(
      z.object({
        type: z.string().meta({ description: 'CASE association type.' }),
        direction: z.enum(['out', 'in']),
        standard: standardAnswer,
      }),
    ),
    resources: z.int().meta({ description: 'Resources aligned to it or to what is below it.' }),
    levels: z
      .array(
        z.object({
          slug: z.string(),
          label: z.string(),
          description: z.string().nullable().meta({ description: 'What a student at this level does.' }),
          resources: z.int(),
        }),
      )
      .meta({ description: 'The rungs of its ladder, lowest first.' }),
  })
  .meta({ id: 'StandardRecord' });

const term = z.object({ slug: z.string(), label: z.string() });

/** `GET /api/v1/vocabularies`. */
export const vocabularyLists = z
  .object({
    subjects: z.array(term),
    types: z.array(term),
    settings: z.array(term),
    levels: z
      .array(term.extend({ position: z.int(), description: z.string().nullable() }))
      .meta({ description: 'The state’s competency scale, lowest first.' }),
    topics: z.array(
      z.object({ slug: z.string(), label: z.string(), path: z.string(), parent: z.string().nullable() }),
    ),
    licenses: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        url: z.url().nullable(),
        adaptable: z.boolean(),
        open: z.boolean(),
        may: z.array(z.string()),
        must: z.array(z.string()),
        may_not: z.array(z.string()),
      }),
    ),
    districts: z.array(term),
    frameworks: z.array(
      z.object({ guid: z.uuid(), slug: z.string(), label: z.string(), subject: z.string().nullable() }),
    ),
    grades: z.array(z.string()),
  })
  .meta({ id: 'Vocabularies' });
