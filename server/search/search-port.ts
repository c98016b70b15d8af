import type { FacetName, Sort } from './search-view.ts';
import type { Alternative } from './synonyms/synonym-expansion.ts';

/** The narrow door to a search engine: one request object in, one result object out, whichever engine answers. */

/** Values by facet; within one facet *or*, between facets *and*. A standard or topic includes everything below it. */
export type SearchFilters = Record<FacetName, string[]>;

export interface SearchRequest {
  /** What may stand in the place of words of `q`; an engine that keeps synonyms itself has its own. None unless given. */
  synonyms?: readonly Alternative[];
  /** What was typed, without the parts that were read as filters. The engine reads words, phrases and -without. */
  q: string;
  /**
   * `standard`: GUIDs of standards or frameworks; `topic subject type license setting level district`: slugs or codes;
   * `grade`: PK K 1 … 12; `language`: BCP 47, without the region; `minutes`: MINUTES_BUCKETS; `checked`: CHECKED_VALUES.
   * With `standard` and `level` both there, one alignment must have both.
   */
  filters: SearchFilters;
  /** `some`: also what has only some of the words, where they stand in the record itself. All of them unless given. */
  match?: 'all' | 'some';
  /** Only these resources (a collection); null: all. At most MAX_WITHIN count. */
  within: string[] | null;
  /** Not these resources (what is left out of a collection by hand). None unless given; at most MAX_WITHIN count. */
  without?: readonly string[];
  sort: Sort;
  /** From 1. Pages behind `lastPage` are empty. */
  page: number;
  /** 0: only total and facets. At most 100. */
  perPage: number;
  /** Whose counts to give back; an empty list is the quickest. */
  facets: readonly FacetName[];
  /** Also count every standard at every level: for tables of both, without a filter of either. */
  pairs?: true;
  /** The viewer's keys (`audiencesOf`): a resource is found when its own share one. Empty: nothing is found. */
  audience: string[];
  /** Whether the text of educators-only files is searched. */
  educator: boolean;
}

export interface FacetCount {
  value: string;
  /** Distinct resources. */
  count: number;
}

export interface SearchResult {
  /** Of this page, best first. */
  ids: string[];
  total: number;
  /**
   * For each facet asked for, its values that have hits, most first. A facet's own filter doesn't narrow its counts.
   * `standard` has every standard and framework above an aligned one too, `topic` every topic above.
   */
  facets: Partial<Record<FacetName, FacetCount[]>>;
  /** Where `pairs` was asked for: distinct resources by `pairKey`, standards above aligned ones too. */
  pairs?: FacetCount[];
  /** Words that nobody has written and what they were read as. */
  corrected: { typed: string; used: string }[];
  /** Nothing had all the words, or some were asked for: some hits lack words. */
  relaxed: boolean;
  engine: EngineName;
  tookMs: number;
}

export type EngineName = 'postgres' | 'meilisearch';

/** What an index holds of one resource; made by `readDocuments`. */
export interface SearchDocument {
  id: string;
  audience: string[];
  title: string;
  summary: string;
  keywords: string[];
  /** Codes of the aligned standards: as written, then every spelling's norm. */
  codes: string[];
  /** Of the aligned standards. */
  statements: string[];
  /** Names of topics and of those above them, of subjects, and of the kind of resource. */
  terms: string[];
  authors: string;
  /** School, district, publisher. */
  organizations: string[];
  /** Plain text. */
  description: string;
  /** Text that everybody who sees the resource may open, and text of educators-only files. */
  pages: PageText[];
  staffPages: PageText[];
  /** Filter values; `standard`, `topic` with all above, `level` the resource's own too. */
  values: Record<FacetName, string[]>;
  /** For each standard and all above: the levels at which the resource is aligned to it, sorted; may be empty. */
  standardLevels: { standard: string; levels: string[] }[];
  language: string;
  checked: boolean;
  /** 0 to 6: how much of the record is filled in. */
  complete: number;
  /** The best of its alignments: checked and full, checked and in part, or only claimed with a level. */
  alignment: 'full' | 'part' | 'claimed' | null;
  /** How many standards it is aligned to. */
  claims: number;
  used: number;
  /** What it leads to has not answered for days. */
  deadLink: boolean;
  /** What it is worth by itself, 0 to 1,000: `QUALITY` in ranking-rules.ts. */
  quality: number;
  minutes: number | null;
  publishedAt: Date;
}

/** A page of a file, from 1; without a file: DESCRIPTION_PAGE, or FULL_TEXT_PAGE of an import that has no file. */
export interface PageText {
  fileId: string | null;
  page: number;
  text: string;
}
export const DESCRIPTION_PAGE = 0;
export const FULL_TEXT_PAGE = -1;

