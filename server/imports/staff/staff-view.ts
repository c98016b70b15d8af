import { ROLES } from '../../accounts/people-policy.ts';
import type { Translate } from '../../locale/locale.ts';
import type { FieldError, Option, Pager } from '../../web/page-parts.ts';
import { readColumns, STAFF_FIELDS } from './staff-columns.ts';
import type { StaffEntry } from './staff-entry.ts';
import type { StaffFile } from './staff-queries.ts';
import type { StaffCounts } from './staff-service.ts';

export const OUTCOMES = ['refused', 'created', 'changed', 'same'] as const;
export type StaffOutcome = (typeof OUTCOMES)[number];

/** `admin/staff`: POST `organization`, `files` or `pasted`. */
export interface StaffPage {
  actionUrl: string;
  /** Whose list it may be; empty where there is only one. */
  organizations: Option[];
  values: { pasted: string };
  errors: FieldError[];
  maxBytes: number;
  files: {
    url: string;
    fileName: string;
    organization: string;
    by: string | null;
    at: Date;
    state: 'tried' | 'done';
    counts: StaffCounts;
  }[];
}

/** `admin/staff-file`: POST `digest` and `close` to `applyUrl`. */
export interface StaffFilePage {
  fileName: string;
  organization: string;
  by: string | null;
  state: 'tried' | 'done';
  at: Date;
  counts: StaffCounts;
  /** People changed since somebody looked: this is how it stands now. */
  changed: boolean;
  /** Columns that nothing was read from. */
  unread: string[];
  show: StaffOutcome;
  filters: { outcome: StaffOutcome; url: string; count: number }[];
  entries: {
    line: number;
    email: string;
    name: string;
    place: string | null;
    roles: string;
    changes: { what: string; before: string; after: string }[];
    /** What is wrong, and the column it stands in. */
    fault: { column: string | null; message: string } | null;
  }[];
  pager: Pager | null;
  /** Accounts that the list misses, the first of them; once applied, those that were closed. */
  gone: { id: string; name: string; email: string; place: string; roles: string }[];
  /** Rows whose people can't be told from those that it misses. */
  nameless: number;
  /** Mails of invitations: how many of `total` have gone out; null where all have. */
  mails: { sent: number; total: number } | null;
  digest: string;
  /** The organization whose list it is has closed: it can only be forgotten. */
  closed: boolean;
  applyUrl: string | null;
  dropUrl: string | null;
  rejectedUrl: string | null;
}

const ON_PAGE = 100;
/** So many accounts that are missing are listed to choose from; more can be closed together. */
const GONE_SHOWN = 500;

/** A list as its page shows it. */
export function staffFilePage(
  file: StaffFile,
  asked: { show: StaffOutcome | undefined; page: number; changed: boolean },
  {
    t,
    base,
    pagerOf,
  }: { t: Translate; base: string; pagerOf: (pages: number, show: string) => Pager | null },
): StaffFilePage {
  const { counts, plan, places } = file;
  const show = asked.show ?? OUTCOMES.find((outcome) => counts[outcome] > 0) ?? 'created';
  const of = plan.entries.filter(({ outcome }) => outcome === show);
  const roleNames = (roles: readonly string[]) => roles.map((role) => roleName(t, role)).join(', ');
  const tried = file.state === 'tried';
  return {
    fileName: file.fileName,
    organization: file.organization,
    by: file.by,
    state: file.state,
    at: file.appliedAt ?? file.createdAt,
    counts,
    changed: asked.changed,
    unread: readColumns(file.columns).unread,
    show,
    filters: OUTCOMES.map((outcome) => ({
      outcome,
      url: `${base}?show=${outcome}#rows`,
      count: counts[outcome],
    })),
    entries: of.slice((asked.page - 1) * ON_PAGE, asked.page * ON_PAGE).map((entry) => ({
      line: entry.line,
      email: entry.email,
      name: entry.name,
      place: places[entry.organizationId ?? ''] ?? null,
      roles: roleNames(entry.roles),
      changes: entry.changes.map((change) => changeWords(change, entry, { t, places })),
      fault: entry.fault && {
        column: entry.fault.field && columnName(t, entry.fault.field),
        message: t(entry.fault.key, entry.fault.params),
      },
    })),
    pager: pagerOf(Math.ceil(of.length / ON_PAGE), show),
    gone: (tried && file.closed ? [] : plan.gone)
      .slice(0, GONE_SHOWN)
      .map(({ personId, name, email, organizationId, roles }) => ({
        id: personId,
        name,
        email,
        place: places[organizationId] ?? '',
        roles: roleNames(roles),
      })),
    nameless: plan.entries.filter(({ email }) => email === '').length,
    mails: file.unsent > 0 ? { sent: counts.created - file.unsent, total: counts.created } : null,
    digest: file.digest,
    closed: tried && file.closed,
    applyUrl:
      tried && !file.closed && counts.created + counts.changed + counts.gone > 0 ? `${base}/apply` : null,
    dropUrl: tried ? `${base}/drop` : null,
    rejectedUrl: counts.refused > 0 ? `${base}/rejected.csv` : null,
  };
}

function roleName(t: Translate, role: string): string {
  const known = ROLES.find((one) => one === role);
  return known ? t(`role.${known}`) : role;
}

/** A field in words; a column of students has its heading. */
function columnName(t: Translate, column: string): string {
  const field = STAFF_FIELDS.find((one) => one === column);
  return field ? t(`staff.field.${field}`) : column;
}

function changeWords(
  { field, before, after }: StaffEntry['changes'][number],
  { invitationId }: StaffEntry,
  { t, places }: { t: Translate; places: Record<string, string> },
): StaffFilePage['entries'][number]['changes'][number] {
  const words = (value: string): string => {
    if (value === '') return t('staff.none');
    if (field === 'organization') return places[value] ?? value;
    if (field === 'role')
      return value
        .split(',')
        .map((role) => roleName(t, role))
        .join(', ');
    if (field !== 'active') return value;
    if (invitationId) return t(value === 'yes' ? 'staff.invited' : 'staff.withdrawn');
    return t(value === 'yes' ? 'staff.open' : 'staff.closed');
  };
  return { what: columnName(t, field), before: words(before), after: words(after) };
}
