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
    /**
     * On its way; mailed, or written to the folder of the server, and open until `endsAt`; nobody accepted it in time; or
     * the place closed, and it can only be withdrawn.
     */
    state: 'waiting' | 'open' | 'written' | 'over' | 'closed';
    endsAt: Date;
    sendUrl: string | null;
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
 * when it was copied; `closed`: the place closed; `new`: POST `token`, `name`, `password`,
 * `again`; `signIn`: the address has an account; `accept`: POST `token` to `acceptUrl`; `other`: somebody else is signed in.
 */
export interface InvitationPage {
  step: 'over' | 'damaged' | 'closed' | 'new' | 'signIn' | 'accept' | 'other';
  /** `mergedFrom`: what the mail called the place, which was merged into `organization` since. */
  invitation: {
    email: string;
    organization: string;
    mergedFrom: string | null;
    roles: Role[];
    by: string | null;
  } | null;
  token: string;
  values: { name: string };
  actionUrl: string;
  acceptUrl: string;
  signInUrl: string;
  minLength: number;
  errors: FieldError[];
}
