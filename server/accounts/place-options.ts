import type { Pool } from 'pg';
import type { Grant } from '../lib/viewer.ts';
import type { Option } from '../web/page-parts.ts';
import { inScopeSql } from './people-policy.ts';

/** An open organization, with the name of its district where it is a school. */
export type PlaceRow = {
  id: string;
  kind: Grant['kind'];
  name: string;
  slug: string;
  districtId: string | null;
  district: string | null;
};

/** Open organizations within a scope (null: all): the state, then districts with their schools behind them, by name. */
export async function placesIn(pool: Pick<Pool, 'query'>, scope: string[] | null): Promise<PlaceRow[]> {
  const { rows } = await pool.query<PlaceRow>(
    `SELECT o.id, o.kind, o.name, o.slug, o.district_id AS "districtId", CASE o.kind WHEN 'school' THEN d.name END AS district
     FROM organization o LEFT JOIN organization d ON d.id = o.district_id
     WHERE o.closed_at IS NULL AND ${inScopeSql('o', '$1')}
     ORDER BY o.kind <> 'state', plain(d.name), d.id, o.kind <> 'district', plain(o.name), o.id`,
    [scope],
  );
  return rows;
}

/**
 * The same, with the present place of something behind them where that isn't one of them (it is closed): whoever changes
 * something else leaves it there.
 */
export const placeOptionsWith = (
  places: readonly PlaceRow[],
  present: { id: string; label: string },
  chosen: string,
): Option[] => [
  ...placeOptions(places, chosen),
  ...(places.some(({ id }) => id === present.id)
    ? []
    : [{ value: present.id, label: present.label, chosen: present.id === chosen }]),
];

/** Places as options; a school has its district behind it, since two districts may have a school of one name. */
export const placeOptions = (places: readonly PlaceRow[], chosen: string): Option[] =>
  places.map(({ id, name, district }) => ({
    value: id,
    label: district === null ? name : `${name} (${district})`,
    chosen: id === chosen,
  }));
