import { fileSign, formatName } from '../files/file-label.ts';
import { renderMarkdown } from '../lib/markdown.ts';
import { resourcePath } from '../lib/slug.ts';
import { hasRoleOver, isEducator, isStateStaff, type Viewer } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { Link } from '../web/page-parts.ts';
import type { LicenseWords } from '../vocabularies/vocabulary-view.ts';
import { adaptRefusal } from './adapt-service.ts';
import { checkSign } from './check-sign.ts';
import { hostOf, pageImage, unknownLicense, withUrl } from './resource-card-queries.ts';
import type { FileRow, RelatedRow, ResourceDetails } from './resource-page-queries.ts';
import { canEdit, canWithdraw, isAuthor, type ResourceFacts } from './resource-policy.ts';
import type {
  FileItem,
  FlagNote,
  LineageItem,
  LookInside,
  ResourceActions,
  ResourceCard,
  ResourcePage,
  ShelfItem,
} from './resource-view.ts';
import { differencesInWords } from './version-difference-view.ts';
import type { VoiceSection } from './voices/voice-view.ts';
import { fileState } from './file-state.ts';

const inBrowser = new Set(['application/pdf']);
const playsInBrowser = /^(image|audio|video)\//;

type Input = {
  viewer: Viewer;
  facts: ResourceFacts & { currentNumber: number; hasDraft: boolean };
  card: ResourceCard;
  details: ResourceDetails;
  voices: VoiceSection;
  flags: FlagNote[];
  next: ShelfItem[];
  collections: Link[];
  baseUrl: string;
  /** Whether a virus scanner is configured; staff are told where none is. */
  scanner: boolean;
  t: Translate;
};

/** The page of one version of a resource, for one viewer. */
export function resourcePage(input: Input): ResourcePage {
  const { viewer, facts, card, details, baseUrl } = input;
  const words = { t: input.t, fmt: formats('en', input.t) };
  const staff = isStateStaff(viewer, 'curator', 'lead', 'admin');
  const files = details.files.map((row) => fileItem(row, { tellUnscanned: staff && !input.scanner }));
  const ready = files.filter((file) => file.state === 'ready');
  const current = details.number === facts.currentNumber;
  const versionUrl = (number: number) =>
    number === facts.currentNumber ? card.url : `/resources/${card.id}/versions/${number}`;
  const zip =
    ready.length > 1
      ? {
          url: `/resources/${card.id}/files.zip${current ? '' : `?version=${details.number}`}`,
          bytes: ready.reduce((sum, file) => sum + file.bytes, 0),
        }
      : null;
  const license: LicenseWords = details.license ?? { ...unknownLicense, may: [], must: [], mayNot: [] };
  return {
    card,
    crumbs: crumbsOf(card, input.t),
    version: {
      number: details.number,
      publishedAt: details.published_at,
      note: details.change_note || null,
      current,
      currentUrl: card.url,
    },
    draftUrl: facts.hasDraft && canEdit(viewer, facts) ? `/resources/${card.id}/edit` : null,
    description: renderMarkdown(details.description),
    link: details.url
      ? { url: details.url, host: hostOf(details.url) ?? details.url, deadSince: details.dead_since }
      : null,
    look: lookInside(details.files),
    files,
    zip,
    alignments: details.alignments.map((row) => ({
      tab: withUrl(row),
      relation: row.relation,
      level: row.level,
      check: checkSign(row),
      note: row.check_note,
    })),
    topics: details.topics.map(({ label, slug }) => ({ label, url: `/topics/${slug}` })),
    languageName: languageName(details.language),
    setting: details.setting,
    keywords: details.keywords,
    publisher: details.publisher || null,
    translations: details.translations.map((other) => ({
      label: languageName(other.language),
      url: resourcePath(other.id, other.title),
      language: other.language,
    })),
    license,
    lineage: {
      from: details.from.map((row) => lineageItem(row, input.t)),
      children: details.children.map((row) => lineageItem(row, input.t)),
      moreChildren: Math.max(0, details.child_count - details.children.length),
    },
    versions: details.versions.map((row) => ({
      number: row.number,
      url: versionUrl(row.number),
      note: row.change_note || (row.changed && differencesInWords(row.changed, words)),
      publishedAt: new Date(row.published_at),
      current: row.number === facts.currentNumber,
      shown: row.number === details.number,
    })),
    voices: input.voices,
    held: facts.held,
    flags: input.flags,
    reported: details.my_flags.map(({ kind, on }) => ({ kind, on: new Date(on) })),
    flagUrl: current ? `/resources/${card.id}/flag` : null,
    collections: input.collections,
    next: input.next,
    actions: actionsOf(input, { ready, zip, current }),
    permalink: `${baseUrl}${current ? card.url : versionUrl(details.number)}`,
    credit: license.credit ? creditLine(input, license) : null,
  };
}

/** Language as it calls itself: "Español". */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}

