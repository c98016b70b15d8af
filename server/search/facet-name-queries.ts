import type { Pool } from 'pg';
import { prepared } from '../platform/database/prepared.ts';

/** Names of facet values that are in no vocabulary of `readVocabularies`. */
export interface FacetNames {
  standards: Map<string, StandardName>;
  /** By slug. */
  districts: Map<string, string>;
}

export interface StandardName {
  code: string | null;
  label: string;
  language: string | null;
  /** Its first parent, or its framework at the top; null for a framework. */
  parent: string | null;
  position: number;
}

/** Names of standards and frameworks by GUID, and of districts by slug, in one round trip. */
export async function facetNames(
  pool: Pool,
  asked: { standards: readonly string[]; districts: readonly string[] },
): Promise<FacetNames> {
  const { rows } = await pool.query<StandardName & { kind: 'standard' | 'district'; value: string }>(
    names([asked.standards, asked.districts]),
  );
  return {
    standards: new Map(rows.filter(({ kind }) => kind === 'standard').map((row) => [row.value, row])),
    districts: new Map(rows.filter(({ kind }) => kind === 'district').map((row) => [row.value, row.label])),
  };
}

const names = prepared(`
  SELECT 'standard' AS kind, s.guid::text AS value, s.code, coalesce(s.short_statement, s.statement) AS label, coalesce(s.language, f.language) AS language,
    coalesce((SELECT p.parent_guid FROM standard_parent p WHERE p.child_guid = s.guid ORDER BY p.sequence, p.parent_guid LIMIT 1), s.framework_guid)::text AS parent,
    s.position
  FROM standard s JOIN framework f ON f.guid = s.framework_guid WHERE s.guid = ANY ($1::uuid[])
  UNION ALL
  SELECT 'standard', f.guid::text, NULL, f.title, f.language, NULL, f.position FROM framework f WHERE f.guid = ANY ($1::uuid[])
  UNION ALL
  SELECT 'district', o.slug, NULL, o.name, NULL, NULL, 0 FROM organization o WHERE o.kind = 'district' AND o.slug = ANY ($2::text[])`);
