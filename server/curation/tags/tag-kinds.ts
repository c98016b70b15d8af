/** What may be wrong with a record, and what can be set in many at once. */

/** Tags that may be missing. */
export const MISSING = ['level', 'standard', 'license', 'grade', 'subject', 'type', 'topic'] as const;
export type Missing = (typeof MISSING)[number];

const NONE = (table: string): string => `v.id NOT IN (SELECT version_id FROM ${table})`;
const CLAIMED = 'SELECT resource_id FROM alignment WHERE to_version IS NULL';

/**
 * SQL over `r` (resource) and `v` (its current version): true where the tag is missing. Lists that PostgreSQL makes once
 * and looks each resource up in; asking for each resource takes five times as long.
 */
export const missingSql: Record<Missing, string> = {
  level: `(r.id IN (${CLAIMED} AND level_id IS NULL) OR (r.id NOT IN (${CLAIMED}) AND ${NONE('version_level')}))`,
  standard: `r.id NOT IN (${CLAIMED})`,
  license: `(v.license IS NULL OR v.license = 'unknown')`,
  grade: NONE('version_grade'),
  subject: NONE('version_subject'),
  type: 'v.type IS NULL',
  topic: NONE('version_topic'),
};

/** Fields of imports whose words nobody may have known, as import_record.gaps calls them. */
export const GAP_FIELDS = [
  'standards',
  'license',
  'type',
  'subjects',
  'topics',
  'levels',
  'grades',
  'setting',
  'language',
] as const;
export type GapField = (typeof GAP_FIELDS)[number];

/** What can be set. */
export const TAG_FIELDS = [
  'level',
  'standard',
  'license',
  'grade',
  'subject',
  'type',
  'topic',
  'setting',
  'language',
] as const;
export type TagField = (typeof TAG_FIELDS)[number];

/** `fill`: only where nothing is said; `add`: besides what is there; `replace`: instead of it. */
export type TagMode = 'fill' | 'add' | 'replace';

/** A license is never taken away from a work that has one: that is its author's to say. */
export const MODES: Record<TagField, readonly TagMode[]> = {
  level: ['fill'],
  standard: ['add'],
  license: ['fill'],
  grade: ['fill', 'add', 'replace'],
  subject: ['fill', 'add', 'replace'],
  type: ['fill', 'replace'],
  topic: ['fill', 'add', 'replace'],
  setting: ['fill', 'replace'],
  language: ['replace'],
};

/** What mends a gap of an import. */
export const MENDS: Record<GapField, TagField> = {
  standards: 'standard',
  license: 'license',
  type: 'type',
  subjects: 'subject',
  topics: 'topic',
  levels: 'level',
  grades: 'grade',
  setting: 'setting',
  language: 'language',
};

export const isMissing = (text: string): text is Missing => (MISSING as readonly string[]).includes(text);
export const isGapField = (text: string): text is GapField =>
  (GAP_FIELDS as readonly string[]).includes(text);
export const isTagField = (text: string): text is TagField =>
  (TAG_FIELDS as readonly string[]).includes(text);
