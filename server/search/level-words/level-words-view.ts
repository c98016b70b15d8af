import type { LevelSign } from '../../vocabularies/vocabulary-view.ts';
import type { FieldError } from '../../web/page-parts.ts';

/** `curate/level-words`: by which words people ask for each level. */
export interface LevelWordsPage {
  levels: { id: string; sign: LevelSign; words: string }[];
  /** Whether the state wrote words of its own; else the starter words are shown. */
  own: boolean;
  seen: string;
  actionUrl: string;
  q: string;
  errors: FieldError[];
  /** What was tried: the levels that are read from it now, and those that would be; null until somebody tries. */
  preview: { q: string; before: string[]; after: string[] } | null;
}
