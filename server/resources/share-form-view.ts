import { ACCEPT_ATTRIBUTE } from '../files/file-kinds.ts';
import { fileSign, formatName } from '../files/file-label.ts';
import type { FieldFault } from '../errors.ts';
import { GRADES, gradeLabel } from '../lib/grade.ts';
import { licensesForAdaptation } from '../lib/license-arithmetic.ts';
import { resourcePath } from '../lib/slug.ts';
import type { Translate } from '../locale/locale.ts';
import type { PickedStandard } from '../standards/standard-view.ts';
import { offeredTerms, type ListedTerm, type Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import type { Option, OptionGroup } from '../web/page-parts.ts';
import type { DraftRow } from './draft-queries.ts';
import { pageImage, unknownLicense, withUrl } from './resource-card-queries.ts';
import { languageName } from './resource-page-view.ts';
import type { ShareForm } from './share-schema.ts';
import type {
  DraftFile,
  LiveCard,
  ShareFormPage,
  ShareLicense,
  ShareOptions,
  ShareValues,
  StandardFinder,
} from './share-view.ts';
import { fileState } from './file-state.ts';

/** Languages that the form offers; a draft with another one keeps it. */
const offeredLanguages = [
  'en',
  'es',
  'ar',
  'zh',
  'fr',
  'de',
  'hi',
  'hmn',
  'ht',
  'ko',
  'pt',
  'ru',
  'so',
  'sw',
  'tl',
  'ur',
  'vi',
];

/** What levels look like for standards in their own words: by GUID, then by the level's slug. */
type Descriptors = ReadonlyMap<string, Record<string, string>>;

type Input = {
  draft: DraftRow;
  vocabularies: Vocabularies;
  descriptors: Descriptors;
  t: Translate;
  maxBytes: number;
  /** What was just sent, to show again beside its faults. */
  sent?: ShareForm;
  faults?: FieldFault[];
  refused?: { name: string; reason: string }[];
  finder?: StandardFinder | null;
  noFrameworks: boolean;
};

/** The share form for a draft. */
export function shareFormPage({
  draft,
  vocabularies,
  descriptors,
  t,
  maxBytes,
  sent,
  faults = [],
  refused = [],
  finder = null,
  noFrameworks,
}: Input): ShareFormPage {
  const base = `/resources/${draft.resource_id}`;
  return {
    resourceId: draft.resource_id,
    revision: draft.revision,
    versionNumber: draft.version_number,
    publishedUrl:
      draft.published_title === null ? null : resourcePath(draft.resource_id, draft.published_title),
    values: valuesOf(draft, faults, sent),
    errors: fieldErrors(t, faults),
    files: draftFiles(draft),
    refused,
    accept: ACCEPT_ATTRIBUTE,
    maxBytes,
    options: optionsOf(draft, vocabularies),
    standards: pickedStandards(draft, vocabularies, descriptors),
    finder,
    noFrameworks,
    levels: vocabularies.levels,
    adaptedFrom: draft.adapted_from && {
      title: draft.adapted_from.visible ? draft.adapted_from.title : t('resource.notOpen'),
      language: draft.adapted_from.language,
      url: draft.adapted_from.visible ? resourcePath(draft.adapted_from.id, draft.adapted_from.title) : null,
      authors: draft.adapted_from.authors,
      organization: draft.adapted_from.organization,
      on: draft.adapted_from.on === null ? null : new Date(draft.adapted_from.on),
      note: null,
      license: draft.adapted_from.license ?? { ...unknownLicense, may: [], must: [], mayNot: [] },
    },
    savedAt: draft.updated_at,
    card: liveCard(draft, vocabularies),
    organization: draft.organization,
    district: draft.district ?? draft.organization,
    afterwards:
      draft.publish_mode === 'check_first' && draft.version_number === 1 ? 'check_first' : 'at_once',
    actions: { save: `${base}/edit`, upload: `${base}/draft/files`, preview: `${base}/check` },
  };
}

/** The files of a draft as the form lists them; the first is the main one. */
export const draftFiles = (draft: DraftRow): DraftFile[] =>
  draft.files.map((file, index) => ({
    id: file.id,
    name: file.name,
    kind: fileSign(file.kind),
    format: formatName(file.kind),
    bytes: file.bytes,
    pages: file.pages,
    educatorsOnly: file.educators_only,
    main: index === 0,
    state: fileState(file.scan_state),
    unscanned: false,
  }));

/** The claims of a draft, each with the levels to choose from. */
export const pickedStandards = (
  draft: DraftRow,
  vocabularies: Vocabularies,
  descriptors: Descriptors = new Map(),
): PickedStandard[] =>
  draft.alignments.map((alignment) => ({
    tab: withUrl(alignment),
    level: alignment.level ?? '',
    levels: vocabularies.levels,
    own: vocabularies.levels.flatMap((level) => {
      const words = descriptors.get(alignment.guid)?.[level.slug];
      return words === undefined ? [] : [{ ...level, description: words }];
    }),
    relation: alignment.relation,
  }));

/** The texts of a draft as the form's fields hold them. */
export const storedTexts = (draft: DraftRow): ShareForm['typed'] => ({
  title: draft.title,
  summary: draft.summary,
  description: draft.description,
  url: draft.url ?? '',
  minutes: draft.minutes === null ? '' : String(draft.minutes),
  keywords: draft.keywords.join(', '),
  authors: draft.authors,
  publisher: draft.publisher,
});

/** What was typed where it had a fault, else what is stored. */
function valuesOf(draft: DraftRow, faults: FieldFault[], sent: ShareForm | undefined): ShareValues {
  const stored: ShareValues = { ...storedTexts(draft), find: sent?.find ?? '' };
  if (!sent) return stored;
  const faulty = faults.map((fault) => fault.field).filter((name) => name in sent.typed);
  return {
    ...stored,
    ...Object.fromEntries(faulty.map((name) => [name, sent.typed[name as keyof typeof sent.typed]])),
  };
}

function optionsOf(draft: DraftRow, vocabularies: Vocabularies): ShareOptions {
  const source = draft.adapted_from?.license;
  const allowed = source ? new Set(licensesForAdaptation(source, vocabularies.licenses)) : null;
  const options = (terms: readonly ListedTerm[], chosen: (string | null)[]): Option[] =>
    offeredTerms(terms, chosen).map(({ slug, label }) => ({
      value: slug,
      label,
      chosen: chosen.includes(slug),
    }));
  const languages = offeredLanguages.includes(draft.language)
    ? offeredLanguages
    : [...offeredLanguages, draft.language];
  return {
    types: options(vocabularies.types, [draft.type]),
    subjects: options(vocabularies.subjects, draft.subjects),
    grades: GRADES.map((grade) => ({
      value: grade,
      label: gradeLabel(grade),
      chosen: draft.grades.includes(grade),
    })),
    topics: topicGroups(draft, vocabularies),
    settings: options(vocabularies.settings, [draft.setting]),
    languages: languages.map((code) => ({
      value: code,
      label: languageName(code),
      chosen: code === draft.language,
      language: code,
    })),
    licenses: vocabularies.licenses
      .filter((license) => license.offered || license.code === draft.license)
      .map((license): ShareLicense => ({
        license,
        chosen: license.code === draft.license,
        possible: allowed === null || allowed.has(license.code),
      })),
    visibilities: (['public', 'state', 'district', 'school'] as const).map((value) => ({
      value,
      chosen: value === draft.visibility,
      // The state has no district, and only a school is a school.
      possible:
        value === 'public' ||
        value === 'state' ||
        (value === 'district' ? draft.organization_kind !== 'state' : draft.organization_kind === 'school'),
    })),
  };
}

/** All topics by the top of their tree, chosen ones marked. */
function topicGroups(draft: DraftRow, vocabularies: Vocabularies): OptionGroup[] {
  const groups = new Map<string, Option[]>();
  for (const topic of vocabularies.topics) {
    const [top = '', ...below] = topic.path.split(' > ');
    const options = groups.get(top) ?? [];
    options.push({
      value: topic.slug,
      label: below.length === 0 ? topic.name : below.join(' › '),
      chosen: draft.topics.includes(topic.slug),
    });
    groups.set(top, options);
  }
  return [...groups].map(([label, options]) => ({ label, options }));
}

/** The card beside the form: on the shelf it will read. */
function liveCard(draft: DraftRow, vocabularies: Vocabularies): LiveCard {
  const first = draft.files.find((file) => !file.educators_only) ?? draft.files[0];
  const preview = draft.files.find((file) => !file.educators_only && file.previews.length > 0);
  const image = preview?.previews[0];
  const chosen = new Set(draft.alignments.map((alignment) => alignment.level));
  return {
    title: draft.title,
    summary: draft.summary,
    language: draft.language,
    type: vocabularies.types.find((type) => type.slug === draft.type)?.label ?? null,
    grades: GRADES.filter((grade) => draft.grades.includes(grade)),
    levels: vocabularies.levels.filter((level) => chosen.has(level.slug)),
    standards: draft.alignments.map(withUrl),
    minutes: draft.minutes,
    thumb: preview && image ? pageImage({ file: preview.id, ...image }) : null,
    kind: first ? fileSign(first.kind) : draft.url ? 'link' : 'document',
    authors: draft.authors,
    organization: draft.organization,
  };
}
