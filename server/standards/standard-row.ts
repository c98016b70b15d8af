import type { StandardTab } from './standard-view.ts';

/** A standard as queries give it to others: plain data, no counts. */
export interface StandardRow {
  guid: string;
  code: string | null;
  statement: string;
  shortStatement: string | null;
  label: string | null;
  itemType: string | null;
  grades: string[];
  language: string | null;
  depth: number;
  position: number;
  childCount: number;
  retired: boolean;
  framework: { guid: string; slug: string; title: string; own: boolean; subject: string | null };
}

/** The JSON of a StandardRow from a row of `standard` and one of `framework`, under the given aliases. */
export const standardRowSql = (s: string, f: string): string =>
  `json_build_object('guid', ${s}.guid, 'code', ${s}.code, 'statement', ${s}.statement, 'shortStatement', ${s}.short_statement,
     'label', ${s}.label, 'itemType', ${s}.item_type, 'grades', ${s}.grades, 'language', coalesce(${s}.language, ${f}.language),
     'depth', ${s}.depth, 'position', ${s}.position, 'childCount', ${s}.child_count, 'retired', ${s}.retired_at IS NOT NULL,
     'framework', json_build_object('guid', ${f}.guid, 'slug', ${f}.slug, 'title', ${f}.title, 'own', ${f}.is_state_own, 'subject', ${f}.subject_slug))`;

/** The order in which standards stand wherever several are named: the state's own frameworks first, then as in the framework. */
export const standardOrderSql = (s: string, f: string): string =>
  `${f}.is_state_own DESC, ${f}.position, ${f}.title, ${s}.position, ${s}.guid`;

/** How many letters of a statement stand for a code where the framework gives none. */
const TAB_LENGTH = 40;

/** The tabbed label that stands wherever a standard is named. Without a code it carries the first words. */
export function standardTab(
  row: Pick<StandardRow, 'guid' | 'code' | 'label' | 'statement' | 'shortStatement' | 'retired'>,
): StandardTab {
  const words = (row.shortStatement ?? row.statement).split('\n')[0] ?? '';
  const start = words.length > TAB_LENGTH ? `${words.slice(0, TAB_LENGTH).replace(/\s+\S*$/, '')}…` : words;
  return {
    guid: row.guid,
    code: row.code?.replace(/[.\s]+$/, '') || row.label || start,
    url: `/standards/${row.guid}`,
    statement: row.shortStatement ?? row.statement,
    retired: row.retired,
  };
}
