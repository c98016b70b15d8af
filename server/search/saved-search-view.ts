import type { FieldError } from '../web/page-parts.ts';
import type { MailRhythm } from './saved-search-schema.ts';

/** Under the results: keeps the search, or says that it is kept already. */
export interface KeepOffer {
  /** Its query string, sent along. */
  search: string;
  name: string;
  mail: MailRhythm;
  kept: boolean;
}

/** `searches/index`: one's saved searches. */
export interface SavedSearchesPage {
  searches: { id: string; name: string; url: string; feedUrl: string; mail: MailRhythm; since: Date }[];
  email: string;
  errors: FieldError[];
}
