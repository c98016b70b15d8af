import type { Visibility } from './resource-policy.ts';

/** What an author writes into a version, as it is stored: slugs and codes, not words. */
export type VersionFields = {
  title: string;
  summary: string;
  /** Markdown. */
  description: string;
  url: string | null;
  type: string | null;
  license: string | null;
  /** BCP 47. */
  language: string;
  authors: string;
  publisher: string;
  minutes: number | null;
  setting: string | null;
  visibility: Visibility;
  subjects: string[];
  grades: string[];
  keywords: string[];
};
