import type { Role } from '../../lib/viewer.ts';
import type { FieldError, Option, Pager } from '../../web/page-parts.ts';

/** `admin/invitations`: GET `q` and `page`; POST `emails`, `organization`, `role` to `actionUrl`. */
export interface InvitationsPage {
  actionUrl: string;
  query: string;
  total: number;
  invitations: {
    email: string;
    name: string;
    roles: Role[];
    organization: string;
    by: string | null;
    /** On its way; sent and open until `endsAt`; or nobody accepted it in time. */
    state: 'waiting' | 'open' | 'over';
    endsAt: Date;
    sendUrl: string;
    withdrawUrl: string;
  }[];
  pager: Pager | null;
  values: { emails: string };
  roles: Option[];
  organizations: Option[];
  errors: FieldError[];
  days: number;
}

/**
 * `accounts/invitation`: what a link invites to. `over`: it doesn't work; `damaged`: nor could it, a part was lost or added
 * when it was copied; `new`: POST `token`, `name`, `password`,
 * `again`; `signIn`: the address has an account; `accept`: POST `token` to `acceptUrl`; `other`: somebody else is signed in.
 */
export interface InvitationPage {
  step: 'over' | 'damaged' | 'new' | 'signIn' | 'accept' | 'other';
  invitation: { email: string; organization: string; roles: Role[]; by: string | null } | null;
  token: string;
  values: { name: string };
  actionUrl: string;
  acceptUrl: string;
  signInUrl: string;
  minLength: number;
  errors: FieldError[];
}
