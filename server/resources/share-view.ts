import type { PickedStandard, StandardTab } from '../standards/standard-view.ts';
import type { LevelSign, LevelWords, LicenseSign, LicenseWords } from '../vocabularies/vocabulary-view.ts';
import type { FieldError, HiddenField, Option, OptionGroup } from '../web/page-parts.ts';
import type {
  FileKind,
  FileState,
  LineageItem,
  PageImage,
  ResourceCard,
  Visibility,
} from './resource-view.ts';

/**
 * The share form. One multipart form that posts to `actions.save`; the pressed button comes as `do`:
 * `save`, `check` (save and go to the check page), `upload` (keep the chosen files), `find` (look for `find`),
 * `add:<guid>`, `drop:<guid>` (a standard), `remove:<fileId>`, `audience:<fileId>` (toggles educators only), `first:<fileId>`
 * (makes it the main file), `discard`. Every press saves what was typed. Fields:
 * `revision title summary description url type minutes language license visibility subject[] grade[] topic[] setting
 * standard[] level[] relation[]` (the last three are parallel) `keywords authors publisher find files`.
 * Repeated fields are sent under the same plain name.
 */
export interface ShareFormPage {
  resourceId: string;
  /** Sent back as `revision`: the draft changed elsewhere when it differs from the stored one. */
  revision: number;
  /** 1 for a new resource; more for the next version of a published one. */
  versionNumber: number;
  publishedUrl: string | null;
  values: ShareValues;
  errors: FieldError[];
  files: DraftFile[];
  /** Files refused in the last request, with the reason in words. */
  refused: { name: string; reason: string }[];
  accept: string;
  maxBytes: number;
  options: ShareOptions;
  standards: PickedStandard[];
  /** What the last "find" (or unknown code) found; null when nothing was looked for. */
  finder: StandardFinder | null;
  /** No framework is loaded, so that no standard can be found. */
  noFrameworks: boolean;
  /** The state's scale, for "What the levels mean". */
  levels: LevelWords[];
  /** The source, where this is an adaptation, and what its license asks of the copy. */
  adaptedFrom: (LineageItem & { license: LicenseSign }) | null;
  savedAt: Date | null;
  /** The resource as it will stand on the shelf. */
  card: LiveCard;
  organization: string;
  district: string;
  /** `check_first` where the organization checks before anything is on the shelf. */
  afterwards: 'at_once' | 'check_first';
  actions: {
    /** POST, multipart. Also answers `Accept: application/json` with `SaveAnswer`. */
    save: string;
    /** POST, multipart, one `files` part: the script sends each file by itself and is answered `UploadAnswer`. */
    upload: string;
    preview: string;
  };
}

/** What was typed, as it was typed. */
export interface ShareValues {
  title: string;
  summary: string;
  description: string;
  url: string;
  minutes: string;
  keywords: string;
  authors: string;
  publisher: string;
  find: string;
}

/** Every choice of the form, with `chosen` set from the draft. */
export interface ShareOptions {
  types: Option[];
  subjects: Option[];
  grades: Option[];
  /** By top topic. */
  topics: OptionGroup[];
  settings: Option[];
  languages: Option[];
  licenses: ShareLicense[];
  visibilities: { value: Visibility; chosen: boolean; possible: boolean }[];
}

/** A license as a choice; `possible` is false where the source's license rules it out. */
export interface ShareLicense {
  license: LicenseWords;
  chosen: boolean;
  possible: boolean;
}

export interface DraftFile {
  id: string;
  name: string;
  kind: FileKind;
  format: string;
  bytes: number;
  pages: number | null;
  educatorsOnly: boolean;
  main: boolean;
  state: FileState;
  unscanned: boolean;
}

/** Standards offered for what was looked for. `browse` is the ways in when nothing was typed. */
export interface StandardFinder {
  query: string;
  found: { tab: StandardTab; framework: string; path: string[]; picked: boolean }[];
  /** Codes that nothing has, each with near ones. */
  unknown: { text: string; near: StandardTab[] }[];
}

/** The card beside the form. */
export interface LiveCard {
  title: string;
  summary: string;
  language: string;
  type: string | null;
  grades: string[];
  levels: LevelSign[];
  standards: StandardTab[];
  minutes: number | null;
  thumb: PageImage | null;
  kind: FileKind;
  authors: string;
  organization: string;
}

/** JSON answer to an autosave (200). 409 carries `conflictUrl` instead; 401 `signInUrl`. */
export interface SaveAnswer {
  revision: number;
  savedAt: string;
  errors: FieldError[];
  conflictUrl?: string;
  signInUrl?: string;
}

/** JSON answer to one uploaded file: 201 with `html` of its row (component `share/file`), 4xx with `message` in words. */
export interface UploadAnswer {
  id?: string;
  html?: string;
  title?: string;
  message?: string;
  signInUrl?: string;
}

/** `resources/new`: begins a draft. POST with `files`, `url`, `title`, all optional, `organization` where there are several. */
export interface ShareStartPage {
  actionUrl: string;
  drafts: { title: string; url: string; savedAt: Date }[];
  organizations: Option[];
  /** Set when the reader came from an empty rung: sent along as `standard` and `level`. */
  preset: { tab: StandardTab; level: LevelSign | null } | null;
  hidden: HiddenField[];
  values: { url: string };
  errors: FieldError[];
  refused: { name: string; reason: string }[];
  accept: string;
  maxBytes: number;
}

/** `resources/check`: everything once more before it is published. */
export interface CheckPage {
  card: ResourceCard;
  /** Whether somebody said what others may do; `none`: nothing was chosen yet. */
  license: 'stated' | 'unknown' | 'none';
  versionNumber: number;
  files: DraftFile[];
  link: string | null;
  standards: PickedStandard[];
  topics: string[];
  /** Must be mended first; each leads to its field on the form. */
  problems: { message: string; url: string }[];
  /** May be mended: no summary, no level, a file still waiting. */
  hints: { message: string; url: string }[];
  changeNote: string;
  errors: FieldError[];
  revision: number;
  afterwards: 'at_once' | 'check_first';
  editUrl: string;
  /** POST with `revision` and, from the second version on, `note`. */
  publishUrl: string;
  /** What looks like data of students, in words: its author must say that it is none. */
  students: string[];
}

/** `resources/conflict` (409): the draft was changed in another tab. Each field in both wordings; radio `keep-<name>`. */
export interface ConflictPage {
  title: string;
  theirsSavedAt: Date;
  revision: number;
  fields: { name: string; label: string; mine: string; theirs: string }[];
  /** POST: saves the chosen wordings. */
  actionUrl: string;
  hidden: HiddenField[];
  /** Leaves mine unsaved and opens the stored draft. */
  theirsUrl: string;
}
