import type { MessageKey, Translate } from '../locale/locale.ts';
import type { DraftRow } from './draft-queries.ts';
import { storedTexts } from './share-form-view.ts';
import type { ShareForm } from './share-schema.ts';
import type { ConflictPage } from './share-view.ts';

const compared = [
  'title',
  'summary',
  'description',
  'url',
  'minutes',
  'keywords',
  'authors',
  'publisher',
] as const;

/**
 * Both wordings of every text that differs between the stored draft and what another tab sent. Choices (grades,
 * standards …) that differ are sent along as they were picked here and stored with the text.
 */
export function conflictPage({
  draft,
  form,
  t,
}: {
  draft: DraftRow;
  form: ShareForm;
  t: Translate;
}): ConflictPage {
  const stored = storedTexts(draft);
  const edit = `/resources/${draft.resource_id}/edit`;
  const { fields } = form;
  const differing = compared.filter((name) => form.typed[name].trim() !== stored[name].trim());
  return {
    title: draft.title || t('share.untitled'),
    theirsSavedAt: draft.updated_at,
    revision: draft.revision,
    fields: differing.map((name) => ({
      name,
      label: t(`share.field.${name}` satisfies MessageKey),
      mine: form.typed[name],
      theirs: stored[name],
    })),
    actionUrl: edit,
    hidden: [
      ...differing.map((name) => ({ name: `mine-${name}`, value: form.typed[name] })),
      { name: 'whole', value: 'yes' },
      ...(['type', 'setting', 'license', 'language', 'visibility'] as const).flatMap((name) =>
        typeof fields[name] === 'string' ? [{ name, value: fields[name] }] : [],
      ),
      ...(fields.subjects ?? []).map((value) => ({ name: 'subject', value })),
      ...(fields.grades ?? []).map((value) => ({ name: 'grade', value })),
      ...form.topics.map((value) => ({ name: 'topic', value })),
      ...form.standards.flatMap(({ guid, level, relation }) => [
        { name: 'standard', value: guid },
        { name: 'level', value: level },
        { name: 'relation', value: relation },
      ]),
    ],
    theirsUrl: edit,
  };
}
