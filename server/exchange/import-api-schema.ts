import { z } from 'zod';
import { SOURCE_NAME } from '../imports/run-service.ts';
import { asNumber, asText } from '../web/api-parameter.ts';
import { cleanText, id } from '../web/parse.ts';

/** What the API takes and says of imports. The routes read and answer with these shapes. */

const said = (description: string) => ({ description });
const time = z.iso.datetime().meta(said('UTC.'));

/** The first of several values, without what the database can't hold. */
const one = (value: unknown): unknown => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? cleanText(first) : first;
};
const textOf = (schema: z.ZodType<string>) => z.preprocess(one, schema);

/** `true`, `1`, `yes`; anything else that isn't no is refused. */
const yesNo = (description: string) =>
  z
    .preprocess(one, z.enum(['', 'true', 'false', '1', '0', 'yes', 'no'], 'api.fault.yesNo').default('false'))
    .transform((text) => text === 'true' || text === '1' || text === 'yes')
    .meta(asText(description, { values: ['true', 'false'], example: 'true' }));

const sourceName = z
  .preprocess(one, z.string().regex(SOURCE_NAME, 'api.fault.source').default('main'))
  .meta(asText('Which of the district’s catalogs; `main` unless told.', { example: 'library' }));

const districtSlug = textOf(z.string().min(1, 'fault.required').max(100)).meta(
  asText('The district’s slug.', { example: 'north' }),
);

/** How a file is to be brought in: in the address, or as fields of the form that carries the file. */
export const importParams = z.object({
  district: districtSlug,
  source: sourceName,
  dryRun: yesNo('Say what would happen, and write nothing.'),
  strict: yesNo('Hold rows with gaps back.'),
  onMissing: z.preprocess(one, z.enum(['keep', 'withdraw'], 'api.fault.onMissing').default('keep')).meta(
    asText('What becomes of resources that the file no longer has.', {
      values: ['keep', 'withdraw'],
      example: 'keep',
    }),
  ),
  withdrawMany: yesNo('The answer given beforehand when more than 5 % would be withdrawn.'),
  map: z
    .preprocess(one, z.string().max(60_000, 'fault.tooLong').default(''))
    .meta(
      asText(
        'A mapping in YAML, kept for the source from now on; `native`: the file has the native names. Else the mapping that the source has, if any.',
      ),
    ),
  name: z
    .preprocess(one, z.string().max(500, 'fault.tooLong').default(''))
    .meta(asText('What the file is called, where neither the form nor Content-Disposition says so.')),
});

export type ImportParams = z.output<typeof importParams>;

export const runParams = z.object({ id });

export const runListQuery = z.object({
  district: districtSlug,
  before: z.preprocess(one, id.optional()).meta(asText('Runs that began before this one, by its id.')),
  limit: z
    .preprocess(one, z.coerce.number().int().min(1).max(100).default(20))
    .meta(asNumber('At most so many; 20 unless told.', { minimum: 1, maximum: 100 })),
});

const OUTCOMES = [
  'new',
  'changed',
  'unchanged',
  'rejected',
  'missing',
  'withdrawn',
  'kept',
  'skipped',
] as const;

export const runQuery = z.object({
  after: z
    .preprocess(one, z.coerce.number().int().min(0).default(0))
    .meta(asNumber('Rows behind this one; `rows.next` has it filled in.', { minimum: 0 })),
  limit: z
    .preprocess(one, z.coerce.number().int().min(0).max(1000).default(100))
    .meta(asNumber('At most so many rows; 100 unless told, 0 for none.', { minimum: 0, maximum: 1000 })),
  outcome: z
    .preprocess(one, z.enum(OUTCOMES).optional())
    .meta(asText('Only rows that came to this.', { values: OUTCOMES })),
});

/** How one resource, or some, are to be brought in. */
export const directParams = z.object({
  source: sourceName,
  strict: yesNo('Refuse a row with gaps.'),
});

