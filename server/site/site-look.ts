import { createHash } from 'node:crypto';
import { darkOf } from './site-service.ts';
import type { SiteRow } from './site-queries.ts';
import type { SiteLook } from './site-view.ts';

/** The address of the stylesheet of two colours; what it says is in its address, so it never changes. */
const accentUrl = (light: string, dark: string): string => `/css/site-${light}-${dark}.css`;

/** The address of a logo. */
export const logoUrl = ({ sha256, mime }: { sha256: string; mime: string }): string =>
  `/site/${sha256}.${mime === 'image/png' ? 'png' : 'jpg'}`;

/** Names the text of a banner, so that another text is shown again to whoever closed this one. */
const bannerId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/**
 * What pages show of a site's look.
 * @param today `YYYY-MM-DD`
 * @param closed the banner that the reader closed
 */
export function siteLook(
  site: Pick<
    SiteRow,
    'accent' | 'accentDark' | 'logo' | 'banner' | 'bannerFrom' | 'bannerUntil' | 'bannerCloses' | 'terms'
  >,
  { today, closed }: { today: string; closed: string },
): SiteLook {
  const dark = darkOf(site);
  const due =
    site.banner !== '' &&
    (site.bannerFrom === null || site.bannerFrom <= today) &&
    (site.bannerUntil === null || today <= site.bannerUntil);
  const id = bannerId(site.banner);
  return {
    cssUrl: site.accent !== null && dark !== null ? accentUrl(site.accent, dark) : null,
    logo: site.logo && { url: logoUrl(site.logo), width: site.logo.width, height: site.logo.height },
    banner:
      due && !(site.bannerCloses && closed === id)
        ? { text: site.banner, id, closes: site.bannerCloses }
        : null,
    terms: site.terms !== '',
  };
}
