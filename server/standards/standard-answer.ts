import type { z } from 'zod';
import type { StandardHit } from './picker-queries.ts';
import { kindOf } from './standard-kind.ts';
import { standardTab } from './standard-row.ts';
import type { StandardRow } from './standard-row.ts';
import type { standardAnswer } from './standard-schema.ts';

/** A standard as the API gives it; its address is whole. */
export function standardAnswerOf(
  standard: StandardRow | StandardHit,
  baseUrl: string,
): z.output<typeof standardAnswer> {
  const tab = standardTab(standard);
  return {
    guid: standard.guid,
    code: tab.code,
    statement: standard.statement,
    short_statement: standard.shortStatement,
    kind: kindOf(standard),
    grades: standard.grades,
    framework: { guid: standard.framework.guid, title: standard.framework.title },
    path: 'path' in standard ? standard.path : [],
    children: standard.childCount,
    retired: standard.retired,
    url: baseUrl + tab.url,
  };
}
