import type { FlagKind } from './flags/flag-kinds.ts';
import type { VoiceSection } from './voices/voice-view.ts';
import type { SafeHtml } from '../lib/safe-html.ts';
import type { Relation, StandardTab } from '../standards/standard-view.ts';
import type { LevelSign, LicenseSign, LicenseWords, Term } from '../vocabularies/vocabulary-view.ts';
import type { Link } from '../web/page-parts.ts';

export type Visibility = 'public' | 'state' | 'district' | 'school';

/** The second axis of a resource's or an alignment's life (the first is draft, published, withdrawn). */
export type CheckStatus = 'claimed' | 'in_check' | 'checked' | 'disputed' | 'returned';

/** Who checked, as far as it may be shown. `by` and the rest are null while nobody has. */
export interface CheckSign {
  status: CheckStatus;
  by: 'state' | 'district' | null;
  checker: string | null;
  on: Date | null;
}

/** An image of a document's page, made by us; width and height in CSS pixels. */
export interface PageImage {
  url: string;
  width: number;
  height: number;
}

/** Chooses the drawing that stands in for a missing preview, and the words for a file's kind. */
export type FileKind =
  'document' | 'slides' | 'sheet' | 'image' | 'audio' | 'video' | 'book' | 'text' | 'link' | 'package';

/** How many distinct people pressed "I used this", and in how many districts. A group under five is given as null. */
export interface UseCount {
  people: number;
  districts: number | null;
}

/** What every list shows of a resource: enough to decide without a click. */
export interface ResourceCard {
  id: string;
  url: string;
  title: string;
  /** BCP 47, set as `lang` on title and summary. */
  language: string;
  summary: string | null;
  type: Term | null;
  subjects: Term[];
  /** `PK K 1 … 12` in order. */
  grades: string[];
  /** Distinct levels of its alignments (or its own), lowest first. */
  levels: LevelSign[];
  /** The first four standards, and how many more there are. */
  standards: StandardTab[];
  moreStandards: number;
  minutes: number | null;
  license: LicenseSign;
  /** Names as they should be read; empty where nobody is named. */
  authors: string;
  /** The school or district it belongs to. */
  organization: Link;
  check: CheckSign;
  used: UseCount;
  thumb: PageImage | null;
  kind: FileKind;
  /** Of the main file: "PDF", "Word", or the host of a link; null without either. */
  format: string | null;
  pages: number | null;
  /** How many files it has that this reader may see. */
  files: number;
  adaptedFrom: Link | null;
  visibility: Visibility;
  /** Whether the reader keeps it on their shelf; null for someone who isn't signed in. */
  saved: boolean | null;
  /** Where a POST saves it or takes it off the shelf again; null for someone who isn't signed in. */
  saveUrl: string | null;
}

/** A resource standing on a shelf: less than a card. `why` says why it stands here ("The level after"). */
export interface ShelfItem {
  id: string;
  url: string;
  title: string;
  language: string;
  type: Term | null;
  grades: string[];
  level: LevelSign | null;
  minutes: number | null;
  authors: string;
  organization: Link;
  check: CheckSign;
  used: UseCount;
  thumb: PageImage | null;
  kind: FileKind;
  why:
    | 'level-after'
    | 'level-before'
    | 'same-rung'
    | 'same-standard'
    | 'same-topic'
    | 'same-words'
    | 'adaptable'
    | null;
}

/** What the virus check makes of a file. */
export type FileState = 'ready' | 'waiting' | 'refused' | 'unscannable';

/** A file as the resource page lists it. */
export interface FileItem {
  id: string;
  name: string;
  kind: FileKind;
  /** "PDF", "Word", "Slides" … as the files feature names it. */
  format: string;
  bytes: number;
  pages: number | null;
  /** Hidden from the public: answer keys. */
  educatorsOnly: boolean;
  /**
   * `waiting`: the virus check hasn't finished and it can't be taken yet; `refused`: the check found something;
   * `unscannable`: the check can't look into it, so it stays closed.
   */
  state: FileState;
  /** Staff see this where no virus scanner is configured. */
  unscanned: boolean;
  /** The download; null while it isn't ready. */
  url: string | null;
  /** Opens in the browser (PDF, image, audio, video); null otherwise. */
  openUrl: string | null;
  /** Its pages as images; null where there are none. */
  pagesUrl: string | null;
  /** Its text, page by page; null where there is none. */
  textUrl: string | null;
  preview: PageImage | null;
}

/** "Look inside": the first pages of the main file. */
export interface LookInside {
  fileName: string;
  totalPages: number;
  /** At most three. `text` begins the page's text and becomes the image's alternative. */
  pages: { number: number; image: PageImage; text: string | null; url: string }[];
  pagesUrl: string;
  textUrl: string | null;
  /** Where it is an audio or video file, or a single picture: played or shown in place. */
  media: { kind: 'audio' | 'video' | 'image'; url: string; type: string; captionsUrl: string | null } | null;
}

/** One alignment: a standard, the level, who claims it and how the check went. */
export interface AlignmentRow {
  tab: StandardTab;
  relation: Relation;
  level: LevelSign | null;
  check: CheckSign;
  /** What the checker wrote, where it may be shown. */
  note: string | null;
}

