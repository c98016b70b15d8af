import type { StandardTab } from '../standards/standard-view.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { Link, Option, Pager } from '../web/page-parts.ts';
import type { Axis } from './coverage-schema.ts';

/** One number of the table: a standard and what a column stands for. */
export interface CoverageCell {
  /** What the column is called. */
  column: string;
  count: number;
  /** How many of them are checked; null where only checked ones count. */
  checked: number | null;
  fill: 'gap' | 'thin' | 'enough';
  /** 0 to 4, from nothing to plenty. */
  shade: number;
  /** The search that shows them. */
  url: string;
  /** Searches that found nothing, and asks that wait. */
  wanted: number;
  /** What others have where a district has too little. */
  elsewhere: { count: number; url: string } | null;
  /** The call that is out, or how to make one. */
  call: { open: boolean; url: string } | null;
}

export interface CoverageRow {
  tab: StandardTab;
  kind: 'group' | 'standard';
  depth: number;
  language: string;
  cells: CoverageCell[];
  all: CoverageCell;
}

export interface CoverageColumn {
  label: string;
  level: LevelSign | null;
  language: string | null;
}

/** `curate/coverage`: what the shelf has for each standard of a framework, and what it lacks. */
export interface CoveragePage {
  framework: Link;
  frameworks: Option[];
  grades: Option[];
  strands: Option[];
  axes: Option[];
  axis: Axis;
  /** Only checked ones count. */
  checked: boolean;
  enough: number;
  /** Whose resources; empty where there is nothing to choose. */
  districts: Option[];
  /** Name of the chosen district. */
  district: string | null;
  /** Rungs of all pages: one standard at one value of a column. */
  tally: { rungs: number; enough: number; thin: number; gaps: number };
  columns: CoverageColumn[];
  rows: CoverageRow[];
  /** Rows of all pages. */
  total: number;
  csvUrl: string;
  pager: Pager | null;
  /** Looked for or asked for in vain, where there is still too little. */
  wanted: {
    tab: StandardTab;
    level: LevelSign | null;
    searches: number;
    asks: number;
    count: number;
    url: string;
    call: { open: boolean; url: string } | null;
  }[];
  /** What a district lacks and others have, most first. */
  elsewhere: { tab: StandardTab; column: CoverageColumn; count: number; url: string }[];
  asksUrl: string;
}
