import type { FieldError, Option } from '../../web/page-parts.ts';
import type { PurgeWhy } from './purge-schema.ts';

/** `curate/purge`: asks whether something is to be destroyed. POST `why`, `reason`, `confirm` to `actionUrl`. */
export interface PurgePage {
  title: string;
  language: string;
  organization: string;
  /** The title has no letters that everybody can type: the word `purge` confirms it. */
  byWord: boolean;
  versions: number;
  files: number;
  voices: number;
  lists: number;
  others: { title: string; language: string; why: 'adaptation' | 'file'; purgeUrl: string }[];
  actionUrl: string;
  backUrl: string;
  whys: Option[];
  values: { reason: string; confirm: string };
  errors: FieldError[];
}

/** `curate/purges`: who destroyed what, when and why. */
export interface PurgesPage {
  rows: {
    id: string;
    organization: string;
    why: PurgeWhy;
    reason: string;
    by: string;
    on: Date;
    /** Null: files or words of the search are still being removed. */
    finished: Date | null;
  }[];
}
