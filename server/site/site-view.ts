import type { FieldError } from '../web/page-parts.ts';
import type { SafeHtml } from '../lib/safe-html.ts';

/** What every page shows of the site's look. */
export interface SiteLook {
  /** The stylesheet of the state's own accent; null for ours. */
  cssUrl: string | null;
  logo: { url: string; width: number; height: number } | null;
  banner: { text: string; id: string; closes: boolean } | null;
  /** Whether the state wrote terms of use. */
  terms: boolean;
}

/** `about/terms`: terms of use, as the state wrote them. */
export interface TermsPage {
  text: SafeHtml | null;
}

/** `admin/site`: the look of the site as one form, with its logo. */
export interface AdminSitePage {
  /** As it would look, not yet saved. */
  trying: boolean;
  /** Shows how it was before the last change; null where there is nothing before. */
  beforeUrl: string | null;
  revision: number;
  defaultName: string;
  values: {
    name: string;
    contact: string;
    accent: string;
    accentDark: string;
    banner: string;
    bannerFrom: string;
    bannerUntil: string;
    privacy: string;
    terms: string;
    accessibility: string;
  };
  bannerCloses: boolean;
  /** The colours as they would be, with their least contrast; null where the portal's own count. */
  colours: { scheme: 'light' | 'dark'; colour: string; contrast: number }[];
  logo: { url: string; width: number; height: number } | null;
  logoBytes: number;
  actionUrl: string;
  logoUrl: string;
  errors: FieldError[];
}
