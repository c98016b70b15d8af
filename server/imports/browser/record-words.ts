import type { Pool } from 'pg';
import type { Format } from '../../locale/format.ts';
import type { Translate } from '../../locale/locale.ts';
import { readVocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { RECORD_FIELDS, type ImportRecord, type RecordClaim, type RecordField } from '../import-record.ts';

/** A field of a resource that an import may write: what a row changes is named by it. */
export type ShownField = RecordField | 'claims';

export const SHOWN_FIELDS: readonly ShownField[] = [...RECORD_FIELDS, 'claims'];

/** The record as an import holds it; in some places with claims that have no level. */
type Shown = Partial<Omit<ImportRecord, 'claims'>> & { claims?: readonly RecordClaim[] };

const LONGEST = 400;
const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/**
 * What puts records into words: names for slugs and ids, codes for standards.
 * @param guids of all standards that the records name
 * @returns for a record its fields that say something, in words
 */
export async function recordWords(
  pool: Pool,
  guids: readonly string[],
  { t, fmt }: { t: Translate; fmt: Format },
): Promise<(record: Shown) => Partial<Record<ShownField, string>>> {
  const [known, codes, organizations] = await Promise.all([
    readVocabularies(pool),
    pool.query<{ guid: string; code: string }>(
      'SELECT guid, coalesce(code, left(statement, 40)) AS code FROM standard WHERE guid = ANY ($1::uuid[])',
      [[...new Set(guids)]],
    ),
    pool.query<{ id: string; name: string }>('SELECT id, name FROM organization'),
  ]);
  const names = (list: readonly { slug: string; label: string }[]) =>
    new Map(list.map(({ slug, label }) => [slug, label]));
  const [subjects, types, settings] = [known.subjects, known.types, known.settings].map(names) as [
    Map<string, string>,
    Map<string, string>,
    Map<string, string>,
  ];
  const topics = new Map(known.topics.map(({ id, path }) => [id, path]));
  const levels = new Map(known.levels.map(({ id, label }) => [id, label]));
  const licenses = new Map(known.licenses.map(({ code, name }) => [code, name]));
  const codeOf = new Map(codes.rows.map(({ guid, code }) => [guid, code]));
  const places = new Map(organizations.rows.map(({ id, name }) => [id, name]));
  const all = (list: readonly string[] | undefined, of?: Map<string, string>) =>
    (list ?? []).map((value) => of?.get(value) ?? value).join(', ');
  const claim = ({ guid, levelId, relation }: RecordClaim) =>
    [
      codeOf.get(guid) ?? guid,
      levelId && levels.get(levelId),
      relation === 'teaches' ? null : t(`relation.${relation}` as 'relation.assesses').toLowerCase(),
    ]
      .filter(Boolean)
      .join(' ');
  return (record) => {
    const words: Record<ShownField, string> = {
      title: record.title ?? '',
      summary: record.summary ?? '',
      description: record.description ?? '',
      url: record.url ?? '',
      fullText: record.fullText ?? '',
      type: record.type ? (types.get(record.type) ?? record.type) : '',
      license: record.license ? (licenses.get(record.license) ?? record.license) : '',
      language: record.language ? fmt.language(record.language) : '',
      authors: record.authors ?? '',
      publisher: record.publisher ?? '',
      minutes: record.minutes ? fmt.minutes(record.minutes) : '',
      setting: record.setting ? (settings.get(record.setting) ?? record.setting) : '',
      visibility: record.visibility ? t(`visibility.${record.visibility}`) : '',
      organizationId: record.organizationId ? (places.get(record.organizationId) ?? '') : '',
      subjects: all(record.subjects, subjects),
      grades: fmt.grades(record.grades ?? []),
      topics: all(record.topics, topics),
      keywords: all(record.keywords),
      levels: all(record.levels, levels),
      adaptedFrom: record.adaptedFrom ?? '',
      files: (record.files ?? []).map(({ name }) => name).join(', '),
      educatorFiles: all(record.educatorFiles),
      claims: (record.claims ?? []).map(claim).join(', '),
    };
    return Object.fromEntries(
      Object.entries(words)
        .filter(([, text]) => text !== '')
        .map(([field, text]) => [field, shortened(text)]),
    );
  };
}
