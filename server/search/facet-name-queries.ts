import type { Pool } from 'pg';

/** Names of facet values that are in no vocabulary of `readVocabularies`. */
export interface FacetNames {
  standards: Map<string, StandardName>;
  /** By slug. */
  districts: Map<string, string>;
  /** Slugs that districts had before they were renamed or merged, with the one that they have now. */
  formerDistricts: Map<string, string>;
}

export interface StandardName {
  code: string | null;
  /** Cut after 200 characters. */
  label: string;
  language: string | null;
  /** Its first parent, or its framework at the top; null for a framework. */
  parent: string | null;
  position: number;
  /** Of a framework that isn't offered; it still has a name. */
  hidden: boolean;
}

/** Names of all standards and frameworks by GUID, and of districts by slug, in one round trip. */
export async function readFacetNames(pool: Pool): Promise<FacetNames> {
  const { rows } = await pool.query<
    StandardName & { kind: 'standard' | 'district' | 'former'; value: string }
  >(names);
  const standards: FacetNames['standards'] = new Map();
  const districts: FacetNames['districts'] = new Map();
  const formerDistricts: FacetNames['formerDistricts'] = new Map();
  for (const { kind, value, code, label, language, parent, position, hidden } of rows)
    if (kind === 'district') districts.set(value, label);
    else if (kind === 'former') formerDistricts.set(value, label);
    else standards.set(value, { code, label, language, parent, position, hidden });
  return { standards, districts, formerDistricts };
}

const names = `
  SELECT 'standard' AS kind, s.guid::text AS value, s.code, left(coalesce(s.short_statement, s.statement), 200) AS label,
    coalesce(s.language, f.language) AS language, coalesce(p.parent_guid, s.framework_guid)::text AS parent, s.position, NOT f.visible AS hidden
  FROM standard s JOIN framework f ON f.guid = s.framework_guid
    LEFT JOIN (SELECT DISTINCT ON (child_guid) child_guid, parent_guid FROM standard_parent ORDER BY child_guid, sequence, parent_guid) p
      ON p.child_guid = s.guid
  UNION ALL
  SELECT 'standard', f.guid::text, NULL, f.title, f.language, NULL, f.position, NOT f.visible FROM framework f
  UNION ALL
  SELECT 'district', o.slug, NULL, o.name, NULL, NULL, 0, false FROM organization o WHERE o.kind = 'district' AND o.merged_into_id IS NULL
  UNION ALL
  SELECT 'former', f.slug, NULL, o.slug, NULL, NULL, 0, false FROM organization_former f JOIN organization o ON o.id = f.organization_id AND o.kind = 'district'
  WHERE f.slug IS NOT NULL
  UNION ALL
  SELECT 'former', g.slug, NULL, o.slug, NULL, NULL, 0, false FROM organization g JOIN organization o ON o.id = g.merged_into_id AND o.kind = 'district'`;
