import type { oas31 } from 'zod-openapi';
import type { ApiDocsPage, ApiOperation } from '../web/error-view.ts';

/** The OpenAPI document as a page to read. */
export function apiDocsPage(document: oas31.OpenAPIObject): ApiDocsPage {
  const baseUrl = document.servers?.[0]?.url ?? '';
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [operationOf(path, method, operation, baseUrl)] : [];
    }),
  );
  return {
    title: document.info.title,
    version: document.info.version,
    description: document.info.description ?? null,
    baseUrl,
    openapiUrl: '/api/openapi.json',
    operations,
  };
}

const METHODS = ['get', 'head', 'post', 'put', 'delete'] as const;

function operationOf(
  path: string,
  method: (typeof METHODS)[number],
  operation: oas31.OperationObject,
  baseUrl: string,
): ApiOperation {
  const parameters = (operation.parameters ?? []).filter((one) => 'name' in one);
  return {
    id: operation.operationId ?? path,
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? path,
    description: operation.description ?? null,
    parameters: parameters.map((one) => ({
      name: one.name,
      in: one.in,
      required: one.required ?? false,
      type: typeOf(schemaOf(one)),
      description: one.description ?? null,
    })),
    responses: Object.entries((operation.responses ?? {}) as Record<string, oas31.ResponseObject>).map(
      ([status, { description }]) => ({ status, description: description ?? '' }),
    ),
    example: method === 'get' && !operation.security ? exampleOf(path, parameters, baseUrl) : null,
  };
}

const schemaOf = ({ schema }: oas31.ParameterObject): oas31.SchemaObject =>
  schema && !('$ref' in schema) ? schema : {};

/** "string (uuid)", "integer", "list of state, district, no". */
function typeOf({ type, format, items, enum: values }: oas31.SchemaObject): string {
  if (type === 'array') return `list of ${items && !('$ref' in items) ? typeOf(items) : 'strings'}`;
  if (values) return values.join(', ');
  const name = typeof type === 'string' ? type : 'string';
  return format ? `${name} (${format})` : name;
}

/** A request that works as it stands; none where an id has to be filled in. */
function exampleOf(path: string, parameters: oas31.ParameterObject[], baseUrl: string): string | null {
  if (path.includes('{')) return null;
  const query = new URLSearchParams(
    parameters.flatMap((one): [string, string][] => {
      const example: unknown = schemaOf(one).examples?.[0];
      return typeof example === 'string' ? [[one.name, example]] : [];
    }),
  ).toString();
  return `curl '${baseUrl}${path}${query === '' ? '' : `?${query}`}'`;
}
