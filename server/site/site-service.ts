import { createHash } from 'node:crypto';
import { z } from 'zod';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid, type FieldFault } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { line, text, ticked } from '../web/parse.ts';
import { isReadable, nearestReadable, type Scheme } from './colour.ts';
import { readLogo } from './logo-image.ts';
import { readSite } from './site-queries.ts';

const colour = line(7)
  .transform((value) => value.replace(/^#/, '').toLowerCase())
  .transform((value) => (/^[0-9a-f]{3}$/.test(value) ? value.replaceAll(/./g, '$&$&') : value))
  .pipe(z.union([z.literal(''), z.string().regex(/^[0-9a-f]{6}$/)], 'site.fault.colour'))
  .transform((value) => (value === '' ? null : value));
const day = line(10)
  .pipe(z.union([z.literal(''), z.iso.date()], 'site.fault.day'))
  .transform((value) => (value === '' ? null : value));

/** The form of the look. */
export const siteForm = z.object({
  name: line(80).default(''),
  contact: line(254)
    .pipe(z.union([z.literal(''), z.email('admin.people.badEmail')]))
    .default(''),
  accent: colour.default(null),
  accentDark: colour.default(null),
  banner: line(300).default(''),
  bannerFrom: day.default(null),
  bannerUntil: day.default(null),
  bannerCloses: ticked,
  privacy: text(20_000).default(''),
  terms: text(20_000).default(''),
  accessibility: text(20_000).default(''),
});
export type SiteInput = z.output<typeof siteForm>;

/** The colour of the dark scheme: as chosen, else the nearest of the same hue that can be read there. */
export const darkOf = ({ accent, accentDark }: Pick<SiteInput, 'accent' | 'accentDark'>): string | null =>
  accent === null ? null : (accentDark ?? nearestReadable(accent, 'dark'));

/** What can't be taken, each with the nearest that could. @throws 422 */
export function checkSite(input: SiteInput): void {
  const faults: FieldFault[] = [];
  const look = (field: 'accent' | 'accentDark', value: string | null, scheme: Scheme): void => {
    if (value === null || isReadable(value, scheme)) return;
    faults.push({
      field,
      key: scheme === 'light' ? 'site.fault.light' : 'site.fault.dark',
      params: { nearest: `#${nearestReadable(value, scheme)}` },
    });
  };
  look('accent', input.accent, 'light');
  if (input.accent !== null) look('accentDark', input.accentDark, 'dark');
  else if (input.accentDark !== null) faults.push({ field: 'accent', key: 'site.fault.both' });
  if (input.bannerFrom !== null && input.bannerUntil !== null && input.bannerUntil < input.bannerFrom)
    faults.push({ field: 'bannerUntil', key: 'site.fault.until' });
  if (faults.length > 0) throw invalid(...faults);
}

type SiteDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Writes the look of the site.
 * @param revision that was looked at
 * @throws 403; 409 when somebody has changed it since; 422 as checkSite
 */
export async function saveSite(
  { pool, clock }: SiteDeps,
  viewer: Viewer,
  { revision, input }: { revision: number; input: SiteInput },
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  checkSite(input);
  await withTransaction(pool, async (client) => {
    await client.query('SELECT 1 FROM site FOR UPDATE');
    const before = await readSite(client);
    if (before.revision !== revision) throw conflict('form.changed');
    await client.query(
      `UPDATE site SET name = $1, contact = $2, accent = $3, accent_dark = $4, banner = $5, banner_from = $6, banner_until = $7,
         banner_closes = $8, privacy = $9, terms = $10, accessibility = $11, revision = revision + 1, updated_at = $12`,
      [
        input.name,
        input.contact,
        input.accent,
        input.accent === null ? null : input.accentDark,
        input.banner,
        input.bannerFrom,
        input.bannerUntil,
        input.bannerCloses,
        input.privacy,
        input.terms,
        input.accessibility,
        clock.now(),
      ],
    );
    const changed = Object.entries(input).filter(
      ([name, value]) => before[name as keyof SiteInput] !== value,
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'site.changed',
      objectType: 'site',
      version: before.revision + 1,
      detail: Object.fromEntries(
        changed.map(([name, value]) => [name, { before: before[name as keyof SiteInput], after: value }]),
      ),
      ...origin,
    });
  });
}

/**
 * Puts a logo in the place of the one before, or takes it away (null).
 * @throws 403; 422 for anything but a PNG or JPEG of a fitting size
 */
export async function saveLogo(
  { pool, clock }: SiteDeps,
  viewer: Viewer,
  bytes: Buffer | null,
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  const image = bytes && readLogo(bytes);
  if (bytes && !image) throw invalid({ field: 'file', key: 'site.fault.logo' });
  const sha256 = bytes && createHash('sha256').update(bytes).digest('hex');
  await withTransaction(pool, async (client) => {
    if (bytes && image)
      await client.query(
        'INSERT INTO site_logo (sha256, mime, bytes, width, height) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
        [sha256, image.mime, bytes, image.width, image.height],
      );
    await client.query('UPDATE site SET logo = $1, updated_at = $2', [sha256, clock.now()]);
    await audit(client, {
      actorId: viewer.id,
      action: sha256 === null ? 'site.logo_removed' : 'site.logo_changed',
      objectType: 'site',
      detail: { sha256 },
      ...origin,
    });
  });
}
