import type { FieldError, Option } from '../../web/page-parts.ts';

/** `accounts/register`: POST `email`. `sentTo`: the answer, the same whatever the address is. */
export interface RegisterPage {
  actionUrl: string;
  values: { email: string };
  errors: FieldError[];
  sentTo: string | null;
  minutes: number;
  /** Who takes people, by which domains. */
  districts: { district: string; domains: string[] }[];
}

/** `accounts/register-confirm`: POST `token`, `name`, `school`, `password`, `again`. `link` null: it doesn't work. */
export interface RegisterConfirmPage {
  actionUrl: string;
  link: { token: string; email: string; district: string } | null;
  /** Without `link`: a part of it was lost or added when it was copied. */
  damaged: boolean;
  values: { name: string };
  schools: Option[];
  minLength: number;
  errors: FieldError[];
}

/** `admin/registration`: a form for each district; POST `open`, `domains` to its address. */
export interface RegistrationPage {
  districts: {
    id: string;
    name: string;
    actionUrl: string;
    open: boolean;
    domains: string[];
    people: number;
    updatedAt: Date | null;
    by: string | null;
  }[];
  /** The one whose form is shown: what stands in it, or was typed. */
  edited: { id: string; open: boolean; domains: string } | null;
  errors: FieldError[];
}
