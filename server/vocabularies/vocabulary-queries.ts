import type { Pool, PoolClient } from 'pg';
import { prepared } from '../platform/database/prepared.ts';
import type { FormerKind } from './vocabulary-change.ts';
import type { LevelWords, LicenseWords, Term } from './vocabulary-view.ts';

/** A topic with its place in the tree. */
export type Topic = { id: string; slug: string; name: string; path: string; parentId: string | null };

/** A license as the share form and the license arithmetic need it. */
export type License = LicenseWords & { offered: boolean };

/** A level with its id, and the words by which people ask for it where the state wrote any. */
export type Level = LevelWords & { id: string; words: string[] };

/** A value of a list; a retired one stays on what has it and is offered no more. */
export type ListedTerm = Term & { retired: boolean };

/** Every list that the state chooses, in the order it chose. */
export type Vocabularies = {
  subjects: ListedTerm[];
  types: ListedTerm[];
  settings: ListedTerm[];
  licenses: License[];
  /** Of the default scale, lowest first. */
  levels: Level[];
  topics: Topic[];
};

/** Reads all vocabularies in one round trip. */
export async function readVocabularies(pool: Pool | PoolClient): Promise<Vocabularies> {
  const { rows } = await pool.query<{ vocabularies: Vocabularies }>(vocabularies([]));
  return rows[0]!.vocabularies;
}

/** A row of the license table (under the given alias) as License. */
export const licenseWordsSql = (alias: string): string =>
  `json_build_object('code', ${alias}.code, 'name', ${alias}.name, 'url', ${alias}.url, 'adaptable', ${alias}.adaptable, 'credit', ${alias}.credit,
     'shareAlike', ${alias}.share_alike, 'nonCommercial', ${alias}.noncommercial, 'open', ${alias}.open, 'offered', ${alias}.offered,
     'may', ${alias}.may, 'must', ${alias}.must, 'mayNot', ${alias}.may_not)`;

const vocabularies = prepared(`
  SELECT json_build_object(
    'subjects', coalesce((SELECT json_agg(json_build_object('slug', slug, 'label', name, 'retired', retired_at IS NOT NULL) ORDER BY position, name) FROM subject), '[]'),
    'types', coalesce((SELECT json_agg(json_build_object('slug', slug, 'label', name, 'retired', retired_at IS NOT NULL) ORDER BY position, name) FROM resource_type), '[]'),
    'settings', coalesce((SELECT json_agg(json_build_object('slug', slug, 'label', name, 'retired', retired_at IS NOT NULL) ORDER BY position, name) FROM setting), '[]'),
    'licenses', coalesce((SELECT json_agg(${licenseWordsSql('l')} ORDER BY l.position, l.name) FROM license l), '[]'),
    'levels', coalesce((
      SELECT json_agg(json_build_object('id', l.id, 'slug', l.slug, 'label', l.name, 'position', l.position, 'description', nullif(l.description, ''),
                                        'words', ARRAY(SELECT word FROM level_word w WHERE w.level_id = l.id ORDER BY w.position, w.word),
                                        'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id)) ORDER BY l.position)
      FROM competency_level l JOIN competency_scale s ON s.id = l.scale_id WHERE s.is_default), '[]'),
    'topics', coalesce((SELECT json_agg(json_build_object('id', id, 'slug', slug, 'name', name, 'path', path, 'parentId', parent_id) ORDER BY tree_order, path) FROM topic), '[]')
  ) AS vocabularies`);

/** What values were called before, by kind: a slug, name or path, and the slug of the value that it means now. */
export type FormerTerms = Partial<Record<FormerKind, Record<string, string>>>;

/** Reads what all values were called before. */
export async function readFormerTerms(pool: Pool | PoolClient): Promise<FormerTerms> {
  const { rows } = await pool.query<{ kind: keyof FormerTerms; words: Record<string, string> }>(
    'SELECT kind, json_object_agg(word, value) AS words FROM former_term GROUP BY kind',
  );
  return Object.fromEntries(rows.map(({ kind, words }) => [kind, words]));
}

/** The values that are meant today, each once. @param values slugs of addresses or forms, also former ones */
export const presentValues = (
  values: readonly string[],
  former: Record<string, string> | undefined,
): string[] => [
  ...new Set(values.map((value) => (former && Object.hasOwn(former, value) ? former[value]! : value))),
];

/** The values of a list that are offered: those that aren't retired, and those that are chosen already. */
export const offeredTerms = (
  terms: readonly ListedTerm[],
  chosen: readonly (string | null)[] = [],
): ListedTerm[] => terms.filter(({ slug, retired }) => !retired || chosen.includes(slug));
