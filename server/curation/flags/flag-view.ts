import type { FlagKind } from '../../resources/flags/flag-kinds.ts';
import type { FieldError, Link, Option, Pager } from '../../web/page-parts.ts';
import type { FlagState } from './flag-machine.ts';

/** `curate/flags`: what people report. GET `show`, `kind`, `page`. */
export interface FlagsPage {
  show: 'open' | 'decided';
  tabs: (Link & { current: boolean })[];
  kinds: Option[];
  total: number;
  flags: {
    url: string;
    kind: FlagKind;
    about: 'resource' | 'voice';
    /** Null: purged. */
    title: string | null;
    language: string;
    organization: string;
    note: string;
    /** Null: somebody who wasn't signed in. */
    person: string | null;
    on: Date;
    /** It hides something while it is open. */
    hides: boolean;
    state: FlagState;
    decided: { on: Date; by: string | null } | null;
  }[];
  pager: Pager | null;
  takedownsUrl: string;
}

/** `curate/flag`: one of them. POST `move`, `note`, `version` to `actionUrl`. */
export interface FlagDecisionPage {
  kind: FlagKind;
  about: 'resource' | 'voice';
  state: FlagState;
  note: string;
  hides: boolean;
  on: Date;
  /** Null: somebody who wasn't signed in. */
  person: { name: string; organization: string } | null;
  /** They wait for an answer by mail. */
  mail: boolean;
  version: number | null;
  decided: { on: Date; by: string; note: string } | null;
  resource: {
    title: string | null;
    /** Null: nothing is left to look at. */
    url: string | null;
    language: string;
    organization: string;
    owner: string | null;
    /** Where it leads, for one that is a link. */
    link: string | null;
    number: number;
    state: 'shown' | 'held' | 'withdrawn' | 'taken_down' | 'purged' | 'draft';
    files: Link[];
  };
  voice: { kind: string; person: string; text: string } | null;
  others: { url: string; kind: FlagKind; state: FlagState; on: Date }[];
  actionUrl: string;
  /** Empty: the reader decides nothing here; `why` says why. */
  moves: Option[];
  why: string | null;
  value: string;
  purgeUrl: string | null;
  /** What changed while they looked. */
  stale: string | null;
  nextUrl: string | null;
  errors: FieldError[];
}

/** `curate/takedowns`: the log. POST `reason` to a row's `liftUrl`. */
export interface TakedownsPage {
  total: number;
  rows: {
    title: string | null;
    language: string;
    url: string | null;
    organization: string;
    kind: FlagKind;
    reason: string;
    asked: Date;
    taken: Date;
    by: string;
    state: 'down' | 'lifted' | 'purged';
    ended: { on: Date; by: string; reason: string } | null;
    liftUrl: string | null;
  }[];
  csvUrl: string;
  pager: Pager | null;
  errors: FieldError[];
}
