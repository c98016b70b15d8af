import type { SafeHtml } from '../lib/safe-html.ts';
import type { PageImage, ResourceCard } from '../resources/resource-view.ts';
import type { ActiveFilter, Facet } from '../search/search-view.ts';
import type { FieldError, HiddenField, Link, Option, Pager } from '../web/page-parts.ts';
import type { CollectionKind, CollectionVisibility } from './collection-policy.ts';

/** A collection in a list. */
export interface CollectionCard {
  id: string;
  url: string;
  title: string;
  kind: CollectionKind;
  visibility: CollectionVisibility;
  featured: boolean;
  /** The first words of its description, as text. */
  summary: string;
  owner: string;
  organization: Link;
  /** Of what this reader may see; null for one kept by a rule, whose number only a search knows. */
  count: number | null;
  cover: PageImage | null;
  updatedAt: Date;
  /** The reader may change it. */
  mine: boolean;
}

/** `collections/index`. */
export interface CollectionsPage {
  /** Null for the public. */
  mine: CollectionCard[] | null;
  shared: CollectionCard[];
  featured: CollectionCard[];
  others: CollectionCard[];
  /** Taken away within the last month. */
  deleted: { title: string; deletedAt: Date; restoreUrl: string }[];
  newUrl: string | null;
}

/** An item as it is read: a resource with what was written about it here. */
export interface CollectionEntry extends ResourceCard {
  found: null;
  why: null;
  note: SafeHtml | null;
}

export interface CollectionPart {
  id: string | null;
  /** Null: what stands before the first section. */
  title: string | null;
  items: CollectionEntry[];
}

/** What a rule asks for, in words. */
export interface RuleWords {
  words: string;
  chips: ActiveFilter[];
  searchUrl: string;
}

/** `collections/show` and `collections/print`. */
export interface CollectionPage {
  id: string;
  title: string;
  language: string;
  kind: CollectionKind;
  visibility: CollectionVisibility;
  featured: boolean;
  description: SafeHtml | null;
  owner: string;
  organization: Link;
  /** `url` is null where the original can't be seen any more. */
  copiedFrom: { title: string; owner: string; url: string | null } | null;
  updatedAt: Date;
  /** Of all pages. */
  total: number;
  parts: CollectionPart[];
  rule: (RuleWords & { shown: number; engineNotice: boolean }) | null;
  pager: Pager | null;
  /** How many of all are on the printed page and in the zip. */
  taken: number;
  actions: {
    zipUrl: string | null;
    printUrl: string | null;
    searchUrl: string | null;
    editUrl: string | null;
    /** POST, with `key`. */
    copyUrl: string | null;
    key: string | null;
    signInUrl: string | null;
    /** POST with `do`. */
    featureUrl: string | null;
    /** POST. */
    closeUrl: string | null;
    /** POST. */
    leaveUrl: string | null;
  };
  permalink: string;
}

/** An item as it is arranged. */
export interface EditedItem {
  id: string;
  title: string;
  language: string;
  url: string;
  thumb: PageImage | null;
  kind: ResourceCard['kind'];
  about: string;
  note: string;
  revision: number;
  section: string;
  actionUrl: string;
  first: boolean;
  last: boolean;
}

export interface EditedSection {
  id: string | null;
  title: string | null;
  revision: number;
  actionUrl: string | null;
  first: boolean;
  last: boolean;
  items: EditedItem[];
}

/** A first page that can stand on the cover. */
export interface CoverChoice {
  value: string;
  label: string;
  language: string;
  thumb: PageImage;
  chosen: boolean;
}

/** `collections/edit`: what stands in it, in which order, and all about it. */
export interface CollectionEditPage {
  id: string;
  kind: CollectionKind;
  title: string;
  url: string;
  values: { title: string; description: string; visibility: CollectionVisibility };
  revision: number;
  visibilities: Option[];
  /** Who looks after it besides decides nothing about who sees it. */
  mayShare: boolean;
  mayDescribe: boolean;
  covers: CoverChoice[];
  sections: EditedSection[];
  sectionOptions: { value: string; label: string }[];
  count: number;
  most: number;
  /** Items that the editor put in and that they can't see any more. */
  gone: number;
  rule: (RuleWords & { editUrl: string; hits: EditedItem[]; total: number; out: EditedItem[] }) | null;
  link: { url: string; actionUrl: string } | null;
  editors: {
    id: string;
    name: string;
    email: string;
    organization: string;
    active: boolean;
    removeUrl: string | null;
  }[];
  owner: string;
  mayInvite: boolean;
  typed: { section: string; resource: string; email: string };
  actionUrl: string;
  itemsUrl: string;
  sectionsUrl: string;
  editorsUrl: string;
  goneUrl: string;
  deleteUrl: string | null;
  feature: { url: string; featured: boolean } | null;
  errors: FieldError[];
}

/** `collections/new`. */
export interface CollectionNewPage {
  values: { title: string; description: string; visibility: CollectionVisibility };
  visibilities: Option[];
  errors: FieldError[];
  /** Of the rule, where one is made from a search. */
  rule: RuleForm | null;
}

/** The choices of a rule, and what it finds now. */
export interface RuleForm {
  words: string;
  /** The words of the rule as it was kept: left as they are, nothing new is read from them. */
  keptWords: string;
  /** Codes, separated by commas. */
  standards: string;
  sorts: Option[];
  facets: Facet[];
  preview: RulePreview | null;
}

export interface RulePreview {
  total: number;
  /** Of all that the editor may see. */
  all: number;
  /** Nothing has it, everything has it, or things have only some of its words. */
  warning: 'nothing' | 'everything' | 'relaxed' | null;
  chips: ActiveFilter[];
  words: string;
  first: Link[];
  /** Codes and values that nobody knows. */
  unknown: string[];
  /** The rule that is shown here; sent along, so that saving it needs no second look. */
  address: string;
}

/** `collections/rule`. */
export interface CollectionRulePage {
  title: string;
  url: string;
  actionUrl: string;
  revision: number;
  form: RuleForm;
  /** What somebody else set meanwhile, as a search; null where nobody did. */
  theirsUrl: string | null;
  errors: FieldError[];
}

/** `collections/conflict`: somebody else changed a text meanwhile. */
export interface CollectionConflictPage {
  title: string;
  fields: { name: string; label: string; mine: string; theirs: string; rows: number; maxlength: number }[];
  actionUrl: string;
  hidden: HiddenField[];
  backUrl: string;
}

/** `collections/add`: into which collection a resource is put. */
export interface CollectionAddPage {
  resource: { title: string; url: string; language: string };
  actionUrl: string;
  collections: {
    id: string;
    title: string;
    count: number;
    has: boolean;
    full: boolean;
    visibility: CollectionVisibility;
  }[];
  values: { collection: string; title: string; note: string };
  errors: FieldError[];
}
