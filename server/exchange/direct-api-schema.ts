import { z } from 'zod';
import { NATIVE_FIELDS } from '../imports/native-row.ts';

/** What the API takes and says of single resources and files of a district. */

const said = (description: string) => ({ description });

/** The most rows that one request may carry. */
export const MOST_ROWS = 500;

const slug = z
  .string()
  .regex(/^[a-z0-9-]{1,100}$/)
  .meta({ description: 'The district’s slug.' });

export const districtPath = z.object({ district: slug });
export const resourcePath = z.object({
  district: slug,
  externalId: z.string().min(1).meta({ description: 'Your own id of the resource, percent-encoded.' }),
});
export const filePath = z.object({
  district: slug,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .transform((hash) => hash.toLowerCase())
    .meta({ description: 'SHA-256 of the whole file, in hex.' }),
});

/** A row in the native form, for the document alone: what it says is read by the importer, value by value. */
export const nativeRowShape = z
  .object(Object.fromEntries(NATIVE_FIELDS.map((field) => [field, z.unknown()])))
  .partial()
  .meta({
    id: 'NativeRow',
    description:
      'A row in the native form, as in a file: external_id, title, and one of url, files and text; lists may be lists. Files are named as sha256:… and sent before.',
  });

const gap = z.object({
  field: z.string(),
  reason: z.string(),
  value: z.string(),
  message: z.string(),
});

/** `GET /api/v1/districts/:district/resources/:externalId` */
export const directResource = z
  .object({
    external_id: z.string(),
    source: z.string(),
    district: z.string(),
    id: z.uuid(),
    state: z
      .enum(['draft', 'submitted', 'published', 'withdrawn', 'purged'])
      .meta(said('Submitted: waits for its first check.')),
    version: z.int().nullable(),
    title: z.string().nullable(),
    visibility: z.enum(['public', 'state', 'district', 'school']),
    url: z.url().meta(said('Its page.')),
    resource: z.url().meta(said('What everybody else gets of it.')),
    etag: z.string().meta(said('Changes with anything of it, whoever changed it. For If-Match.')),
    gaps: z.array(gap).meta(said('What is left out of it until the state learns the word.')),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'DistrictResource' });

const resultFields = {
  outcome: z
    .enum(['new', 'changed', 'unchanged', 'kept', 'withdrawn', 'rejected', 'unknown'])
    .meta(
      said(
        'Kept: it differs, but staff corrected it by hand or took it off the shelf. Unknown: there was nothing to withdraw.',
      ),
    ),
  changes: z
    .array(z.object({ field: z.string(), kept: z.boolean() }))
    .meta(said('What changed. Kept: staff corrected it by hand, so it stays.')),
  resource: directResource.nullable(),
};

/** `PUT /api/v1/districts/:district/resources/:externalId` */
export const directAnswer = z
  .object({
    ...resultFields,
    import: z.url().nullable().meta(said('The import that has it and can be taken back.')),
  })
  .meta({ id: 'ResourceBrought' });

/** `POST /api/v1/districts/:district/resources` */
export const directAnswers = z
  .object({
    results: z
      .array(
        z.object({
          external_id: z.string().nullable(),
          ...resultFields,
          errors: z
            .array(z.object({ field: z.string(), message: z.string() }))
            .meta(said('Why it was rejected.')),
        }),
      )
      .meta(said('One for each row, in their order.')),
    import: z.url().nullable(),
  })
  .meta({ id: 'ResourcesBrought' });

/** `GET` and `PUT /api/v1/districts/:district/files/:sha256` */
export const sentFile = z
  .object({
    sha256: z.string(),
    complete: z.boolean(),
    received: z.int().nullable().meta(said('Bytes that have arrived; null once it is whole.')),
    name: z.string().nullable(),
    use: z.string().meta(said('How a row names it.')),
  })
  .meta({ id: 'SentFile' });
