import type { SafeHtml } from '../lib/safe-html.ts';
import type { NoticeList } from '../notices/notice-view.ts';
import type {
  CheckSign,
  FileKind,
  LineageItem,
  PageImage,
  ShelfItem,
  UseNote,
  Visibility,
} from '../resources/resource-view.ts';
import type { MailRhythm } from '../search/saved-search-schema.ts';

/** One of my resources in a list of my shelf. */
export interface MyResource {
  id: string;
  title: string;
  language: string;
  url: string;
  thumb: PageImage | null;
  kind: FileKind;
  type: string | null;
  visibility: Visibility;
  check: CheckSign;
  version: number;
  /** Drafts: last saved; published: published; withdrawn: withdrawn. */
  on: Date;
  /** The draft (of this or the next version) to carry on with; null when there is none. */
  draftUrl: string | null;
  /** Opens (or begins) the next version. */
  editUrl: string | null;
  /** POST. */
  withdrawUrl: string | null;
  /** POST. */
  restoreUrl: string | null;
  /** POST: throws a draft away. */
  discardUrl: string | null;
  reuse: Reuse | null;
  /** How its checks went; null while nobody has looked or asked. */
  checksUrl: string | null;
  /** What is to be mended, where a curator sent it back; printed as it is. */
  mend: SafeHtml | null;
}

/** What colleagues did. Null where the group is under five people or, for a district, not shown. */
export interface Reuse {
  opened: number;
  taken: number;
  used: number | null;
  adapted: number;
}

/** `shelf/index`. */
export interface ShelfPage {
  /** What is new for me. POST `/notices/seen` marks it as seen. */
  notices: NoticeList;
  drafts: MyResource[];
  published: MyResource[];
  withdrawn: MyResource[];
  saved: (ShelfItem & { saveUrl: string })[];
  searches: { name: string; url: string; mail: MailRhythm }[];
  /** Over all my resources; null when nothing of mine was ever published. */
  reuse: Reuse | null;
  byDistrict: { district: string; url: string; opened: number; taken: number; used: number | null }[];
  notes: (UseNote & { title: string; url: string })[];
  adaptations: (LineageItem & { of: string })[];
}
