import type { Pool, PoolClient } from 'pg';

type Client = Pick<Pool | PoolClient, 'query'>;

/** What the state's administrators set, as it is kept; empty where the settings count. */
export interface SiteRow {
  name: string;
  contact: string;
  accent: string | null;
  accentDark: string | null;
  logo: { sha256: string; mime: string; width: number; height: number } | null;
  banner: string;
  /** `YYYY-MM-DD`. */
  bannerFrom: string | null;
  bannerUntil: string | null;
  bannerCloses: boolean;
  privacy: string;
  terms: string;
  accessibility: string;
  revision: number;
}

/** What the last change of the look put away, as the log keeps it; undefined where nothing was changed yet. */
export async function siteBefore(client: Client): Promise<Partial<SiteRow> | undefined> {
  const { rows } = await client.query<{ before: Partial<SiteRow> | null }>(
    `SELECT (SELECT json_object_agg(d.key, d.value->'before') FROM jsonb_each(e.detail) d) AS before
     FROM audit_event e WHERE e.action = 'site.changed' ORDER BY e.id DESC LIMIT 1`,
  );
  return rows[0]?.before ?? undefined;
}

/** Reads the row. */
export async function readSite(client: Client): Promise<SiteRow> {
  const { rows } = await client.query<SiteRow>(
    `SELECT s.name, s.contact, s.accent, s.accent_dark AS "accentDark", s.banner, s.banner_from::text AS "bannerFrom",
       s.banner_until::text AS "bannerUntil", s.banner_closes AS "bannerCloses", s.privacy, s.terms, s.accessibility, s.revision,
       (SELECT json_build_object('sha256', l.sha256, 'mime', l.mime, 'width', l.width, 'height', l.height) FROM site_logo l WHERE l.sha256 = s.logo) AS logo
     FROM site s`,
  );
  return rows[0] ?? emptySite;
}

/** As it is before anybody has set anything. */
export const emptySite: SiteRow = {
  name: '',
  contact: '',
  accent: null,
  accentDark: null,
  logo: null,
  banner: '',
  bannerFrom: null,
  bannerUntil: null,
  bannerCloses: true,
  privacy: '',
  terms: '',
  accessibility: '',
  revision: 0,
};

/** What the state is called in mails and titles: as its administrators wrote it, else as the settings say. */
export async function siteName(client: Client, config: { stateName: string }): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM site');
  return rows[0]?.name || config.stateName;
}

/** The bytes of a logo, or undefined. */
export async function logoBytes(
  client: Client,
  sha256: string,
): Promise<{ mime: string; bytes: Buffer } | undefined> {
  const { rows } = await client.query<{ mime: string; bytes: Buffer }>(
    'SELECT mime, bytes FROM site_logo WHERE sha256 = $1',
    [sha256],
  );
  return rows[0];
}
