import type { CountedLink, FieldError, Link, Option } from '../web/page-parts.ts';
import type { UploadState } from './upload-states.ts';
import type { Touched } from '../vocabularies/vocabulary-change.ts';
import type { LevelSign, LevelWords } from '../vocabularies/vocabulary-view.ts';

/** How a resource relates to a standard. */
export type Relation = 'teaches' | 'assesses' | 'requires' | 'related';

/** A standard as the tabbed label that stands wherever a standard is named. */
export interface StandardTab {
  guid: string;
  /** The human code, or a short form of the statement where the framework gives none. */
  code: string;
  url: string;
  statement: string;
  retired: boolean;
}

/** How many resources stand at one level of a standard (or of a whole branch). */
export interface LevelCount extends LevelSign {
  count: number;
  checked: number;
  url: string;
}

/** A framework in a list. */
export interface FrameworkCard {
  guid: string;
  title: string;
  url: string;
  publisher: string | null;
  subject: string | null;
  /** Such as "2024"; null where the framework doesn't say. */
  year: string | null;
  standards: number;
  resources: number;
  status: 'adopted' | 'draft' | 'retired';
}

/** `standards/index`: all frameworks, and a box that takes a code or words. */
export interface StandardsPage {
  frameworks: FrameworkCard[];
  retired: FrameworkCard[];
  /** What was typed into the box, and what it found; null when nothing was typed. */
  lookup: { query: string; found: StandardListItem[] } | null;
}

/** A standard in a list below a framework, a domain or a parent. `depth` counts from 0 in the list that is shown. */
export interface StandardListItem {
  tab: StandardTab;
  kind: 'group' | 'standard';
  grades: string[];
  depth: number;
  resources: number;
  checked: number;
  /** Per level of the state's scale, lowest first; empty for a group. */
  levels: LevelCount[];
  language: string;
}

/** `standards/framework`: one framework, filtered by grade or domain, as a tree in reading order. */
export interface FrameworkPage {
  framework: FrameworkCard;
  crumbs: Link[];
  description: string | null;
  license: Link | null;
  language: string;
  /** The grades that the framework has, each with its address and whether it is the one shown. */
  grades: { grade: string; url: string; count: number; current: boolean }[];
  /** Its top-level groups (domains), each with its address and whether it is the one shown. */
  domains: (CountedLink & { code: string | null; current: boolean })[];
  /** The address without a grade and a domain; null when nothing is chosen. */
  allUrl: string | null;
  items: StandardListItem[];
  /** Heads of the level columns, lowest first. */
  levels: LevelSign[];
  searchUrl: string;
  caseUrl: string | null;
}

/** One rung of the ladder: what a student at that level does, and the shelf for it. */
export interface Rung<Item> {
  level: LevelWords;
  count: number;
  checked: number;
  items: Item[];
  /** Everything at this level, as a search. */
  allUrl: string;
  /** Opens the share form with this standard and level chosen. */
  shareUrl: string;
  /** What is called for here. */
  call: RungCall | null;
  /** The nearest rung that has something to adapt; null when the whole ladder is empty. */
  adaptFrom: Link | null;
}

/** A call for lessons that is out. */
export interface RungCall {
  url: string;
  words: string;
  /** Who calls. */
  by: string;
  closesOn: Date | null;
  shareUrl: string;
}

/** `standards/show`: a standard as a ladder of competency levels. `Item` is the shelf item of the resources feature. */
export interface StandardPage<Item> {
  tab: StandardTab;
  crumbs: Link[];
  framework: Link;
  language: string;
  kind: 'group' | 'standard';
  /** Clarification or notes of the framework, plain text. */
  notes: string | null;
  grades: string[];
  total: number;
  checked: number;
  searchUrl: string;
  rungs: Rung<Item>[];
  /** What is called for at any level. */
  call: RungCall | null;
  /** Resources aligned without a level. */
  unplaced: { count: number; items: Item[]; allUrl: string } | null;
  sort: 'used' | 'newest' | 'shortest';
  checkedOnly: boolean;
  parent: { tab: StandardTab } | null;
  siblings: { tab: StandardTab; count: number; current: boolean }[];
  children: { tab: StandardTab; count: number }[];
  buildsOn: StandardTab[];
  leadsTo: StandardTab[];
  /** The same idea in other frameworks. `match` is a CASE association type in words. */
  crosswalk: { framework: string; tab: StandardTab; match: string }[];
  /** Set where the standard was retired: what replaces it, if the framework says. */
  replacedBy: StandardTab[];
}

