import { z } from 'zod';
import { createDocument, type oas31 } from 'zod-openapi';
import { searchQuery } from '../search/search-schema.ts';
import { standardsAnswer, standardsQuery } from '../standards/standard-schema.ts';
import { collectionQuery, collectionRecord } from './collection-api.ts';
import { districtPaths } from './district-openapi.ts';
import { importPaths } from './import-openapi.ts';
import { get } from './openapi-operation.ts';
import { standardRecord, suggestions, suggestQuery, vocabularyLists } from './reference-schema.ts';
import { resourceRecord, searchResults } from './resource-schema.ts';

/** Raised when an answer changes in a way that a program would notice. */
const apiVersion = '1.0.0';

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
        'Read what everyone may read, without an account. Bring in a district’s catalog with a token that its data lead makes on /account. Addresses are stable, answers are JSON in UTF-8, errors are problem+json (RFC 9457). Programs in a browser may read from any site; they always get what the public sees.',
    },
    servers: [{ url: baseUrl }],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'Authorization: Bearer cshelf_… A token may do part of what its person may: `read` what they see, `import` for their district. It ends with their account and their role.',
        },
      },
    },
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
      '/api/v1/collections/{id}': get(
        {
          operationId: 'getCollection',
          summary: 'One collection',
          description:
            'Resources that somebody put together, in their order, or that a rule keeps together. What is not open to you is not in it and not counted.',
          requestParams: { ...inPath('id', 'The collection’s id.'), query: collectionQuery },
        },
        { description: 'A page of the collection.', schema: collectionRecord },
        [404],
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
      ...importPaths,
      ...districtPaths,
    },
  }) as oas31.OpenAPIObject;
}