export const resumeParams = z.object({
  withdrawMany: yesNo('Says yes to a run that asks whether so many may be withdrawn.'),
});

const runRow = z
  .object({
    row: z
      .int()
      .meta(said('The number of the row in the file, from 1; rows no longer in the file come behind.')),
    outcome: z.enum(OUTCOMES),
    external_id: z.string().nullable(),
    resource: z.url().nullable().meta(said('The resource in the API.')),
    reasons: z
      .array(z.object({ field: z.string().nullable(), message: z.string() }))
      .meta(said('Why it was rejected, and what was left out.')),
    changes: z
      .array(z.object({ field: z.string(), kept: z.boolean() }))
      .meta(said('What changed. Kept: staff corrected it by hand, so it stays.')),
    taken_back: z.string().nullable().meta(said('After an undo: `done`, `withdrawn`, or why it stays.')),
  })
  .meta({ id: 'ImportRow' });

const counts = z.object({
  new: z.int(),
  changed: z.int(),
  unchanged: z.int().meta(said('Nothing else is kept of such a row.')),
  kept: z.int().meta(said('Changed in the file and left as staff have it.')),
  gaps: z.int().meta(said('Rows that came in with something left out.')),
  likely: z.int().meta(said('New or changed rows that are perhaps the same as something on the shelf.')),
  rejected: z.int(),
  skipped: z.int().meta(said('Parts of a package of a kind that isn’t taken.')),
  missing: z.int().meta(said('No longer in the file.')),
  withdrawn: z.int(),
  taken_back: z.int(),
  left_as_is: z.int(),
});

const runFields = {
  id: z.uuid(),
  state: z
    .enum(['planned', 'running', 'paused', 'cancelled', 'done', 'failed', 'undoing', 'undone'])
    .meta(said('Over when it is cancelled, done, failed, undone, or paused for an answer of yours.')),
  reason: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .meta(said('Why it is paused or failed.')),
  district: z.string(),
  district_name: z.string(),
  source: z.string(),
  door: z.enum(['command', 'api', 'browser']).meta(said('Where it was begun.')),
  dry_run: z.boolean(),
  strict: z.boolean(),
  on_missing: z.enum(['keep', 'withdraw']),
  file: z.object({ name: z.string(), bytes: z.int(), sha256: z.string() }),
  progress: z.object({
    rows: z.int(),
    bytes: z.int(),
    percent: z.int().meta(said('Of the file.')),
  }),
  counts,
  created_at: time,
  started_at: time.nullable(),
  updated_at: time,
  finished_at: time.nullable(),
  links: z.object({
    self: z.url(),
    rejected: z.url().meta(said('The rejected rows as CSV, to be mended and sent again.')),
    gaps: z.url().meta(said('What was left out, as CSV.')),
    likely: z.url().meta(said('What is perhaps on the shelf already, as CSV.')),
    cancel: z.url().nullable(),
    resume: z.url().nullable(),
    undo: z.url().nullable(),
  }),
};

/** A run without its rows. */
export const importRunSummary = z.object(runFields).meta({ id: 'ImportRunSummary' });

/** `GET /api/v1/imports/:id` */
export const importRunRecord = z
  .object({
    ...runFields,
    unknown: z
      .array(
        z.object({
          field: z.string(),
          value: z.string(),
          reason: z.string(),
          message: z.string(),
          rows: z.int(),
          near: z.array(z.string()).meta(said('What was perhaps meant.')),
        }),
      )
      .meta(said('What was left out, the most frequent first; at most 20.')),
    unknown_total: z.int(),
    rows: z.object({
      items: z.array(runRow),
      next: z.url().nullable().meta(said('The rows behind these.')),
    }),
  })
  .meta({ id: 'ImportRun' });

/** `GET /api/v1/imports` */
export const importRunList = z.object({ runs: z.array(importRunSummary) }).meta({ id: 'ImportRuns' });
