/** What a page of text is called, as in the table `blob_page`. */
export type PageLabel = 'page' | 'slide' | 'sheet' | 'section';

export interface ExtractedPage {
  /** From 1. */
  number: number;
  label: PageLabel;
  text: string;
}

/** Facts that a document tells about itself; each may be missing or wrong. */
export interface DocumentHints {
  title?: string;
  /** BCP 47. */
  language?: string;
  /** A PDF whose structure is marked for screen readers. */
  tagged?: boolean;
}

export type ExtractMessage =
  | ({ type: 'page' } & ExtractedPage)
  | { type: 'hints'; hints: DocumentHints }
  | { type: 'done'; pageCount: number; truncated: boolean }
  | { type: 'password' };

export interface TextLimits {
  maxPages: number;
  maxCharacters: number;
  maxPageCharacters: number;
}

/** Takes the text of a document page by page, tidies and counts it, and sends each page on as soon as it is whole. */
export class PageSink {
  readonly #send: (message: ExtractMessage) => void;
  readonly #limits: TextLimits;
  #number = 0;
  #characters = 0;
  #truncated = false;

  constructor(send: (message: ExtractMessage) => void, limits: TextLimits) {
    this.#send = send;
    this.#limits = limits;
  }

  /** Whether nothing more will be taken: extractors stop reading then. */
  get full(): boolean {
    return this.#number >= this.#limits.maxPages || this.#characters >= this.#limits.maxCharacters;
  }

  /** How many characters one more page may have. */
  get room(): number {
    return Math.min(this.#limits.maxPageCharacters, this.#limits.maxCharacters - this.#characters);
  }

  /** How many pages were taken. */
  get pages(): number {
    return this.#number;
  }

  /** Adds the next page; one without text still counts, so that numbers agree with what a reader sees. */
  page(label: PageLabel, raw: string): void {
    if (this.full) {
      this.#truncated = true;
      return;
    }
    const text = tidyText(raw.slice(0, this.room));
    if (raw.length > this.room) this.#truncated = true;
    this.#number++;
    this.#characters += text.length;
    this.#send({ type: 'page', number: this.#number, label, text });
  }

  hints(hints: DocumentHints): void {
    this.#send({ type: 'hints', hints });
  }

  /** Says that some of the document was left unread. */
  cut(): void {
    this.#truncated = true;
  }

  /** Ends the document; `pageCount` where the document has more pages than were read. */
  done(pageCount = this.#number): void {
    this.#send({ type: 'done', pageCount, truncated: this.#truncated || pageCount > this.#number });
  }
}

/** Makes text fit for the database and for reading: NFC, no controls, plain spaces, no runs of empty lines. */
function tidyText(text: string): string {
  return (
    text
      // Ligatures and Arabic presentation forms are how a font draws letters, not how anyone types them.
      .replaceAll(/[\ufb00-\ufdff\ufe70-\ufefc]+/g, (forms) => forms.normalize('NFKC'))
      .replaceAll(/\p{Surrogate}/gu, '\ufffd')
      .normalize('NFC')
      .replaceAll(/(?![\n\t])\p{Cc}|[\u00ad\u200b\ufeff]/gu, '')
      .replaceAll(/[^\S\n\t]+/gu, ' ')
      .replaceAll(/ *\n */g, '\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()
  );
}
