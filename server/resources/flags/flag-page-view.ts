import type { FlagKind } from './flag-kinds.ts';
import type { FieldError, Link, Option } from '../../web/page-parts.ts';

/** `resources/flag`: what is wrong with a resource or a comment. POST `kind`, `note`, `mail` to `actionUrl`. */
export interface FlagPage {
  resource: { title: string; url: string; language: string };
  /** What is flagged, in short; null: the resource itself. */
  voice: { person: string; text: string } | null;
  /** What the reader reported about it before and nobody has decided. */
  before: { kind: FlagKind; note: string; on: Date }[];
  actionUrl: string;
  kinds: Option[];
  values: { note: string; mail: string };
  /** Somebody who isn't signed in may leave an address. */
  asksMail: boolean;
  errors: FieldError[];
}

/** `resources/flagged`: thanks, and what happens next. */
export interface FlaggedPage {
  hidden: boolean;
  /** What comes of it is among the reader's notices. */
  told: boolean;
  /** Back to the resource, where it is still shown to the reader. */
  back: Link | null;
}
