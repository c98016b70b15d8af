import type { Option } from '../web/page-parts.ts';

/** A search and how it went over a time. */
export interface CountedSearch {
  /** What was typed; where that is nothing, the filters that were chosen. */
  words: string;
  /** The filters beside typed words. */
  filters: string[];
  url: string;
  searches: number;
  empty: number;
  opened: number;
  /** How many hits the last of them had. */
  found: number;
  /** Begins a call for lessons with its one standard and level; null where it names none, or several. */
  callUrl: string | null;
}

/** What somebody looked for in vain and told curators about. */
export interface Ask {
  id: string;
  words: string;
  filters: string[];
  url: string;
  note: string;
  person: string;
  organization: string;
  on: Date;
  closeUrl: string;
  /** Makes a call for lessons of it. */
  callUrl: string;
}

/** `curate/search`: what is searched for, and what isn't found. */
export interface SearchInsightsPage {
  /** How many weeks back. */
  periods: Option[];
  /** Empty for the staff of one district. */
  districts: Option[];
  total: { searches: number; empty: number; opened: number };
  weeks: { monday: Date; searches: number; empty: number }[];
  top: CountedSearch[];
  empty: CountedSearch[];
  unopened: CountedSearch[];
  asks: Ask[];
  /** For those who look after synonyms. */
  synonymsUrl: string | null;
  /** All searches of the time, as a file. */
  csvUrl: string;
}
