import type { FieldError, Link, Option } from '../web/page-parts.ts';
import type { Touched } from './vocabulary-change.ts';
import type { LevelSign } from './vocabulary-view.ts';

/** A place in an ordered list: buttons that move it. */
interface Moves {
  /** Takes `by`: up or down. */
  moveUrl: string;
  first: boolean;
  last: boolean;
}

/** A topic in the tree. */
export interface TopicRow extends Moves {
  id: string;
  name: string;
  /** The page on which it is changed. */
  url: string;
  /** From 0. */
  depth: number;
  /** Where it isn't that of the topic above. */
  subject: string | null;
  /** On the shelf, with everything below it. */
  resources: number;
  shelfUrl: string;
}

/** `admin/topics`: the tree, and a form to add to it. */
export interface AdminTopicsPage {
  total: number;
  /** Words that are looked for; empty: the tree is shown. */
  query: string;
  /** What has all of these words in its name or above it. */
  found: { id: string; name: string; above: string; url: string; resources: number; shelfUrl: string }[];
  /** The topics at the top, each with all below it in reading order. */
  branches: { top: TopicRow; below: TopicRow[] }[];
  values: { name: string };
  under: Option[];
  subjects: Option[];
  /** Some list that sharing needs is empty. */
  starter: boolean;
  errors: FieldError[];
}

/** `admin/topic`: one topic, and what can be done with it. */
export interface AdminTopicPage {
  name: string;
  path: string;
  actionUrl: string;
  shelfUrl: string;
  touched: Touched;
  below: number;
  values: { name: string };
  subjects: Option[];
  /** Where it can go; the first is the top of the tree. */
  under: Option[];
  into: Option[];
  removable: boolean;
  errors: FieldError[];
}

/** `admin/terms`: subjects, kinds or settings in their order, and a form to add one. */
export interface AdminTermsPage {
  list: 'subjects' | 'types' | 'settings';
  terms: (Moves & { name: string; url: string; resources: number; shelfUrl: string; retired: boolean })[];
  values: { name: string };
  actionUrl: string;
  starter: boolean;
  errors: FieldError[];
}

/** `admin/term`: one subject, kind or setting. */
export interface AdminTermPage {
  list: 'subjects' | 'types' | 'settings';
  name: string;
  retired: boolean;
  actionUrl: string;
  shelfUrl: string;
  touched: Touched;
  values: { name: string };
  into: Option[];
  removable: boolean;
  errors: FieldError[];
}

/** `admin/licenses`: all licenses in their order. */
export interface AdminLicensesPage {
  licenses: (Moves & {
    code: string;
    name: string;
    url: string;
    offered: boolean;
    /** The first of its plain words. */
    may: string[];
    must: string[];
    mayNot: string[];
    resources: number;
    shelfUrl: string;
  })[];
  newUrl: string;
  starter: boolean;
}

/** `admin/license`: one license with its plain words, or a new one. */
export interface AdminLicensePage {
  /** Null: a new one. */
  code: string | null;
  name: string;
  actionUrl: string;
  touched: Touched | null;
  seen: string;
  values: { code: string; name: string; url: string; may: string; must: string; mayNot: string };
  offered: boolean;
  /** `unknown` says that nobody knows, so it can't be offered. */
  mayBeOffered: boolean;
  /** What it allows, as facts that search and adaptations go by; fixed once it is there. */
  facts: { name: string; label: string; chosen: boolean }[];
  removable: boolean;
  errors: FieldError[];
}

/** `admin/preview`: what a change does, before it is made. */
export interface AdminPreviewPage {
  /** The page of lists that it belongs to, for the navigation. */
  place: string;
  back: Link[];
  title: string;
  touched: Touched | null;
  lines: string[];
  /** So many that a job makes it. */
  waits: boolean;
  /** Somebody has changed something about it since it was looked at. */
  changed: boolean;
  fields: { name: string; value: string }[];
  actionUrl: string;
  confirm: string;
  cancelUrl: string;
}

/** `admin/vocabulary-change`: a change of very many resources, and how far it is. */
export interface AdminChangePage {
  place: string;
  back: Link[];
  title: string;
  state: 'waiting' | 'done' | 'refused';
  resources: number;
  unindexed: number;
  percent: number;
  by: string | null;
  at: Date;
  url: string;
}

/** `admin/levels`: the state's scale as one form, a form for another level, and ways to the standards' own words. */
export interface AdminLevelsPage {
  scale: string;
  seen: string;
  levels: {
    id: string;
    sign: LevelSign;
    name: string;
    wording: string;
    /** From 1, lowest first. */
    place: string;
    resources: number;
    /** Standards that have words of their own for it. */
    described: number;
    removable: boolean;
  }[];
  values: { name: string; wording: string };
  actionUrl: string;
  starter: boolean;
  errors: FieldError[];
}