export interface IndexBatch {
  upsert: SearchDocument[];
  /** Ids; may be unknown to the index. */
  remove: string[];
}

/**
 * A new index beside the old one: filled by `apply`, put in its place by `finish`. Changes of the meantime go to both,
 * by the indexer.
 */
export interface Rebuild {
  /** The new index is the old one, written over: changes of the meantime reach it by the engine itself. */
  inPlace: boolean;
  /** What is written may be found only after `finish`, and a fault may be thrown by a later call. */
  apply(batch: IndexBatch): Promise<void>;
  finish(): Promise<void>;
  /** Throws nothing. */
  abandon(): Promise<void>;
}

export interface SearchEngine {
  readonly name: EngineName;
  /** Changes when the index must be built anew. */
  readonly settings: string;
  /** @throws EngineDown, or EngineBusy when the time is up */
  search(request: SearchRequest): Promise<SearchResult>;
  /**
   * Brings documents up to date; comes back when they are found. Idempotent.
   * @throws EngineDown when the engine can't be reached, any other error when it refused the batch
   */
  apply(batch: IndexBatch): Promise<void>;
  startRebuild(): Promise<Rebuild>;
  /**
   * Only where the engine keeps synonyms itself: takes all of them, by term. No document is indexed anew. A rebuilt index
   * has none until it is told. @throws EngineDown
   */
  setSynonyms?(synonyms: Record<string, string[]>): Promise<void>;
  /**
   * How many documents at once, at least and at most: a change of a person waits for one batch, but each costs something.
   * `rest`: while at least `behind` resources wait behind what an import changed, the engine rests for `times` as long as
   * that took, and answers meanwhile; null: it doesn't.
   */
  readonly batch: { least: number; most: number; rest: { times: number; behind: number } | null };
  /** Whether the index is there at all. @throws EngineDown */
  ready(): Promise<boolean>;
  /** How many resources the index holds. */
  count(): Promise<number>;
  /** For the operator. @throws EngineDown */
  facts(): Promise<EngineFacts>;
  /** Holds the index against documents as they are now; changes nothing that is found. @throws EngineDown */
  compare(documents: readonly SearchDocument[]): Promise<IndexDifference>;
  /** The ids of all resources in the index, some at once, in no order. @throws EngineDown */
  ids(): AsyncIterable<string[]>;
}

/** How large an engine's index is, and which version of the engine has it. */
export interface EngineFacts {
  resources: number;
  /** Null where the engine doesn't say. */
  bytes: number | null;
  /** Null: it is of the database. */
  version: string | null;
}

/** Ids of documents that an index lacks, and of those that it has otherwise. */
export interface IndexDifference {
  missing: string[];
  outdated: string[];
}

/** The engine can't be reached, or isn't ready: try later, or the other one. */
export class EngineDown extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineDown';
  }
}

export const FACETS = [
  'level',
  'standard',
  'grade',
  'subject',
  'topic',
  'type',
  'checked',
  'license',
  'language',
  'district',
  'setting',
  'minutes',
] as const satisfies readonly FacetName[];

/** Up to so many minutes; the last one is open. */
export const MINUTES_BUCKETS = ['15', '30', '60', '90', 'more'] as const;
/** The state checked it, a district did, or nobody yet. */
export const CHECKED_VALUES = ['state', 'district', 'no'] as const;

/** Deeper than this nobody reads; both engines stop there. */
export const MAX_HITS = 2000;
export const MAX_WITHIN = 5000;

/** The bucket of a duration: `15` is "15 minutes or less", `30` "16 to 30" … `more` over 90. */
export function minutesBucket(minutes: number): (typeof MINUTES_BUCKETS)[number] {
  for (const bucket of MINUTES_BUCKETS) if (bucket !== 'more' && minutes <= Number(bucket)) return bucket;
  return 'more';
}

/** One alignment as a key: standard and level together. */
export const pairKey = (standard: string, level: string): string => `${standard}|${level}`;

/**
 * All levels at which a resource is aligned to a standard as one key. Each resource has one for a standard, so counts of
 * standards under several chosen levels are sums of counts of these.
 */
export const setKey = (standard: string, levels: readonly string[]): string =>
  `${standard}|${levels.join('+')}`;

/** Filters with nothing chosen, or with what is given. */
export const searchFilters = (chosen: Partial<SearchFilters> = {}): SearchFilters => ({
  level: [],
  standard: [],
  grade: [],
  subject: [],
  topic: [],
  type: [],
  checked: [],
  license: [],
  language: [],
  district: [],
  setting: [],
  minutes: [],
  ...chosen,
});

/** The last page that can have hits. */
export const lastPage = (total: number, perPage: number): number =>
  Math.max(1, Math.ceil(Math.min(total, MAX_HITS) / Math.max(1, perPage)));
