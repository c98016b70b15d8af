import type { Inline } from './markup.ts';
import { FONT_FILES } from './raster.ts';

type Doc = PDFKit.PDFDocument;
type FontName = keyof typeof FONT_FILES;

/** A piece of text in one font, placed by the line it belongs to. */
interface Piece {
  text: string;
  font: FontName;
  fraction: boolean;
  width: number;
  href: string | undefined;
}
/** Pieces that a line break must not part, and whether a space stands before them. */
interface Word {
  pieces: Piece[];
  width: number;
  spaced: boolean;
  breakAfter: boolean;
}
export interface TextLine {
  pieces: (Piece & { x: number })[];
  width: number;
}

/** `3/4` but not `1/2/3` or dates; drawn as a real fraction. */
const FRACTION = /(?<![\d/.])(\d{1,3}\/\d{1,3})(?![\d/])/;

/** Lays out and draws runs of text: own line breaking, fractions, and signs that the main font lacks. */
export class TextSetter {
  readonly doc: Doc;
  constructor(doc: Doc) {
    this.doc = doc;
    for (const [name, file] of Object.entries(FONT_FILES)) doc.registerFont(name, file);
  }

  /** Breaks runs into lines no wider than `width` (points). */
  lines(runs: Inline[], size: number, width: number, bold = false): TextLine[] {
    const space = this.measure(' ', 'regular', size, false);
    const lines: TextLine[] = [];
    let line: TextLine = { pieces: [], width: 0 };
    for (const word of this.words(runs, size, bold)) {
      const gap = word.spaced && line.pieces.length > 0 ? space : 0;
      if (line.pieces.length > 0 && line.width + gap + word.width > width) {
        lines.push(line);
        line = { pieces: [], width: 0 };
      }
      let x = line.width + (line.pieces.length > 0 ? gap : 0);
      for (const piece of word.pieces) {
        line.pieces.push({ ...piece, x });
        x += piece.width;
      }
      line.width = x;
      if (word.breakAfter) {
        lines.push(line);
        line = { pieces: [], width: 0 };
      }
    }
    if (line.pieces.length > 0 || lines.length === 0) lines.push(line);
    return lines;
  }

  /** Draws lines from `top` down; returns nothing, the caller knows `lines.length * leading`. */
  draw(lines: TextLine[], left: number, top: number, style: DrawStyle): void {
    const leading = style.size * 1.36;
    for (const [index, line] of lines.entries()) {
      const shift =
        style.align === 'center'
          ? (style.width - line.width) / 2
          : style.align === 'right'
            ? style.width - line.width
            : 0;
      const baseline = top + index * leading + style.size * 1.0;
      for (const piece of line.pieces) this.piece(piece, left + shift + piece.x, baseline, style);
    }
  }

  private piece(piece: Piece, x: number, baseline: number, style: DrawStyle): void {
    this.doc
      .font(piece.font)
      .fontSize(sizeOf(piece.font, style.size))
      .fillColor(piece.href ? '#1f5d8a' : style.color);
    const options = {
      lineBreak: false,
      baseline: 'alphabetic' as const,
      ...(piece.fraction ? { features: ['frac' as const] } : {}),
      ...(piece.href ? { link: piece.href, underline: true } : {}),
    };
    this.doc.text(piece.text, x, baseline, options);
  }

  private measure(text: string, font: FontName, size: number, fraction: boolean): number {
    this.doc.font(font).fontSize(sizeOf(font, size));
    return this.doc.widthOfString(text, fraction ? { features: ['frac'] } : {});
  }

  private words(runs: Inline[], size: number, bold: boolean): Word[] {
    const words: Word[] = [];
    let current: Word | undefined;
    let spaced = false;
    for (const run of runs) {
      if (run.br) {
        if (current) current.breakAfter = true;
        else words.push({ pieces: [], width: 0, spaced: false, breakAfter: true });
        current = undefined;
        spaced = false;
        continue;
      }
      for (const chunk of run.text.split(/([ \t\n]+)/)) {
        if (chunk === '') continue;
        if (/^[ \t\n]+$/.test(chunk)) {
          spaced = true;
          current = undefined;
          continue;
        }
        if (!current) {
          current = { pieces: [], width: 0, spaced, breakAfter: false };
          words.push(current);
        }
        spaced = false;
        for (const piece of this.pieces(chunk, run, size, bold)) {
          current.pieces.push(piece);
          current.width += piece.width;
        }
      }
    }
    return words;
  }

  private pieces(text: string, run: Inline, size: number, bold: boolean): Piece[] {
    const strong = bold || run.bold;
    const main: FontName = run.code
      ? 'mono'
      : strong
        ? run.italic
          ? 'boldItalic'
          : 'bold'
        : run.italic
          ? 'italic'
          : 'regular';
    const make = (part: string, font: FontName, fraction: boolean): Piece => ({
      text: part,
      font,
      fraction,
      width: this.measure(part, font, size, fraction),
      href: run.href,
    });
    const pieces: Piece[] = [];
    for (const [index, part] of text.split(FRACTION).entries()) {
      if (part === '') continue;
      const isFraction = index % 2 === 1 && !run.code;
      if (isFraction) {
        pieces.push(make(part, main, true));
        continue;
      }
      for (const [missing, stretch] of this.byFont(part, main))
        pieces.push(make(stretch, missing ? (strong ? 'mathBold' : 'math') : main, false));
    }
    return pieces;
  }

  /** Splits text where the font changes because the main font lacks a sign. */
  private byFont(text: string, font: FontName): [boolean, string][] {
    this.doc.font(font);
    const face = (this.doc as unknown as { _font: { font: { hasGlyphForCodePoint(code: number): boolean } } })
      ._font.font;
    const stretches: [boolean, string][] = [];
    for (const sign of text) {
      const missing = !face.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0);
      const last = stretches.at(-1);
      if (last && last[0] === missing) last[1] += sign;
      else stretches.push([missing, sign]);
    }
    return stretches;
  }
}

export interface DrawStyle {
  size: number;
  color: string;
  width: number;
  align?: 'left' | 'center' | 'right' | undefined;
}

/** DejaVu is drawn larger than Source Sans; this brings both to the same height. */
function sizeOf(font: FontName, size: number): number {
  return font === 'mono' || font === 'math' || font === 'mathBold' ? size * 0.88 : size;
}
