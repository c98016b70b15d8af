import type { FieldFault } from '../errors.ts';
import type { PersonalData } from '../lib/personal-data.ts';
import type { Translate } from '../locale/locale.ts';
import type { Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import type { DraftRow } from './draft-queries.ts';
import type { ResourceCard } from './resource-view.ts';
import { draftFiles, pickedStandards } from './share-form-view.ts';
import type { CheckPage } from './share-view.ts';

/** Everything once more before it is published: what must and what may still be mended. */
export function checkPage(input: {
  draft: DraftRow;
  card: ResourceCard;
  vocabularies: Vocabularies;
  problems: FieldFault[];
  students: PersonalData[];
  faults: FieldFault[];
  t: Translate;
}): CheckPage {
  const { draft, card, vocabularies, problems, students, faults, t } = input;
  const edit = `/resources/${draft.resource_id}/edit`;
  const hint = (when: boolean, field: string, message: string) =>
    when ? [{ message, url: `${edit}#${field}` }] : [];
  return {
    card: { ...card, title: card.title || t('share.untitled') },
    license: draft.license === null ? 'none' : draft.license === 'unknown' ? 'unknown' : 'stated',
    versionNumber: draft.version_number,
    files: draftFiles(draft),
    link: draft.url,
    standards: pickedStandards(draft, vocabularies),
    topics: draft.topics.flatMap(
      (slug) => vocabularies.topics.find((topic) => topic.slug === slug)?.path ?? [],
    ),
    problems: fieldErrors(t, problems).map(({ field, message }) => ({ message, url: `${edit}#${field}` })),
    hints: [
      ...hint(draft.summary === '', 'summary', t('share.hint.summary')),
      ...hint(draft.alignments.length === 0, 'standards', t('share.hint.standards')),
      ...hint(
        draft.alignments.some((alignment) => alignment.level === null),
        'standards',
        t('share.hint.levels'),
      ),
      ...hint(
        draft.files.some((file) => file.scan_state === 'quarantined'),
        'files',
        t('share.hint.scan'),
      ),
    ],
    students: students.map(({ kind, sample }) => t(`share.students.${kind}`, { sample })),
    changeNote: '',
    errors: fieldErrors(t, faults),
    revision: draft.revision,
    afterwards:
      draft.publish_mode === 'check_first' && draft.version_number === 1 ? 'check_first' : 'at_once',
    editUrl: edit,
    publishUrl: `/resources/${draft.resource_id}/publish`,
  };
}
