import type { FileKind } from '../file-kinds.ts';

/** What the child that renders is asked for. */
export interface PreviewInput {
  path: string;
  kind: FileKind;
  /** An empty folder of its own: pictures go there, and whatever LibreOffice needs. */
  outDir: string;
  /** From 1, both counted in; pages that the document hasn't are left out. */
  firstPage: number;
  lastPage: number;
  /** Widths in pixels of the first pages and of those after `fewFrom`; a picture is never made larger than it is. */
  widths: number[];
  laterWidths: number[];
  fewFrom: number;
}

/** One picture of one page. */
export interface Preview {
  page: number;
  width: number;
  height: number;
  /** Its file name in outDir, `page-1-w320.webp`; the number is the width that was asked for. */
  name: string;
}

export type PreviewMessage =
  | ({ type: 'preview' } & Preview)
  | { type: 'pages'; pageCount: number }
  /** This machine can't show this kind: no LibreOffice, or no picture inside. */
  | { type: 'none' };

/** Which widths a page is drawn in. */
export const widthsOf = ({ widths, laterWidths, fewFrom }: PreviewInput, page: number): number[] =>
  page < fewFrom ? widths : laterWidths;

export type SendPreview = (message: PreviewMessage) => void;
