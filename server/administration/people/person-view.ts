import type { Membership } from '../../accounts/account-view.ts';
import type { Role } from '../../lib/viewer.ts';
import type { FieldError, Link, Option, Pager } from '../../web/page-parts.ts';
import type { TransferLine } from '../organization-view.ts';
import type { PersonFacts } from './person-queries.ts';

/** `admin/people`: GET `q`, `organization`, `role`, `state` and `page`. */
export interface AdminPeoplePage {
  query: string;
  organizations: Option[];
  roles: Option[];
  states: Option[];
  /** Whether anything narrows the list. */
  narrowed: boolean;
  total: number;
  people: {
    name: string;
    url: string;
    email: string;
    organization: string;
    memberships: Membership[];
    lastSeen: Date | null;
    active: boolean;
  }[];
  pager: Pager | null;
  /** How many wait to be accepted. */
  invitations: number;
  /** The people found, as a file. */
  csvUrl: string;
}

/** `admin/person`: one of them, with what can be changed. */
export interface AdminPersonPage {
  name: string;
  email: string;
  active: boolean;
  crumbs: Link[];
  organization: Link;
  createdAt: Date;
  lastSeen: Date | null;
  counts: PersonFacts['counts'];
  stamp: string;
  /** Why the account can't be changed here, in words; null where it can. */
  untouchable: string | null;
  /** POST `name`, `email`, `organization`; null where it can't be changed. */
  details: { actionUrl: string; values: { name: string; email: string }; organizations: Option[] } | null;
  /** POST `role`, `organization`. */
  roles: {
    items: {
      role: Role;
      organization: string;
      url: string | null;
      closed: boolean;
      take: { organizationId: string } | null;
    }[];
    takeUrl: string;
    give: { actionUrl: string; roles: Option[]; organizations: Option[] } | null;
  };
  closeUrl: string | null;
  openUrl: string | null;
  passwordUrl: string | null;
  handOverUrl: string | null;
  logUrl: string;
  transfers: TransferLine[];
  errors: FieldError[];
}

/** `admin/hand-over`: POST `to`, `which`, `item`. */
export interface AdminHandOverPage {
  name: string;
  crumbs: Link[];
  actionUrl: string;
  stamp: string;
  values: { to: string; which: 'all' | 'ticked' };
  colleagues: { name: string; email: string }[];
  total: number;
  items: {
    id: string;
    title: string;
    language: string;
    kind: 'resource' | 'collection';
    state: string;
    organization: string;
    ticked: boolean;
  }[];
  cancelUrl: string;
  errors: FieldError[];
}
