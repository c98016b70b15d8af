import { z } from 'zod';
import { createDocument, type oas31, type ZodOpenApiOperationObject } from 'zod-openapi';
import { searchQuery } from '../search/search-schema.ts';
import { standardsAnswer, standardsQuery } from '../standards/standard-schema.ts';
import { standardRecord, suggestions, suggestQuery, vocabularyLists } from './reference-schema.ts';
import { resourceRecord, searchResults } from './resource-schema.ts';

/** Raised when an answer changes in a way that a program would notice. */
const apiVersion = '1.0.0';

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
  404: 'There is none, or it is not open to you.',
  410: 'It was taken off the shelf.',
  503: 'The shelf can’t be reached right now; Retry-After says when to try again.',
} as const;

function get(
  operation: Pick<ZodOpenApiOperationObject, 'operationId' | 'summary' | 'description' | 'requestParams'>,
  answer: { description: string; schema: z.ZodType },
  fails: (keyof typeof failures)[] = [],
): { get: ZodOpenApiOperationObject } {
  const ok = { description: answer.description, content: { 'application/json': { schema: answer.schema } } };
  const failed = [...fails, 503 as const].map((status) => [
    status,
    { description: failures[status], content: { 'application/problem+json': { schema: problem } } },
  ]);
  return {
    get: { ...operation, responses: { 200: ok, ...(Object.fromEntries(failed) as object) } },
  };
}

const inPath = (name: string, description: string) => ({
  path: z.object({ [name]: z.uuid().meta({ description }) }),
});

/**
 * The description of the API (OpenAPI 3.1), made from the very schemas that the routes read parameters with and that
 * tests hold the answers against.
 */
export function openApiDocument({
  baseUrl,
  stateName,
}: {
  baseUrl: string;
  stateName: string;
}): oas31.OpenAPIObject {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: `${stateName} Commonshelf API`,
      version: apiVersion,
      description:
        'Read what everyone may read, without an account. Addresses are stable, answers are JSON in UTF-8, errors are problem+json (RFC 9457). Programs in a browser may ask from any site; they always get what the public sees.',
    },
    servers: [{ url: baseUrl }],
    paths: {
      '/api/v1/resources': get(
        {
          operationId: 'searchResources',
          summary: 'Search resources',
          description:
            'The search of the page /search, with the same parameters. Different parameters narrow each other down; one that is repeated widens. A page behind the last one is empty.',
          requestParams: { query: searchQuery },
        },
        { description: 'The hits, and counts for narrowing down.', schema: searchResults },
        [400],
      ),
      '/api/v1/resources/{id}': get(
        {
          operationId: 'getResource',
          summary: 'One resource',
          description: 'Its current version, with files, alignments, versions and where it comes from.',
          requestParams: inPath('id', 'The resource’s id.'),
        },
        { description: 'The resource.', schema: resourceRecord },
        [404, 410],
      ),
      '/api/v1/standards': get(
        {
          operationId: 'findStandards',
          summary: 'Find standards',
          description:
            'By a code in any spelling, by words, or by what they stand under. Without either nothing is found.',
          requestParams: { query: standardsQuery },
        },
        { description: 'The best ones first.', schema: standardsAnswer },
        [400],
      ),
      '/api/v1/standards/{guid}': get(
        {
          operationId: 'getStandard',
          summary: 'One standard',
          description:
            'With what stands around it, and how many resources there are at each competency level.',
          requestParams: inPath('guid', 'The standard’s GUID (CASE identifier).'),
        },
        { description: 'The standard.', schema: standardRecord },
        [404],
      ),
      '/api/v1/suggest': get(
        {
          operationId: 'suggest',
          summary: 'Suggest while someone types',
          description: 'Standards, topics and titles; at most ten.',
          requestParams: { query: suggestQuery },
        },
        { description: 'The most likely first.', schema: suggestions },
      ),
      '/api/v1/vocabularies': get(
        {
          operationId: 'listVocabularies',
          summary: 'All lists of values',
          description:
            'Subjects, types, settings, levels, topics, licenses, districts, frameworks and grades.',
        },
        { description: 'The lists, in the state’s order.', schema: vocabularyLists },
      ),
    },
  }) as oas31.OpenAPIObject;
}
