import type { CallItem } from '../curation/call-view.ts';
import type { CollectionCard } from '../collections/collection-view.ts';
import type { ShelfItem } from '../resources/resource-view.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import type { LevelWords, Term } from '../vocabularies/vocabulary-view.ts';
import type { CountedLink, Link } from '../web/page-parts.ts';

/** `home/index`. */
export interface HomePage {
  resources: number;
  districts: number;
  checked: number;
  /** Some of them stand at a level of a standard. */
  aligned: boolean;
  /** Searches to try, each of which finds something. */
  tries: Link[];
  subjects: Term[];
  grades: string[];
  levels: LevelWords[];
  /** "Checked lately", or the newest where nothing has been checked yet. */
  shelf: {
    kind: 'checked' | 'newest';
    items: ShelfItem[];
    allUrl: string;
    /** What the reader teaches; `first`: the first `found` items are for it. POST `first` to `/account/home` switches. */
    teaching: { subjects: Term[]; grades: string[]; first: boolean; found: number; url: string } | null;
  };
  /** What the state chose to stand here. */
  collections: CollectionCard[];
  bySubject: CountedLink[];
  /** What is called for. */
  calls: CallItem[];
  /** Rungs that nobody has filled, best known standards first. */
  gaps: { tab: StandardTab; level: LevelWords; shareUrl: string }[];
}
