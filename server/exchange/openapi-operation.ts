import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';

/** An error, as RFC 9457 writes it. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string().meta({ description: 'What happened, in words.' }),
    status: z.int(),
    code: z.string().meta({ description: 'The same in one stable word.' }),
    request_id: z.string().meta({ description: 'The log has the request under this id.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'One for each parameter that can’t be used.' }),
  })
  .meta({ id: 'Problem' });

const failures = {
  400: 'A parameter can’t be read; “errors” names it.',
  401: 'No token, or one that is not good.',
  403: 'The token or its person may not do this.',
  404: 'There is none, or it is not open to you.',
  409: 'It can’t be done as things stand; Retry-After says when to try again, where that helps.',
  410: 'It was taken off the shelf.',
  412: 'It is no longer as If-Match or If-None-Match say.',
  413: 'More than is taken at once.',
  422: 'What was sent can’t be used; “errors” names the fields.',
  429: 'The token is used too often; Retry-After says when to try again.',
  503: 'The shelf can’t be reached right now; Retry-After says when to try again.',
} as const;

type Status = keyof typeof failures;

type About = Pick<
  ZodOpenApiOperationObject,
  'operationId' | 'summary' | 'description' | 'requestParams' | 'requestBody'
>;

/** What an operation answers when it goes well: JSON by a schema, another kind of content, or nothing. */
export type Answer = {
  description: string;
  status?: number;
  schema?: z.ZodType;
  media?: string;
  headers?: Record<string, string>;
};

const headersOf = (headers: Record<string, string> | undefined) =>
  headers && {
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, description]) => [
        name,
        { description, schema: { type: 'string' as const } },
      ]),
    ),
  };

const said = ({ description, schema, media, headers }: Answer) => ({
  description,
  ...headersOf(headers),
  ...(schema ? { content: { 'application/json': { schema } } } : {}),
  ...(media === undefined ? {} : { content: { [media]: { schema: z.string() } } }),
});

const failed = (status: Status) => [
  status,
  { description: failures[status], content: { 'application/problem+json': { schema: problem } } },
];

/** An operation that anyone may ask for. */
export function get(about: About, answer: Answer, fails: Status[] = []): { get: ZodOpenApiOperationObject } {
  return {
    get: {
      ...about,
      responses: {
        200: said(answer),
        ...(Object.fromEntries([...fails, 503 as const].map(failed)) as object),
      },
    },
  };
}

/** An operation for programs with a token that has the scope `import`. */
export function withToken(
  about: About,
  answers: Answer | Answer[],
  fails: Status[] = [],
): ZodOpenApiOperationObject {
  const all: Status[] = [401, 403, ...fails, 429, 503];
  return {
    ...about,
    security: [{ token: ['import'] }],
    responses: {
      ...Object.fromEntries([answers].flat().map((answer) => [String(answer.status ?? 200), said(answer)])),
      ...(Object.fromEntries(all.toSorted((a, b) => a - b).map(failed)) as object),
    },
  };
}

/** The header that makes a POST safe to send again. */
export const idempotencyKey = z.object({
  'Idempotency-Key': z.string().optional().meta({
    description:
      'Any text of your own. The same request with the same key within 24 hours is done once and gets the same answer; another request with it is refused with 422.',
  }),
});
