import type { ResourceCard, ShelfItem } from '../resources/resource-view.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { KeepOffer } from './saved-search-view.ts';
import type { FieldError, HiddenField, Link, Pager } from '../web/page-parts.ts';

export type Sort = 'best' | 'newest' | 'used' | 'title' | 'shortest';

/** The parameters of a search that have a facet, by their names in addresses. */
export type FacetName =
  | 'level'
  | 'standard'
  | 'grade'
  | 'subject'
  | 'topic'
  | 'type'
  | 'checked'
  | 'license'
  | 'language'
  | 'district'
  | 'setting'
  | 'minutes';

/** A piece of a snippet: `mark` where the query's words are. */
export interface SnippetPart {
  text: string;
  mark: boolean;
}

/** Where inside the resource the words were found. `page` is null for text that has no pages (or the summary). */
export interface FoundInside {
  fileName: string | null;
  page: number | null;
  url: string;
  language: string;
  snippet: SnippetPart[];
}

export interface SearchHit extends ResourceCard {
  found: FoundInside | null;
  /** For staff who asked for it. */
  why: WhyHere | null;
}

/** Why a hit stands where it does: sentences on its words, and the parts of its points. */
export interface WhyHere {
  points: string;
  words: string[];
  parts: { label: string; points: string }[];
}

/**
 * How a part of the query was read. `standard`: `text` was read as a code, `wordsUrl` looks for the letters instead.
 * `filter`: `text` was read as values of a filter, `label` in words. `preferred`: as `filter`, for all that was read, but only
 * `count` fit, so they come first and others follow; `onlyUrl` leads to those few. `words`: these could have been read as filters
 * (`label`), but that would have left nothing. `file`: words for a kind of file, of which nothing is asked. `unknown`: a filter value that doesn't exist, with near ones (`near` may
 * be empty).
 */
export type Understood =
  | {
      as: 'standard';
      text: string;
      tab: StandardTab;
      /** The same code in other frameworks, or, when all of those are meant, each by itself. */
      offered: (Link & { code: string })[];
      removeUrl: string;
      wordsUrl: string;
    }
  | {
      as: 'filter';
      facet: FacetName;
      text: string;
      label: string;
      level: LevelSign | null;
      removeUrl: string;
      wordsUrl: string;
    }
  | { as: 'preferred'; label: string; count: number; onlyUrl: string }
  | { as: 'words'; texts: string[]; label: string }
  | { as: 'file'; text: string; wordsUrl: string }
  | { as: 'unknown'; facet: FacetName; text: string; removeUrl: string; near: Link[] };

/** One active filter, as a chip that can be undone. `label` for grades, checks and minutes is made from `value`. */
export interface ActiveFilter {
  facet: FacetName;
  value: string;
  label: string;
  level: LevelSign | null;
  tab: StandardTab | null;
  language: string | null;
  removeUrl: string;
}

/** One value of a facet; `count` is the number of distinct resources for the current query. */
export interface FacetOption {
  value: string;
  /** From the vocabulary. For `grade`, `checked` and `minutes` templates make the words from `value`. */
  label: string;
  count: number;
  chosen: boolean;
  level: LevelSign | null;
  /** The short code in front of a standard's words. */
  code: string | null;
  language: string | null;
  /** Trees: standards and topics. A branch with something chosen inside is shown open. */
  children: FacetOption[];
  open: boolean;
}

/** A facet in the order it is shown. Options come in reading order (grades, levels) or by count. */
export interface Facet {
  name: FacetName;
  options: FacetOption[];
  /** How many options are shown before "More"; chosen ones are always shown. */
  shown: number;
}

/** How to ask for a little less: `without` names what is left out; `label` its value in words. */
export interface Looser {
  without: FacetName | 'words' | 'everything-but-standard';
  label: string;
  url: string;
  count: number;
}

/** What the page says when nothing matches. */
export interface NothingFound {
  looser: Looser[];
  near: ShelfItem[];
  /** The rung that the search asked for and nobody has filled. */
  gap: { tab: StandardTab; level: LevelSign | null; shareUrl: string } | null;
  /** Of a rung that nobody has filled: other levels of the standard, then standards near it, that have something. */
  around: NearRung[];
}

/** Something near a standard that has resources: one of its levels, or another standard. */
export interface NearRung {
  /** `level`: of the same standard; `above`: what it is a part of; `beside`: of the same parent; `linked`: in another framework. */
  as: 'level' | 'above' | 'beside' | 'linked';
  level: LevelSign | null;
  tab: StandardTab;
  url: string;
  count: number;
}

/** `search/index`. */
export interface SearchPage {
  query: string;
  total: number;
  /** The first and last hit on this page, counted from 1; both 0 when there are none. */
  from: number;
  to: number;
  hits: SearchHit[];
  understood: Understood[];
  /** Not all hits have all of the words, and so many have; null: all of them have. */
  relaxed: { full: number } | null;
  /** All that was asked for is a code that no standard has: what is found has parts of it among its words. */
  noCode: string | null;
  /** Without a count, the hits are those of `text` already; `asTyped`: the same search with a word as it was typed. */
  didYouMean: { text: string; url: string; count: number | null; asTyped: Link[] } | null;
  filters: ActiveFilter[];
  clearUrl: string;
  /** Within which is searched; the title is empty for what the reader saved. */
  collection: { title: string; url: string; removeUrl: string } | null;
  facets: Facet[];
  /** What the filter form must send along: everything that isn't a facet (q, sort). */
  filterHidden: HiddenField[];
  /** What the sort form must send along: everything but sort and page. */
  sortHidden: HiddenField[];
  sort: Sort;
  sorts: Sort[];
  pager: Pager | null;
  nothing: NothingFound | null;
  /** Parameters that could not be read, in words (a page that isn't a number). */
  errors: FieldError[];
  /** Set for staff when the faster engine is down and the other one answers. */
  engineNotice: boolean;
  /** Staff asked why hits stand where they do, but the order of this page is not made by points. */
  unexplained: boolean;
  /** The search as the API gives it. */
  apiUrl: string;
  /** The search as an Atom feed of what everyone may see. */
  feedUrl: string;
  /** For the signed-in: keep this search. */
  keep: KeepOffer | null;
}
