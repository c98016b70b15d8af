import { cellOf } from '../lib/csv-text.ts';
import type { AuditRow } from './audit-queries.ts';
import type { AuditFilters } from './audit-schema.ts';

type Option = { value: string; label: string; chosen: boolean };

/** `admin/audit`: who did what, newest first. */
export interface AuditPage {
  values: { who: string; object: string; from: string; to: string };
  actions: Option[];
  outcomes: Option[];
  /** Whether anything narrows the list. */
  narrowed: boolean;
  events: AuditItem[];
  /** Where older ones are; null: these are the oldest. */
  olderUrl: string | null;
  /** Null on the newest page. */
  newestUrl: string | null;
  csvUrl: string;
}

export interface AuditItem {
  at: Date;
  actor: { name: string; email: string | null; url: string } | null;
  action: string;
  outcome: AuditRow['outcome'];
  /** `name`: null where it has none (any more); its id stands there then. */
  object: { type: string; name: string | null; id: string; url: string } | null;
  version: number | null;
  organization: string | null;
  ip: string | null;
  requestId: string | null;
  detail: { name: string; value: string }[];
}

/** An action's name as words: `resource.published` → `Resource published`. The log speaks one language. */
export function actionWords(action: string): string {
  const words = action.replaceAll(/[._]/g, ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** The address of a part of the log. */
export function auditUrl(path: string, filters: Partial<AuditFilters>): string {
  const parameters = new URLSearchParams(
    Object.entries(filters).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  ).toString();
  return parameters === '' ? path : `${path}?${parameters}`;
}

const LONGEST = 300;

/** A row of the log as its page shows it. */
export function auditItem(row: AuditRow): AuditItem {
  return {
    at: row.at,
    actor: row.actorId
      ? {
          name: row.actor ?? row.actorId,
          email: row.email,
          url: auditUrl('/admin/audit', { who: row.email ?? row.actorId }),
        }
      : null,
    action: actionWords(row.action),
    outcome: row.outcome,
    object: row.objectId
      ? {
          type: actionWords(row.objectType),
          name: row.object,
          id: row.objectId,
          url: auditUrl('/admin/audit', { object: row.objectId }),
        }
      : null,
    version: row.version,
    organization: row.organization,
    ip: row.ip,
    requestId: row.requestId,
    detail: Object.entries(row.detail).map(([name, value]) => {
      const text = cellOf(value);
      return { name, value: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text };
    }),
  };
}

/** The headings of the log as CSV, and a row of it. */
export const auditHeadings = [
  'id',
  'at',
  'person_id',
  'person',
  'email',
  'action',
  'outcome',
  'object_type',
  'object_id',
  'object',
  'version',
  'organization',
  'ip',
  'request_id',
  'detail',
] as const;

/** @returns the cells of one event, in the order of `auditHeadings`; times in UTC as ISO 8601 */
export const auditCells = (row: AuditRow): string[] =>
  [
    row.id,
    row.at.toISOString(),
    row.actorId,
    row.actor,
    row.email,
    row.action,
    row.outcome,
    row.objectType,
    row.objectId,
    row.object,
    row.version === null ? null : String(row.version),
    row.organization,
    row.ip,
    row.requestId,
    JSON.stringify(row.detail),
  ].map((cell) => cell ?? '');
