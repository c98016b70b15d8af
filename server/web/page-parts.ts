/** Small shapes that many pages share. Plain data: a view model is built once and a template only prints it. */

/** A link whose words come from the data, with the language of the words where it may differ from the page. */
export interface Link {
  label: string;
  url: string;
  language?: string;
}

/** A link with the number of distinct resources behind it. */
export interface CountedLink extends Link {
  count: number;
}

/** One message of a form: `field` is the `id` of the control it belongs to (the summary links to it). */
export interface FieldError {
  field: string;
  message: string;
}

/** What a page says once after a redirect. `text` is already in the reader's language. */
export interface FlashMessage {
  kind: 'done' | 'note' | 'problem';
  text: string;
  link?: Link;
}

/** One place in a pager; `page: null` is the gap between pages that are not next to each other. */
export interface PagerSlot {
  page: number | null;
  url: string | null;
}

/** The pager under a list: at most seven slots, first and last always among them. Built by `pager()`. */
export interface Pager {
  page: number;
  pages: number;
  previousUrl: string | null;
  nextUrl: string | null;
  slots: PagerSlot[];
}

/** A value to send along unseen with a form. */
export interface HiddenField {
  name: string;
  value: string;
}

/** One option of a select, radio group or list of checkboxes. */
export interface Option {
  value: string;
  label: string;
  chosen: boolean;
  hint?: string;
  language?: string;
}

/** An option list with a heading, as `<optgroup>` or as a block of checkboxes. */
export interface OptionGroup {
  label: string;
  options: Option[];
}
