import type { FieldError, Link, Option, Pager } from '../web/page-parts.ts';
import type { OrganizationCounts } from './organization-queries.ts';

type Amounts = { people: number; resources: number; collections: number };

/** `admin/organizations`: GET `q` and `page`; POST `kind`, `name`, `district` (for a school). */
export interface AdminOrganizationsPage {
  actionUrl: string;
  query: string;
  /** Of the districts found. */
  total: number;
  /** The state's own page; null for administrators of districts. */
  state: { name: string; url: string } | null;
  districts: (Amounts & {
    name: string;
    url: string;
    closed: boolean;
    schools: (Amounts & { name: string; url: string; closed: boolean })[];
  })[];
  pager: Pager | null;
  values: { kind: 'district' | 'school'; name: string };
  /** Only a district's schools can be made by its administrators. */
  kinds: ('district' | 'school')[];
  districtOptions: Option[];
  errors: FieldError[];
}

/** `admin/organization`: one of them, with what can be done to it. */
export interface AdminOrganizationPage {
  kind: 'state' | 'district' | 'school';
  name: string;
  crumbs: Link[];
  /** Where everybody sees it; null for the state. */
  publicUrl: string | null;
  address: string;
  closed: boolean;
  mergedInto: Link | null;
  counts: OrganizationCounts;
  peopleUrl: string;
  /** What the log has about it. */
  logUrl: string;
  publishing: { mode: 'at_once' | 'check_first'; inheritedFrom: string | null };
  changes: { name: string; url: string }[];
  /** A transfer that is under way. */
  runningUrl: string | null;
  staff: { name: string; url: string; role: 'importer' | 'curator' | 'lead' | 'admin' }[];
  schools: (Amounts & { name: string; url: string; closed: boolean })[];
  former: { name: string; address: string | null; until: Date }[];
  transfers: TransferLine[];
}

export interface TransferLine {
  words: string;
  url: string;
  state: 'planned' | 'running' | 'done' | 'dropped';
  by: string | null;
  at: Date;
}

/** One field of a change's form. */
export type ChangeField =
  | { kind: 'text'; id: string; label: string; hint?: string; value: string; maxlength: number }
  | { kind: 'select'; id: string; label: string; hint?: string; choose: string; options: Option[] }
  | { kind: 'radio'; id: string; legend: string; options: Option[] };

/** `admin/change`: a change before it is made: what it touches, what it means, the button that makes it. */
export interface OrganizationChangePage {
  title: string;
  crumbs: Link[];
  /** How much it touches. */
  touches: { label: string; count: number }[];
  says: string[];
  /** Why it can't be done now, with what to do instead. */
  refused: { reasons: string[]; links: Link[] } | null;
  /** Null where it is refused. */
  form: { actionUrl: string; stamp: string; fields: ChangeField[]; submit: string } | null;
  cancelUrl: string;
  errors: FieldError[];
}

/** `admin/changed`: 409. Somebody changed it meanwhile. */
export interface AdminChangedPage {
  name: string;
  now: { label: string; value: string }[];
  /** What was sent and wasn't done. */
  wanted: { label: string; value: string }[];
  url: string;
}
