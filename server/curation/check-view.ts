import type { SafeHtml } from '../lib/safe-html.ts';
import type { CheckSign, FileItem, LookInside, ResourceCard } from '../resources/resource-view.ts';
import type { Relation, StandardTab } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { FieldError, Option, Pager } from '../web/page-parts.ts';
import type { Fit } from './check-machine.ts';
import type { Outcome } from './decision.ts';
import type { Why } from './queue-schema.ts';

/** One line of the queue. */
export interface QueueItem {
  id: string;
  url: string;
  title: string;
  language: string;
  author: string;
  organization: string;
  /** Handed in, and not on the shelf yet. */
  submitted: boolean;
  standards: { tab: StandardTab; level: LevelSign | null }[];
  moreStandards: number;
  whys: Why[];
  since: Date;
  /** Whole school days. */
  days: number;
  late: boolean;
  /** Who has it open, or is to check it; null: nobody. */
  with: { name: string; me: boolean; open: boolean } | null;
  worst: 'hint' | 'warn' | 'stop' | null;
  /** Why somebody who checks can't decide about this one: they wrote it, or a lead settles it. */
  barred: 'own' | 'lead' | null;
  /** POST: takes it and opens its check; null where the viewer can't. */
  takeUrl: string | null;
  /** POST: gives it back; null where they don't have it. */
  backUrl: string | null;
}

/** `curate/queue`. */
export interface QueuePage {
  counts: { all: number; late: number };
  /** Of the one that waits longest, in school days; null where nothing waits. */
  oldestDays: number | null;
  promiseDays: number;
  settingsUrl: string | null;
  filters: {
    shows: Option[];
    whys: Option[];
    subjects: Option[];
    grades: Option[];
    districts: Option[];
    frameworks: Option[];
    sorts: Option[];
  };
  filtered: boolean;
  total: number;
  /** Where none is listed: how many are once it doesn't matter who has them. */
  elsewhere: number;
  /** Leads on where none is listed; null where nothing waits. */
  allUrl: string | null;
  items: QueueItem[];
  pager: Pager | null;
  /** The query string of these filters, sent along by every button. */
  back: string;
  /** POST: takes the first that is free; null where there is none. */
  startUrl: string | null;
}

/** What the portal itself found, as a sentence. */
export interface FindingItem {
  kind: string;
  severity: 'good' | 'hint' | 'warn' | 'stop';
  says: string;
  links: { label: string; url: string; language?: string }[];
}

/** A claim in the form of a check, with what was answered. */
export interface ClaimField {
  id: string;
  tab: StandardTab;
  framework: string;
  relation: Relation;
  level: LevelSign | null;
  descriptor: string | null;
  claimedAs: 'author' | 'import' | 'curator' | 'colleague';
  check: CheckSign;
  locked: boolean;
  fit: Fit | null;
  why: string;
  levels: Option[];
}

/** One thing that was decided or said about a resource. */
export type ThreadEvent = { id: string; person: string; on: Date; text: SafeHtml | null } & (
  | {
      kind: 'check';
      for: string;
      outcome: Outcome;
      settles: boolean;
      version: number | null;
      alignments: { tab: StandardTab; fit: Fit; level: LevelSign | null; note: string }[];
      rubric: string | null;
      ratings: { criterion: string; rating: number; label: string }[];
    }
  | { kind: 'answer' | 'dispute' | 'asked'; staff: boolean }
);

/** `curate/check`: a version beside the form of its check. */
export interface CurateCheckPage {
  id: string;
  card: ResourceCard;
  submitted: boolean;
  version: number;
  publishedOn: Date | null;
  changeNote: string | null;
  changedUrl: string | null;
  description: SafeHtml | null;
  link: { url: string; host: string } | null;
  files: FileItem[];
  look: LookInside | null;
  adaptedFrom: { label: string; url: string; language?: string } | null;
  check: CheckSign;
  wait: { whys: Why[]; since: Date; days: number; late: boolean } | null;
  /** Who else has it open, or is to check it. */
  with: { name: string; me: boolean; open: boolean } | null;
  findings: FindingItem[];
  /** Still being looked over. */
  findingsWait: boolean;
  events: ThreadEvent[];
  threadUrl: string;
  /** What happened meanwhile, or why nothing can be decided, in words. */
  notice: string | null;
  /** Null: the viewer can't decide; `notice` says why. */
  form: {
    actionUrl: string;
    seen: string;
    seenCheck: string;
    back: string;
    author: string;
    claims: ClaimField[];
    rubric: {
      name: string;
      scale: Option[];
      criteria: { id: string; name: string; hint: string; rating: number | null }[];
    } | null;
    note: string;
    errors: FieldError[];
    settles: boolean;
    mayWithdraw: boolean;
  } | null;
  takeUrl: string | null;
  backUrl: string | null;
  skipUrl: string | null;
  assign: { url: string; options: Option[] } | null;
  queueUrl: string;
}

/** `curate/stopped`: a decision that couldn't be written, with what was typed. */
export interface CheckStoppedPage {
  message: string;
  reason: string | null;
  resourceUrl: string | null;
  note: string;
  queueUrl: string;
}

/** `curate/settings`. */
export interface CheckSettingsPage {
  actionUrl: string;
  promise: string;
  lease: string;
  rubrics: Option[];
  own: { text: string; labels: string[] };
  others: { name: string; source: string | null; labels: string[]; criteria: string[] }[];
  errors: FieldError[];
}
/** `curate/thread`: how the checks of a resource went, for its authors and its curators. */
export interface ThreadPage {
  title: string;
  language: string;
  resourceUrl: string | null;
  version: number | null;
  check: CheckSign;
  waits: { since: Date; days: number; promiseDays: number } | null;
  events: ThreadEvent[];
  author: boolean;
  editUrl: string | null;
  checkUrl: string | null;
  answer: { url: string; text: string; errors: FieldError[] };
  /** Whether the same form may ask for a check, and dispute the decision. */
  mayAsk: boolean;
  mayDispute: boolean;
}
