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

/** What a site's look is worked out from. */
type Looks = Pick<
  SiteRow,
  'accent' | 'accentDark' | 'logo' | 'banner' | 'bannerFrom' | 'bannerUntil' | 'bannerCloses' | 'terms'
>;

/** A look for one reader. `today`: `YYYY-MM-DD`; `closed`: the banner that they closed. */
export type LookFor = (reader: { today: string; closed: string }) => SiteLook;

/**
 * What pages show of a site's look: what is the same for all readers is worked out here (the nearest readable colour takes
 * half a millisecond), and for each of them only whether they see the banner.
 */
export function siteLook(site: Looks): LookFor {
  const dark = darkOf(site);
  const id = bannerId(site.banner);
  const look = {
    cssUrl: site.accent !== null && dark !== null ? accentUrl(site.accent, dark) : null,
    logo: site.logo && { url: logoUrl(site.logo), width: site.logo.width, height: site.logo.height },
    terms: site.terms !== '',
  };
  const banner = { text: site.banner, id, closes: site.bannerCloses };
  return ({ today, closed }) => {
    const due =
      site.banner !== '' &&
      (site.bannerFrom === null || site.bannerFrom <= today) &&
      (site.bannerUntil === null || today <= site.bannerUntil);
    return { ...look, banner: due && !(site.bannerCloses && closed === id) ? banner : null };
  };
}