/** How a file is listed for a viewer who may know of it. */
export function fileItem(row: FileRow, { tellUnscanned }: { tellUnscanned: boolean }): FileItem {
  const state = fileState(row.scan_state);
  const url = `/files/${row.id}/${encodeURIComponent(row.name)}`;
  const first = row.previews[0];
  return {
    id: row.id,
    name: row.name,
    kind: fileSign(row.kind),
    format: formatName(row.kind),
    bytes: row.bytes,
    pages: row.pages,
    educatorsOnly: row.educators_only,
    state,
    unscanned: tellUnscanned && row.scan_state === 'unscanned',
    url: state === 'ready' ? `${url}?download` : null,
    openUrl: state === 'ready' && (inBrowser.has(row.mime) || playsInBrowser.test(row.mime)) ? url : null,
    pagesUrl: state === 'ready' && first && row.pages !== null ? `/files/${row.id}/pages` : null,
    textUrl: state === 'ready' && row.has_text ? `/files/${row.id}/text` : null,
    preview: first && state === 'ready' ? pageImage({ file: row.id, ...first }) : null,
  };
}

/** "Look inside" shows the first file that has something to show; answer keys are never it. */
export function lookInside(files: FileRow[]): LookInside | null {
  const shown = files.filter((row) => !row.educators_only && ['unscanned', 'clean'].includes(row.scan_state));
  const isMedia = (row: FileRow) => /^(audio|video|image)\//.test(row.mime);
  const main = shown.find((row) => isMedia(row) || row.previews.length > 0);
  if (!main) return null;
  const url = `/files/${main.id}/${encodeURIComponent(main.name)}`;
  const captions = files.find((row) => row.kind === 'vtt');
  return {
    fileName: main.name,
    totalPages: main.pages ?? 0,
    pages: main.previews.map(({ page, width, height, text }) => ({
      number: page,
      image: pageImage({ file: main.id, page, width, height }),
      text: text && text.replace(/\s+/g, ' ').trim(),
      url: `/files/${main.id}/pages#page-${page}`,
    })),
    pagesUrl: `/files/${main.id}/pages`,
    textUrl: main.has_text ? `/files/${main.id}/text` : null,
    media: isMedia(main)
      ? {
          kind: main.mime.startsWith('video/') ? 'video' : main.mime.startsWith('audio/') ? 'audio' : 'image',
          url,
          type: main.mime,
          captionsUrl: captions ? `/files/${captions.id}/${encodeURIComponent(captions.name)}` : null,
        }
      : null,
  };
}

function actionsOf(
  { viewer, facts, card, details, voices }: Input,
  {
    ready,
    zip,
    current,
  }: { ready: FileItem[]; zip: { url: string; bytes: number } | null; current: boolean },
): ResourceActions {
  const [only] = ready;
  const refusal = adaptRefusal(details.license);
  const mine = canEdit(viewer, facts);
  const educator = isEducator(viewer);
  const checker = hasRoleOver(
    viewer,
    { id: facts.organizationId, districtId: facts.districtId },
    'curator',
    'lead',
  );
  return {
    take: zip
      ? { url: zip.url, label: 'zip', format: 'ZIP', bytes: zip.bytes }
      : only?.url
        ? { url: only.url, label: 'file', format: only.format, bytes: only.bytes }
        : null,
    adaptUrl: refusal === null && current ? `/resources/${card.id}/adapt` : null,
    adaptRefused: refusal,
    save: educator ? { url: `/resources/${card.id}/save`, saved: card.saved ?? false } : null,
    use:
      educator && current && (details.used_by_me || !isAuthor(viewer, facts))
        ? {
            url: `/resources/${card.id}/use`,
            used: details.used_by_me,
            // Who became an author after using it can only take it back.
            said: isAuthor(viewer, facts) || voices.uses.some(({ mine }) => mine),
          }
        : null,
    signInUrl: educator ? null : `/sign-in?next=${encodeURIComponent(card.url)}`,
    editUrl: mine ? `/resources/${card.id}/edit` : null,
    withdrawUrl: canWithdraw(viewer, facts) ? `/resources/${card.id}/withdraw` : null,
    restoreUrl: null,
    checksUrl: mine || checker ? `/resources/${card.id}/checks` : null,
    checkUrl: checker && !mine ? `/curate/checks/${card.id}` : null,
  };
}

function crumbsOf(card: ResourceCard, t: Translate): ResourcePage['crumbs'] {
  const [subject] = card.subjects;
  const [grade] = card.grades;
  const [standard] = card.standards;
  return [
    ...(subject ? [{ label: subject.label, url: `/search?subject=${subject.slug}` }] : []),
    ...(standard
      ? [{ label: standard.code, url: standard.url }]
      : subject && grade
        ? [
            {
              label: formats('en', t).grade(grade),
              url: `/search?grade=${encodeURIComponent(grade)}&subject=${subject.slug}`,
            },
          ]
        : []),
  ];
}

/** A source that may not be seen stays in the line without its title: the credit that its license asks for is kept apart. */
const lineageItem = (row: RelatedRow, t: Translate): LineageItem => ({
  title: row.visible ? row.title : t('resource.notOpen'),
  language: row.visible ? row.language : 'en',
  url: row.visible ? resourcePath(row.id, row.title) : null,
  authors: row.visible ? row.authors : '',
  organization: row.visible ? row.organization : null,
  on: row.visible && row.on !== null ? new Date(row.on) : null,
  note: row.visible ? row.note || null : null,
});

/** Title, authors, place, address, license (and the credit of what it was adapted from): ready to copy. */
function creditLine({ card, details, baseUrl, t }: Input, license: LicenseWords): string {
  const line = t('resource.creditLine', {
    title: card.title,
    authors: card.authors || card.organization.label,
    organization: card.organization.label,
    url: `${baseUrl}${card.url}`,
    license: license.name,
  });
  return details.credit ? `${line} ${t('resource.creditSource', { source: details.credit })}` : line;
}
