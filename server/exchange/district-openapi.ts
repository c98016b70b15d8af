import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  directAnswer,
  directAnswers,
  directResource,
  districtPath,
  filePath,
  nativeRowShape,
  resourcePath,
  sentFile,
} from './direct-api-schema.ts';
import { directParams } from './import-api-schema.ts';
import { idempotencyKey, withToken } from './openapi-operation.ts';

const conditions = z.object({
  'If-Match': z
    .string()
    .optional()
    .meta({ description: 'Only if its ETag is still one of these; `*`: only if it is there.' }),
  'If-None-Match': z.string().optional().meta({ description: '`*`: only if it isn’t there yet.' }),
});

const etag = { ETag: 'Changes with anything of the resource, whoever changed it.' };

const sent = {
  'Upload-Complete': '?1 when the file is whole, ?0 when more has to come.',
  'Upload-Offset': 'How many bytes have arrived, while more has to come.',
};

const file = {
  operationId: 'getFile',
  summary: 'How much of a file has arrived',
  description: 'Of what your own district has sent. Nothing is 404.',
  requestParams: { path: filePath },
};

/** Single resources and files of a district, as the OpenAPI document describes them. */
export const districtPaths: ZodOpenApiPathsObject = {
  '/api/v1/districts/{district}/files/{sha256}': {
    head: withToken(
      { ...file, operationId: 'headFile', summary: 'How much of a file has arrived, in headers alone' },
      { description: 'The headers say it.', headers: sent },
      [404],
    ),
    get: withToken(file, { description: 'How much there is.', schema: sentFile, headers: sent }, [404]),
    put: withToken(
      {
        operationId: 'putFile',
        summary: 'Send a file, whole or piece by piece',
        description:
          'The body is the file, or with Content-Range (or Upload-Offset) the piece behind what has arrived. What arrived stays for a day when a piece breaks off. Bytes with another hash are refused whole. Then rows may name it as sha256:….',
        requestParams: {
          path: filePath,
          query: z.object({
            name: z.string().optional().meta({
              description: 'What the file is called; its ending says what it is. Or Content-Disposition.',
            }),
          }),
          header: z.object({
            'Content-Range': z.string().optional().meta({ description: 'bytes FROM-TO/WHOLE' }),
            'Upload-Offset': z.string().optional().meta({ description: 'Where this piece begins.' }),
            'Upload-Complete': z.string().optional().meta({ description: '?0: more pieces will come.' }),
          }),
        },
        requestBody: {
          required: true,
          content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
        },
      },
      [
        { status: 200, description: 'It was there.', schema: sentFile, headers: sent },
        { status: 201, description: 'It is whole now.', schema: sentFile, headers: sent },
        { status: 202, description: 'The piece has arrived.', schema: sentFile, headers: sent },
      ],
      [400, 404, 409, 413, 422],
    ),
  },
  '/api/v1/districts/{district}/resources': {
    post: withToken(
      {
        operationId: 'bringResources',
        summary: 'Bring up to 500 resources in',
        description:
          'A list of rows in the native form; `{"external_id": "…", "withdraw": true}` takes one off the shelf. Good rows come in, bad ones are answered with their reasons. Everything is one import, which can be taken back.',
        requestParams: { path: districtPath, query: directParams, header: idempotencyKey },
        requestBody: {
          required: true,
          content: { 'application/json': { schema: z.array(nativeRowShape).max(500) } },
        },
      },
      { description: 'What became of each row.', schema: directAnswers },
      [400, 404, 409, 413, 422],
    ),
  },
  '/api/v1/districts/{district}/resources/{externalId}': {
    get: withToken(
      {
        operationId: 'getDistrictResource',
        summary: 'A resource by the district’s own id',
        description: 'How it stands, with the ETag for a change, also when it is withdrawn.',
        requestParams: { path: resourcePath, query: directParams.pick({ source: true }) },
      },
      { description: 'The resource.', schema: directResource, headers: etag },
      [400, 404],
    ),
    put: withToken(
      {
        operationId: 'putDistrictResource',
        summary: 'Bring one resource in',
        description:
          'One row in the native form. The same row again changes nothing; another one makes the next version; what staff corrected by hand stays. What nobody knows is left out and named in `gaps`.',
        requestParams: { path: resourcePath, query: directParams, header: conditions },
        requestBody: { required: true, content: { 'application/json': { schema: nativeRowShape } } },
      },
      [
        { status: 200, description: 'It was there.', schema: directAnswer, headers: etag },
        { status: 201, description: 'It is new.', schema: directAnswer, headers: etag },
      ],
      [400, 404, 409, 412, 413, 422],
    ),
    delete: withToken(
      {
        operationId: 'withdrawDistrictResource',
        summary: 'Take one resource off the shelf',
        description:
          'It is withdrawn, not deleted: versions, saves and uses stay, and the same row brings it back.',
        requestParams: { path: resourcePath, query: directParams.pick({ source: true }), header: conditions },
      },
      { status: 204, description: 'It is not on the shelf.' },
      [400, 404, 409, 412],
    ),
  },
};