export interface VersionRow {
  number: number;
  url: string;
  note: string | null;
  publishedAt: Date;
  current: boolean;
  shown: boolean;
}

/** Another resource in the family. `url` is null where it may not be seen or no longer exists; the credit stays. */
export interface LineageItem {
  title: string;
  language: string;
  url: string | null;
  authors: string;
  organization: string | null;
  on: Date | null;
  /** What the adapter says they changed. */
  note: string | null;
}

/** What is said to be wrong; `url`: where staff decide. */
export interface FlagNote {
  kind: FlagKind;
  note: string;
  on: Date;
  url: string | null;
}

/** What a colleague wrote after using it. */
export interface UseNote {
  person: string;
  organization: string;
  on: Date;
  text: string;
}

/** Why a copy can't be adapted: the license forbids changes, isn't known, or keeps it in the owner's hands. */
export type AdaptRefusal =
  'no-derivatives' | 'ask-first' | 'all-rights-reserved' | 'withdrawn' | 'not-a-teacher';

/** What the reader may do here: an address for each action they may take, null for the rest. */
export interface ResourceActions {
  /** One file, or the zip when there are several. */
  take: { url: string; label: 'file' | 'zip'; format: string; bytes: number } | null;
  /** GET: starts an adaptation (signs the reader in first if need be). */
  adaptUrl: string | null;
  adaptRefused: AdaptRefusal | null;
  /** POST: toggles. */
  save: { url: string; saved: boolean } | null;
  /** POST with `note` and `rating` (both optional); null for its own authors. `said`: a note of the reader stands there, to be changed. */
  use: { url: string; used: boolean; said: boolean } | null;
  /** Sign-in address that comes back here; set for someone who isn't signed in. */
  signInUrl: string | null;
  editUrl: string | null;
  /** POST with `reason` (optional). */
  withdrawUrl: string | null;
  /** POST. */
  restoreUrl: string | null;
  /** How its checks went, for its authors and curators. */
  checksUrl: string | null;
  /** Its check, for its curators. */
  checkUrl: string | null;
}

/** `resources/show` and `resources/version`. */
export interface ResourcePage {
  card: ResourceCard;
  crumbs: Link[];
  version: { number: number; publishedAt: Date; note: string | null; current: boolean; currentUrl: string };
  /** Someone opened a draft of the next version (owner and co-authors only). */
  draftUrl: string | null;
  description: SafeHtml | null;
  /** `deadSince`: it has not answered for days. */
  link: { url: string; host: string; deadSince: Date | null } | null;
  look: LookInside | null;
  files: FileItem[];
  zip: { url: string; bytes: number } | null;
  alignments: AlignmentRow[];
  topics: Link[];
  languageName: string;
  setting: Term | null;
  keywords: string[];
  publisher: string | null;
  /** The same resource in other languages. */
  translations: Link[];
  license: LicenseWords;
  lineage: { from: LineageItem[]; children: LineageItem[]; moreChildren: number };
  versions: VersionRow[];
  voices: VoiceSection;
  /** A flag hides it from all but its authors and staff. */
  held: boolean;
  /** Open flags, for its authors and staff. */
  flags: FlagNote[];
  /** What the reader reported themselves and nobody has decided. */
  reported: { kind: FlagKind; on: Date }[];
  /** Where one says that something is wrong; null on an old version. */
  flagUrl: string | null;
  /** Collections that hold it, of those that the reader may see. */
  collections: Link[];
  next: ShelfItem[];
  actions: ResourceActions;
  /** Absolute address to share. */
  permalink: string;
  /** How to give credit, ready to copy: title, authors, organization, address, license. Null where no credit is needed. */
  credit: string | null;
}

/** `resources/pages`: a file's pages as images, or as plain text. */
export interface FilePagesPage {
  resource: { title: string; url: string; language: string };
  file: FileItem;
  mode: 'images' | 'text';
  /** The address of the other mode; null where there is none. */
  otherUrl: string | null;
  pages: { number: number; image: PageImage | null; text: string | null }[];
}

/** `resources/withdrawn`, answered with 410: the tombstone for whoever could see the resource. */
export interface WithdrawnPage {
  /** Null after a takedown, which hides the title too. */
  title: string | null;
  language: string;
  withdrawnAt: Date;
  reason: string | null;
  takedown: boolean;
  /** POST: for its owner. */
  restoreUrl: string | null;
  searchUrl: string;
  next: ShelfItem[];
}

/** `resources/adapt-refused`. */
export interface AdaptRefusedPage {
  resource: { title: string; url: string; language: string };
  reason: AdaptRefusal;
  license: LicenseWords;
  organization: Link;
  /** Others for the same standard that may be adapted. */
  next: ShelfItem[];
}

/** `resources/adapt`: what an adaptation will be, before it is begun. POST to `actionUrl`. */
export interface AdaptPage {
  resource: { title: string; url: string; language: string };
  actionUrl: string;
  /** Sent along, so that a second press makes no second copy. */
  key: string;
  license: LicenseSign;
  /** Names of the licenses that the copy may carry. */
  licenses: string[];
}
