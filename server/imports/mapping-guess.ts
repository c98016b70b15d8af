import { parseGrades } from '../lib/grade.ts';
import { nativeFieldOf } from './native-columns.ts';
import type { NativeField } from './native-row.ts';

/** What columns are called elsewhere, letters only; the first column that fits wins. */
const SYNONYMS: Partial<Record<NativeField, readonly string[]>> = {
  external_id: [
    'id',
    'identifier',
    'resourceid',
    'itemid',
    'itemno',
    'itemnumber',
    'recordid',
    'uuid',
    'guid',
    'key',
    'slug',
    'path',
  ],
  title: [
    'name',
    'resourcetitle',
    'resourcename',
    'lessontitle',
    'lesson',
    'displayname',
    'heading',
    'curriculumname',
  ],
  summary: ['abstract', 'shortdescription', 'overview', 'teaser', 'blurb', 'about'],
  description: ['desc', 'longdescription', 'details', 'notes', 'body', 'content'],
  url: [
    'link',
    'links',
    'resourceurl',
    'webaddress',
    'address',
    'href',
    'uri',
    'website',
    'resourcelocator',
    'weblink',
  ],
  files: ['file', 'filename', 'filenames', 'attachment', 'attachments', 'document', 'documents'],
  educator_files: ['answerkey', 'answerkeys', 'teacherfiles', 'educatorfile', 'keys'],
  text: ['fulltext', 'transcript'],
  type: ['resourcetype', 'learningresourcetype', 'kind', 'materialtype', 'contenttype', 'format', 'category'],
  subjects: [
    'subject',
    'subjectarea',
    'subjectareas',
    'area',
    'contentarea',
    'contentareas',
    'discipline',
    'course',
  ],
  grades: ['grade', 'gradelevel', 'gradelevels', 'educationlevel', 'gradeband', 'graderange', 'years'],
  topics: ['topic', 'unit', 'strand', 'theme'],
  standards: [
    'standard',
    'standardsalignment',
    'alignment',
    'alignments',
    'standardcode',
    'standardcodes',
    'ccss',
    'benchmarks',
    'objectives',
  ],
  levels: ['level', 'competencylevel', 'proficiency', 'masterylevel'],
  license: ['licence', 'rights', 'userights', 'userightsurl', 'copyright', 'termsofuse', 'licenseurl'],
  language: ['lang', 'inlanguage', 'languages'],
  authors: ['author', 'creator', 'creators', 'authorname', 'contributor', 'teacher'],
  publisher: ['source', 'provider', 'publishername', 'organization'],
  school: ['campus', 'building', 'schoolname'],
  keywords: ['tags', 'keyword', 'tag', 'bookshelves'],
  minutes: ['duration', 'time', 'timerequired', 'length', 'minutesneeded'],
  setting: ['grouping', 'classsetting'],
  visibility: ['audience', 'access', 'sharing', 'sharedwith'],
  adapted_from: ['basedon', 'isbasedon', 'derivedfrom'],
  modified: ['updated', 'lastmodified', 'modifieddate', 'dateupdated', 'datemodified', 'lastupdated'],
};

/** What values look like where the name of their column says nothing. */
const LOOKS: readonly (readonly [NativeField, (value: string) => boolean])[] = [
  ['url', (value) => /^https?:\/\/\S+$/i.test(value)],
  ['license', (value) => /creativecommons\.org|^cc[ -]?(?:by|0)\b/i.test(value)],
  [
    'standards',
    (value) => /^(?:[A-Z]{2,}[.\s-])*(?:K|\d{1,2}|HS[A-Z]?|MS)[.\s-][A-Z]{1,4}[.\s-][\w.-]+/i.test(value),
  ],
  ['grades', (value) => value.length <= 20 && /[k\d]/i.test(value) && gradesOnly(value)],
];

function gradesOnly(value: string): boolean {
  const { grades, unknown } = parseGrades(value);
  return grades.length > 0 && unknown.length === 0;
}

export type Guess = { fields: Partial<Record<NativeField, string>>; unused: string[] };

/**
 * Guesses which column is which field: by the field's own name, by what it is called elsewhere, then by what stands in
 * it. A guess, to be looked over.
 * @param columns headings in order; @param sample values of some rows
 */
export function guessMapping(columns: readonly string[], sample: readonly Record<string, unknown>[]): Guess {
  const fields: Guess['fields'] = {};
  const free = new Set(columns);
  const take = (field: NativeField, column: string | undefined) => {
    if (column === undefined || fields[field] !== undefined) return;
    fields[field] = column;
    free.delete(column);
  };
  for (const column of columns) {
    const own = nativeFieldOf(column);
    if (own) take(own, column);
  }
  for (const [field, names] of Object.entries(SYNONYMS) as [NativeField, readonly string[]][])
    for (const name of names)
      take(
        field,
        [...free].find((column) => column.toLowerCase().replaceAll(/[^a-z]/g, '') === name),
      );
  const valuesOf = (column: string) =>
    sample
      .map((row) => row[column])
      .flatMap((value) => (typeof value === 'string' && value.trim() !== '' ? [value.trim()] : []));
  for (const [field, looks] of LOOKS)
    take(
      field,
      [...free].find((column) => {
        const values = valuesOf(column);
        return values.length > 0 && values.filter(looks).length >= values.length * 0.8;
      }),
    );
  // Something short that no two rows share can be told by.
  take(
    'external_id',
    [...free].find((column) => {
      const values = sample
        .map((row) => row[column])
        .filter((value) => value !== undefined && value !== null)
        .map(String);
      return (
        values.length === sample.length &&
        sample.length > 1 &&
        new Set(values).size === values.length &&
        values.every((value) => value.length <= 100)
      );
    }),
  );
  // What isn't needed for anything else may as well tell rows apart: an address does.
  if (fields.external_id === undefined && fields.url !== undefined) fields.external_id = fields.url;
  return { fields, unused: [...free] };
}
