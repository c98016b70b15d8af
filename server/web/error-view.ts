import type { SafeHtml } from '../lib/safe-html.ts';
/** `errors/error`: any answer of 400 and above that has no page of its own. */
export interface ErrorPage {
  status: number;
  requestId: string;
  /** What happened, where the error knows more than the status; already in words. */
  message: string | null;
  /** 429 and 503. */
  retryAfterSeconds: number | null;
  /** 401 and 403: signs in and comes back. */
  signInUrl: string | null;
  /** Where "go back" leads: the page the form was on, or null. */
  backUrl: string | null;
  /** An answer to a form that wasn't taken: what was typed stays in the browser until the form is open again. */
  keepsTyped: boolean;
  /** Texts of that form, for browsers without scripts. */
  typed: string[];
}

/** `about/*`: pages of words. */
export interface AboutPage {
  /** Mail address of the people who run the portal; null where none is set. */
  contact: string | null;
  state: string;
  maxBytes: number;
  /** What the state wrote for this page. */
  own: SafeHtml | null;
}

/** `api/docs`: the OpenAPI document, readable. */
export interface ApiDocsPage {
  title: string;
  version: string;
  description: string | null;
  baseUrl: string;
  openapiUrl: string;
  operations: ApiOperation[];
}

export interface ApiOperation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | null;
  parameters: { name: string; in: string; required: boolean; type: string; description: string | null }[];
  responses: { status: string; description: string }[];
  /** A request that works as it stands; null where one can't be given. */
  example: string | null;
}
