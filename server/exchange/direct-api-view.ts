import type { z } from 'zod';
import { etagOf, type DirectState } from '../imports/direct-state.ts';
import type { DirectResult } from '../imports/direct-rows.ts';
import { faultWords, gapWords } from '../imports/run-report.ts';
import { resourcePath as pagePath } from '../lib/slug.ts';
import type { Translate } from '../locale/locale.ts';
import type { directAnswer, directAnswers, directResource } from './direct-api-schema.ts';

export type DirectWords = { t: Translate; baseUrl: string; district: string; source: string };

/** A resource as whoever brought it in sees it. */
export const apiDirectResource = (
  one: DirectState,
  { t, baseUrl, district, source }: DirectWords,
): z.output<typeof directResource> => ({
  external_id: one.externalId,
  source,
  district,
  id: one.id,
  state: one.state,
  version: one.version,
  // What was purged is nobody's to read any more.
  title: one.state === 'purged' ? null : one.title,
  visibility: one.visibility as 'public',
  url: `${baseUrl}${pagePath(one.id, one.state === 'published' ? (one.title ?? '') : '')}`,
  resource: `${baseUrl}/api/v1/resources/${one.id}`,
  etag: etagOf(one),
  gaps: one.gaps.map((gap) => ({
    field: gap.field,
    reason: gap.reason,
    value: gap.value,
    message: gapWords(gap, t),
  })),
  updated_at: one.updatedAt.toISOString(),
});

const importUrl = (runId: string | null, { baseUrl }: DirectWords): string | null =>
  runId === null ? null : `${baseUrl}/api/v1/imports/${runId}`;

const resultOf = (result: DirectResult, words: DirectWords) => ({
  outcome: result.outcome,
  changes: result.changes.map(({ field, kept }) => ({ field, kept: kept === true })),
  resource: result.state && apiDirectResource(result.state, words),
});

/** What became of one row. */
export const apiDirectAnswer = (
  result: DirectResult,
  runId: string | null,
  words: DirectWords,
): z.output<typeof directAnswer> => ({ ...resultOf(result, words), import: importUrl(runId, words) });

/** What became of several. */
export const apiDirectAnswers = (
  results: readonly DirectResult[],
  runId: string | null,
  words: DirectWords,
): z.output<typeof directAnswers> => ({
  results: results.map((result) => ({
    external_id: result.externalId,
    ...resultOf(result, words),
    errors: result.faults.map((fault) => ({
      field: fault.field ?? '',
      message: faultWords({ ...fault, field: null }, words.t),
    })),
  })),
  import: importUrl(runId, words),
});
