import type { Role } from '../lib/viewer.ts';
import type { FieldError, Option } from '../web/page-parts.ts';
import type { ProfilePart } from './profile/profile-view.ts';
import type { SessionItem } from './sessions/session-view.ts';

/** A role at an organization. */
export interface Membership {
  role: Role;
  organization: string;
  kind: 'state' | 'district' | 'school';
}

/** `accounts/sign-in`: POST `email`, `password`, `next`. */
export interface SignInPage {
  actionUrl: string;
  /** Where to go afterwards; a path on this site. */
  next: string;
  values: { email: string };
  errors: FieldError[];
  /** Why the reader was sent here: something they wanted needs an account, or their session ended. */
  why: 'needed' | 'ended' | null;
  /** Some district lets people make their account themselves. */
  register: boolean;
  /** The demo's sign-ins; null outside the demo. */
  demo: { password: string; people: { email: string; role: Role; organization: string }[] } | null;
}

/** `accounts/forgot`: POST `email`. `sentTo`: the answer, the same whether it has an account or not. */
export interface ForgotPage {
  actionUrl: string;
  values: { email: string };
  errors: FieldError[];
  sentTo: string | null;
  /** How long the link works. */
  minutes: number;
}

/** `accounts/set-password`: POST `token`, `password`, `again`. `link` null: it doesn't work, `damaged`: since a part of it was lost. */
export interface SetPasswordPage {
  actionUrl: string;
  link: { token: string; email: string } | null;
  damaged: boolean;
  minLength: number;
  errors: FieldError[];
}

/** `accounts/mails-off`: ends mails, from a link in one of them. */
export interface MailsOffPage {
  mails: 'searches' | 'notices';
  /** POST ends them; null when they have been ended. */
  actionUrl: string | null;
}

/** `accounts/account`: POST `noticeMail` to `/account/mails`; `current`, `password`, `again` to `passwordUrl`; `tokenName`, `scope`, `days` to `tokens.makeUrl`. */
export interface AccountPage {
  name: string;
  email: string;
  memberships: Membership[];
  passwordUrl: string;
  minLength: number;
  /** How often notices come by mail. */
  mails: Option[];
  errors: FieldError[];
  tokens: TokenList;
  /** Where the reader is signed in, here first. POST to `/account/sessions/end` ends all others. */
  sessions: SessionItem[];
  profile: ProfilePart;
}

/** Tokens of the reader's programs. */
export interface TokenList {
  makeUrl: string;
  items: {
    name: string;
    scopes: ('read' | 'import')[];
    madeOn: Date;
    expiresOn: Date;
    expired: boolean;
    lastUsedOn: Date | null;
    revokeUrl: string;
  }[];
  /** Shown once, on the answer to the form. */
  made: { name: string; secret: string } | null;
  values: { name: string };
  scopes: Option[];
  days: Option[];
}

/** `admin/index`. */
export interface AdminPage {
  counts: {
    frameworks: number;
    standards: number;
    districts: number;
    schools: number;
    people: number;
    resources: number;
  };
  /** How the machinery does, in order; `ok: false` is a problem to look into. */
  health: {
    name: 'database' | 'search' | 'jobs' | 'scanner' | 'mail' | 'files';
    ok: boolean;
    note: string;
  }[];
  /** What a new portal still needs, in order, the done ones too; empty when nothing is missing. `url` null: a setting of the server. */
  steps: { name: SetupStep; done: boolean; url: string | null }[];
}

/** What makes a portal ready for its people. */
export type SetupStep = 'lists' | 'district' | 'standards' | 'mail' | 'people';
