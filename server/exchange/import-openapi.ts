import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  importParams,
  importRunList,
  importRunRecord,
  importRunSummary,
  resumeParams,
  runListQuery,
  runQuery,
} from './import-api-schema.ts';
import { idempotencyKey, withToken, type Answer } from './openapi-operation.ts';

const runPath = z.object({ id: z.uuid().meta({ description: 'The run’s id.' }) });

const accepted: Answer = {
  status: 202,
  description: 'Noted. Follow the run at Location.',
  schema: importRunSummary,
  headers: { Location: 'The address of the run.' },
};

const bytes = { schema: { type: 'string' as const, format: 'binary' } };

/** Imports, as the OpenAPI document describes them. */
export const importPaths: ZodOpenApiPathsObject = {
  '/api/v1/imports': {
    post: withToken(
      {
        operationId: 'beginImport',
        summary: 'Bring a file in',
        description:
          'A whole file of rows (CSV, TSV, XLSX, NDJSON, JSON), a course package, or a zip with a row file and the files that its rows name. As the body itself, named by Content-Disposition or `name`, or as the field `file` of a form whose other fields are the parameters.',
        requestParams: { query: importParams, header: idempotencyKey },
        requestBody: {
          required: true,
          content: {
            'text/csv': bytes,
            'application/x-ndjson': bytes,
            'application/json': {},
            'application/zip': bytes,
            'application/octet-stream': bytes,
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file', 'district'],
                properties: { file: { type: 'string', format: 'binary' }, district: { type: 'string' } },
              },
            },
          },
        },
      },
      accepted,
      [400, 404, 413, 422],
    ),
    get: withToken(
      {
        operationId: 'listImports',
        summary: 'The last imports of a district',
        description: 'Newest first, whichever door they came through.',
        requestParams: { query: runListQuery },
      },
      { description: 'The runs.', schema: importRunList },
      [400, 404],
    ),
  },
  '/api/v1/imports/{id}': {
    get: withToken(
      {
        operationId: 'getImport',
        summary: 'Follow an import',
        description:
          'How far it is, what it came to, what nobody knows, and its rows page by page. Nothing is kept of rows that were unchanged.',
        requestParams: { path: runPath, query: runQuery },
      },
      { description: 'The run.', schema: importRunRecord },
      [400, 404],
    ),
  },
  '/api/v1/imports/{id}/rejected.csv': {
    get: withToken(
      {
        operationId: 'getRejectedRows',
        summary: 'Rejected rows as CSV',
        description:
          'Your own rows, whole, with the reasons behind them. Mended, the file can be sent as it is.',
        requestParams: { path: runPath },
      },
      { description: 'The rows.', media: 'text/csv' },
      [404],
    ),
  },
  '/api/v1/imports/{id}/gaps.csv': {
    get: withToken(
      {
        operationId: 'getGaps',
        summary: 'What was left out, as CSV',
        description: 'Every value that nobody knows, with what was perhaps meant.',
        requestParams: { path: runPath },
      },
      { description: 'The values.', media: 'text/csv' },
      [404],
    ),
  },
  '/api/v1/imports/{id}/likely.csv': {
    get: withToken(
      {
        operationId: 'getLikelySame',
        summary: 'What is perhaps on the shelf already, as CSV',
        description:
          'New and changed rows that have the file, the link or nearly the title of another resource, as far as the district may see it. It stops nothing.',
        requestParams: { path: runPath },
      },
      { description: 'The rows.', media: 'text/csv' },
      [404],
    ),
  },
  '/api/v1/imports/{id}/cancel': {
    post: withToken(
      {
        operationId: 'cancelImport',
        summary: 'Stop an import',
        description: 'Behind the batch that is under way. What is in stays.',
        requestParams: { path: runPath, header: idempotencyKey },
      },
      accepted,
      [404, 409],
    ),
  },
  '/api/v1/imports/{id}/resume': {
    post: withToken(
      {
        operationId: 'resumeImport',
        summary: 'Let an import go on',
        description: 'One that was stopped, failed, or waits for an answer.',
        requestParams: { path: runPath, query: resumeParams, header: idempotencyKey },
      },
      accepted,
      [400, 404, 409],
    ),
  },
  '/api/v1/imports/{id}/undo': {
    post: withToken(
      {
        operationId: 'undoImport',
        summary: 'Take an import back',
        description:
          'Within 30 days. What somebody adapted, edited or checked since stays, and is named in the rows.',
        requestParams: { path: runPath, header: idempotencyKey },
      },
      accepted,
      [404, 409],
    ),
  },
};