/** A level select beside a picked standard needs all levels of the standard's scale. */
export interface PickedStandard {
  tab: StandardTab;
  /** Chosen level's slug; empty when none is chosen yet. */
  level: string;
  levels: LevelWords[];
  /** Those levels for which the standard has words of its own. */
  own: LevelWords[];
  relation: Relation;
}

/** `admin/standards`: a form to load a framework. */
export interface AdminStandardsPage {
  errors: FieldError[];
  maxBytes: number;
}

/** What loading one package did; the five counts add up to the standards in the package and those it no longer has. */
export interface FrameworkReport {
  fileName: string;
  title: string;
  url: string;
  added: number;
  changed: number;
  unchanged: number;
  retired: number;
  removed: number;
  warnings: string[];
}

/** `admin/descriptors-find`: the standard whose levels are to be described. */
export interface DescriptorsFindPage {
  q: string;
  /** Each leads to its form. */
  found: { tab: StandardTab; framework: string; language: string }[];
}

/** `admin/descriptors`: what each level looks like for one standard. */
export interface DescriptorsPage {
  tab: StandardTab;
  statement: string;
  framework: string;
  language: string;
  seen: string;
  levels: {
    id: string;
    sign: LevelSign;
    general: string;
    words: string;
    /** What somebody else wrote meanwhile. */
    now: string | null;
  }[];
  actionUrl: string;
  errors: FieldError[];
}

/** `admin/rubrics`: a form for a file of CASE rubrics. */
export interface RubricsPage {
  actionUrl: string;
  maxBytes: number;
  errors: FieldError[];
}

/** `admin/rubrics-look`: what the rubrics of a file would do. */
export interface RubricsLookPage {
  fileName: string;
  counts: { fresh: number; changed: number; same: number; unknown: number; leftOut: number };
  standards: number;
  /** Names of levels in the file, each with the state's levels. */
  meanings: { field: string; name: string; options: Option[] }[];
  examples: { code: string; url: string; level: string; before: string; after: string }[];
  warnings: string[];
  actionUrl: string;
}

/** `admin/frameworks`: all frameworks in their order, also those that are hidden. */
export interface AdminFrameworksPage {
  frameworks: {
    title: string;
    url: string;
    facts: (string | null)[];
    status: FrameworkCard['status'];
    own: boolean;
    visible: boolean;
    standards: number;
    retired: number;
    resources: number;
    loadedAt: Date;
    moveUrl: string;
    first: boolean;
    last: boolean;
  }[];
  loadUrl: string;
}

/** `admin/framework`: where one framework came from, and whether it is the state's own and shown. */
export interface AdminFrameworkPage {
  title: string;
  shelfUrl: string;
  publisher: string | null;
  version: string | null;
  format: string | null;
  sourceUrl: string | null;
  loadedAt: Date;
  changedAt: Date | null;
  standards: number;
  retired: number;
  own: boolean;
  visible: boolean;
  seen: string;
  touched: Touched;
  actionUrl: string;
}

/** `admin/framework-upload`: a file of standards before and after it is taken in. */
export interface FrameworkUploadPage {
  state: UploadState;
  title: string;
  fileName: string;
  by: string | null;
  at: Date;
  url: string;
  fault: string | null;
  report: FrameworkReport | null;
  /** Resources that it concerns; null once it is taken in. */
  resources: number | null;
  lists: {
    name: 'created' | 'updated' | 'retired' | 'removed';
    total: number;
    items: { code: string; words: string }[];
  }[];
  /** All of the lists; null where nothing is known yet. */
  csvUrl: string | null;
  buttons: ('load' | 'drop')[];
}
