import { hash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { badRequest, conflict, invalid, notFound } from '../errors.ts';
import { applyDirectly, type DirectItem, type DirectResult } from '../imports/direct-rows.ts';
import { directStates, etagOf, type Condition } from '../imports/direct-state.ts';
import { nativeMapper } from '../imports/native-columns.ts';
import { externalIdOf } from '../imports/native-row.ts';
import { jsonBody } from '../web/json-body.ts';
import { contextOf } from '../web/page.ts';
import { parseParams, parseQuery } from '../web/parse.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import { originOf, tokenOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, importPrograms } from '../web/route.ts';
import { districtPath, MOST_ROWS, resourcePath } from './direct-api-schema.ts';
import { apiDirectAnswer, apiDirectAnswers, apiDirectResource } from './direct-api-view.ts';
import { importDistrict } from './district-access.ts';
import { onceForKey } from './idempotency.ts';
import { directParams } from './import-api-schema.ts';
import { sendAnswer } from '../web/send-answer.ts';

/** Resources of a district by their own ids: one at a time, or some at once. */
export function districtResourceRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool, config } = deps;
  const batches = rateLimiter(pool, { name: 'api-batch', points: 120, seconds: 60 });

  /** Whose resource is meant, and how. */
  async function askedFor(req: Request, res: Response) {
    const { district } = parseParams(districtPath, req.params);
    const { source, strict } = parseQuery(directParams, req.query);
    const districtId = await importDistrict(pool, viewerOf(res), district);
    return {
      key: { districtId, source, strict, personId: viewerOf(res).id },
      words: { t: contextOf(res).t, baseUrl: config.baseUrl, district, source },
    };
  }

  routes.get('/api/v1/districts/:district/resources/:externalId', importPrograms, async (req, res) => {
    const { key, words } = await askedFor(req, res);
    const externalId = idIn(req);
    const one = (await directStates(pool, key, [externalId])).get(externalId);
    if (!one) throw notFound();
    res.setHeader('ETag', etagOf(one));
    res.json(apiDirectResource(one, words));
  });

  routes.put(
    '/api/v1/districts/:district/resources/:externalId',
    importPrograms,
    jsonBody('4mb'),
    async (req, res) => {
      const { key, words } = await askedFor(req, res);
      const values = rowFor(idIn(req), req.body);
      const options = { condition: conditionOf(req), origin: originOf(req, res) };
      const { results, runId } = await applyDirectly(deps, key, [{ values }], options);
      const result = accepted(results);
      if (result.state) res.setHeader('ETag', etagOf(result.state));
      const body = apiDirectAnswer(result, runId, words);
      if (result.outcome === 'new' && body.resource) res.status(201).location(body.resource.resource);
      res.json(body);
    },
  );

  routes.delete('/api/v1/districts/:district/resources/:externalId', importPrograms, async (req, res) => {
    const { key } = await askedFor(req, res);
    const options = { condition: conditionOf(req), origin: originOf(req, res) };
    const { results } = await applyDirectly(deps, key, [{ withdraw: idIn(req) }], options);
    const { outcome } = accepted(results);
    if (outcome === 'unknown') throw notFound();
    if (outcome === 'kept') throw conflict('api.waitsForCheck');
    res.status(204).end();
  });

  routes.post('/api/v1/districts/:district/resources', importPrograms, jsonBody('16mb'), async (req, res) => {
    const { key, words } = await askedFor(req, res);
    const items = itemsIn(req.body);
    const tokenId = tokenOf(res)?.id ?? '';
    await batches.take(tokenId);
    const content = hash('sha256', JSON.stringify(items), 'hex');
    const request = {
      tokenId,
      key: req.get('idempotency-key'),
      parts: [req.path, key.source, key.strict, content],
    };
    const answer = await onceForKey(pool, request, async () => {
      const { results, runId } = await applyDirectly(deps, key, items, { origin: originOf(req, res) });
      return { status: 200, location: null, body: apiDirectAnswers(results, runId, words) };
    });
    sendAnswer(res, answer);
  });

  return routes.router;
}

/** The external id in the address, which must be one as rows have it. @throws 400 */
function idIn(req: Request): string {
  const { externalId } = parseParams(resourcePath, req.params);
  if (externalIdOf({ external_id: externalId }) !== externalId || externalId.length > 500)
    throw badRequest({ field: 'external_id', key: 'api.fault.id' });
  return externalId;
}

/** The row of a body, with the id of the address. @throws 422 */
function rowFor(externalId: string, body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid({ field: 'external_id', key: 'import.fault.noObject', params: { line: 1 } });
  const values = nativeMapper(null)(body as Record<string, unknown>);
  const said = externalIdOf(values);
  if (said !== '' && said !== externalId) throw invalid({ field: 'external_id', key: 'api.fault.otherId' });
  return { ...values, external_id: externalId };
}

/** Rows of a batch: a list, or an object that has it as `resources`. @throws 422 */
function itemsIn(body: unknown): DirectItem[] {
  const list: unknown =
    typeof body === 'object' && body !== null && 'resources' in body ? body.resources : body;
  if (!Array.isArray(list) || list.length === 0) throw invalid({ field: 'resources', key: 'api.fault.list' });
  if (list.length > MOST_ROWS)
    throw invalid({
      field: 'resources',
      key: 'api.fault.tooManyRows',
      params: { count: list.length, max: MOST_ROWS },
    });
  return list.map((item: unknown): DirectItem => {
    const goes = typeof item === 'object' && item !== null && 'withdraw' in item && item.withdraw === true;
    if (!goes) return { values: item };
    const externalId = externalIdOf(nativeMapper(null)(item as Record<string, unknown>));
    return externalId === '' || externalId.length > 500 ? { values: {} } : { withdraw: externalId };
  });
}

/** The only result of a single row. @throws 422 that says why it was rejected */
function accepted([result]: DirectResult[]): DirectResult {
  if (!result) throw notFound();
  if (result.outcome === 'rejected')
    throw invalid(...result.faults.map(({ field, key, params }) => ({ field: field ?? '', key, params })));
  return result;
}

/** `If-Match` and `If-None-Match` (RFC 9110): tags in quotation marks, or `*`. A weak tag never matches. */
function conditionOf(req: Request): Condition | undefined {
  const read = (text: string | undefined): Condition['match'] =>
    text === undefined
      ? undefined
      : text.trim() === '*'
        ? '*'
        : [...text.matchAll(/(W\/)?("[^"]*")/g)].flatMap(([, weak, tag = '']) => (weak ? [] : [tag]));
  const match = read(req.get('if-match'));
  const noneMatch = read(req.get('if-none-match'));
  if (match === undefined && noneMatch === undefined) return undefined;
  return {
    ...(match === undefined ? {} : { match }),
    ...(noneMatch === undefined ? {} : { noneMatch }),
  };
}
