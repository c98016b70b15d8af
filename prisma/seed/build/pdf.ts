import PDFDocument from 'pdfkit';
import { plainText, type Block, type Inline } from './markup.ts';
import { TextSetter } from './pdf-text.ts';
import { drawSvg, type Picture } from './raster.ts';
import { COLORS, FIXED_DATE, WORDS, type Sheet } from './sheet.ts';

const MARGIN = { left: 56, right: 56, top: 46, bottom: 58 };
const PAGE = { width: 612, height: 792 };
const BODY_WIDTH = PAGE.width - MARGIN.left - MARGIN.right;
const BOTTOM = PAGE.height - MARGIN.bottom;
const color = (name: keyof typeof COLORS) => `#${COLORS[name]}`;
type Element = PDFKit.PDFStructureElement;

/**
 * Renders a sheet as a tagged PDF on US letter paper. Returns the bytes; the same sheet gives the same bytes.
 * A page with only a few lines on it is avoided by setting everything a little smaller.
 */
export async function renderPdf(sheet: Sheet): Promise<Buffer> {
  const pictures = new Map<string, Picture>();
  await collectPictures(sheet.blocks, pictures);
  const first = await press(sheet, pictures, 1);
  if (first.pages < 2 || first.thinnest > 0.3) return first.bytes;
  for (const scale of [0.96, 0.92, 0.88]) {
    const tighter = await press(sheet, pictures, scale);
    if (tighter.pages < first.pages) return tighter.bytes;
  }
  return first.bytes;
}

async function press(
  sheet: Sheet,
  pictures: Map<string, Picture>,
  scale: number,
): Promise<{ bytes: Buffer; pages: number; thinnest: number }> {
  const doc = new PDFDocument({
    size: 'LETTER',
    margins: { top: 0, bottom: 0, left: 0, right: 0 },
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: sheet.language === 'es' ? 'es-US' : 'en-US',
    displayTitle: true,
    info: {
      Title: sheet.title,
      Author: sheet.author,
      Keywords: sheet.keywords.join(', '),
      Creator: 'Commonshelf demo catalog',
      CreationDate: FIXED_DATE,
      ModDate: FIXED_DATE,
    },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => doc.on('end', resolve));
  const press = new PdfPress(doc, sheet, pictures, scale);
  press.header();
  press.blocks(sheet.blocks, MARGIN.left, BODY_WIDTH);
  const { pages, thinnest } = press.extent();
  press.close();
  doc.end();
  await ended;
  return { bytes: Buffer.concat(chunks), pages, thinnest };
}

async function collectPictures(blocks: Block[], into: Map<string, Picture>): Promise<void> {
  for (const block of blocks) {
    if (block.kind === 'figure' && !into.has(block.svg)) into.set(block.svg, await drawSvg(block.svg));
    else if (block.kind === 'callout' || block.kind === 'quote') await collectPictures(block.blocks, into);
    else if (block.kind === 'columns')
      for (const column of block.columns) await collectPictures(column, into);
    else if (block.kind === 'list') for (const item of block.items) await collectPictures(item, into);
  }
}

/** Widths that fit into `width`: narrow columns keep theirs, wide ones share what is left; zeros stay zero. */
function fitColumns(wants: number[], width: number): number[] {
  const total = wants.reduce((sum, wide) => sum + wide, 0);
  if (total <= width) return wants;
  const fair = width / wants.filter((wide) => wide > 0).length;
  const capped = wants.map((wide) => Math.min(wide, width));
  const narrow = capped.filter((wide) => wide <= fair).reduce((sum, wide) => sum + wide, 0);
  const shared = capped.filter((wide) => wide > fair).reduce((sum, wide) => sum + wide, 0);
  return capped.map((wide) => (wide <= fair ? wide : (wide / shared) * (width - narrow)));
}

/** Draws blocks down the page, page after page. `y` is where the next block goes. */
class PdfPress {
  private readonly doc: PDFKit.PDFDocument;
  private readonly sheet: Sheet;
  private readonly pictures: Map<string, Picture>;
  private readonly text: TextSetter;
  private readonly root: Element;
  private parent: Element;
  private y = MARGIN.top;
  private readonly pageEnds: number[] = [];
  private readonly size: number;

  private readonly scale: number;

  constructor(doc: PDFKit.PDFDocument, sheet: Sheet, pictures: Map<string, Picture>, scale: number) {
    this.doc = doc;
    this.scale = scale;
    this.sheet = sheet;
    this.pictures = pictures;
    this.size = sheet.bodySize * scale;
    this.text = new TextSetter(doc);
    this.root = doc.struct('Document');
    doc.addStructure(this.root);
    this.parent = this.root;
  }

  /** Kicker, title, rule, and the name line of student pages. */
  header(): void {
    const words = WORDS[this.sheet.language];
    this.mark('P', () => {
      this.line([{ text: this.sheet.kicker }], MARGIN.left, BODY_WIDTH, 9.5, color('accent'), true);
      if (this.sheet.tag) {
        const lines = this.text.lines([{ text: this.sheet.tag, bold: true }], 9, 200);
        const width = lines[0]?.width ?? 0;
        this.doc
          .roundedRect(PAGE.width - MARGIN.right - width - 14, MARGIN.top - 3, width + 14, 17, 4)
          .fill(color('accent'));
        this.text.draw(lines, PAGE.width - MARGIN.right - width - 7, MARGIN.top, {
          size: 9,
          color: '#ffffff',
          width,
        });
      }
    });
    this.y = MARGIN.top + 16;
    this.mark('H1', () =>
      this.paragraph([{ text: this.sheet.title, bold: true }], MARGIN.left, BODY_WIDTH, 21),
    );
    this.y += 5;
    if (this.sheet.nameLine) {
      this.y += 7;
      this.mark('P', () => {
        this.line([{ text: words.name }], MARGIN.left, 60, 11, color('soft'));
        this.line([{ text: words.date }], MARGIN.left + 340, 60, 11, color('soft'));
        this.rule(MARGIN.left + 46, MARGIN.left + 325, this.y + 13);
        this.rule(MARGIN.left + 372, PAGE.width - MARGIN.right, this.y + 13);
      });
      this.y += 22;
    }
    this.artifact(() => this.rule(MARGIN.left, PAGE.width - MARGIN.right, this.y, 1.4, color('accent')));
    this.y += 13;
  }

  /** How many pages were filled, and how far the emptiest of them is (0 to 1). */
  extent(): { pages: number; thinnest: number } {
    const ends = [...this.pageEnds, this.y];
    return { pages: ends.length, thinnest: (Math.min(...ends) - MARGIN.top) / (BOTTOM - MARGIN.top) };
  }

  /** Numbers the pages and closes the structure tree. */
  close(): void {
    this.root.end();
    const words = WORDS[this.sheet.language];
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.doc.switchToPage(page);
      this.artifact(() => {
        this.rule(MARGIN.left, PAGE.width - MARGIN.right, PAGE.height - 46, 0.6);
        const number = this.text.lines(
          [{ text: `${words.page} ${page + 1} ${words.of} ${count}` }],
          8.5,
          120,
        );
        const foot = this.text.lines([{ text: this.sheet.footer }], 8.5, BODY_WIDTH - 80);
        const style = { size: 8.5, color: color('soft') };
        this.text.draw(foot.slice(0, 2), MARGIN.left, PAGE.height - 41, { ...style, width: BODY_WIDTH - 80 });
        this.text.draw(number, PAGE.width - MARGIN.right - 120, PAGE.height - 41, {
          ...style,
          width: 120,
          align: 'right',
        });
      });
    }
  }

  /** Draws blocks; a question stays on one page with the lines, box or figure that belongs to it. */
  blocks(blocks: Block[], left: number, width: number): void {
    for (const [index, block] of blocks.entries()) {
      if (block.kind === 'heading')
        this.need(this.height(block, width) + this.lead(blocks, index + 1, width));
      this.block(block, left, width, this.tail(blocks, index, width));
    }
  }

  /** Height of the first bit that must follow a heading. */
  private lead(blocks: Block[], index: number, width: number): number {
    const next = blocks[index];
    if (!next) return 0;
    if (next.kind === 'list')
      return Math.min(
        this.itemHeight(next.items[0] ?? [], width) +
          this.tail(blocks, next.items.length === 1 ? index : -1, width),
        330,
      );
    return Math.min(this.height(next, width) + this.tail(blocks, index, width), 330);
  }

  /**
   * Height of what belongs to a block and follows it: writing lines, a box, a figure, a table to fill in. Only as
   * much as may reasonably be kept on one page with it.
   */
  private tail(blocks: Block[], index: number, width: number): number {
    let total = 0;
    if (index < 0) return 0;
    for (let at = index + 1; at < blocks.length; at++) {
      const block = blocks[at];
      if (!block || !['lines', 'box', 'figure', 'space', 'table'].includes(block.kind)) break;
      // A long table breaks across pages anyway: only its beginning is kept.
      const full = this.height(block, width);
      const height = block.kind === 'table' && full >= 380 ? 160 : full;
      if (total > 0 && total + height > 300) break;
      total += height;
    }
    return total;
  }

  private block(block: Block, left: number, width: number, tail: number): void {
    switch (block.kind) {
      case 'heading':
        return this.heading(block, left, width);
      case 'paragraph': {
        const inset = block.indent * 20;
        this.need(Math.min(this.height(block, width) + tail, BOTTOM - MARGIN.top));
        this.mark('P', () => this.paragraph(block.text, left + inset, width - inset, this.size));
        this.y += this.size * 0.5;
        return;
      }
      case 'list':
        return this.list(block, left, width, tail);
      case 'table':
        return this.table(block, left, width);
      case 'callout':
        return this.callout(block, left, width);
      case 'columns':
        return this.columns(block.columns, left, width);
      case 'cards':
        return this.cards(block, left, width);
      case 'quote':
        return this.quote(block.blocks, left, width);
      case 'code':
        return this.code(block.text, left, width);
      case 'lines':
        return this.writingLines(block, left, width);
      case 'box':
        return this.answerBox(block, left, width);
      case 'figure':
        return this.figure(block, left, width);
      case 'space':
        this.y += this.cm(block.cm);
        return;
      case 'pagebreak':
      case 'slide':
        if (this.y > MARGIN.top) this.newPage();
        return;
      case 'notes':
        return;
    }
  }

  /** Height that a block would take, in points. */
  private height(block: Block, width: number): number {
    switch (block.kind) {
      case 'heading': {
        const size = this.headingSize(block.level);
        return this.text.lines(block.text, size, width, true).length * size * 1.36 + size * 1.1;
      }
      case 'paragraph':
        return (
          this.text.lines(block.text, this.size, width - block.indent * 20).length * this.size * 1.36 +
          this.size * 0.5
        );
      case 'list':
        return block.items.reduce((sum, item) => sum + this.itemHeight(item, width), this.size * 0.3);
      case 'table':
        return this.rowHeights(block, this.columnWidths(block.rows, width)).reduce(
          (sum, row) => sum + row,
          12,
        );
      case 'callout':
        return this.stackHeight(block.blocks, width - 28) + (block.title ? this.size * 1.5 : 0) + 26;
      case 'columns':
        return Math.max(
          ...block.columns.map((column) =>
            this.stackHeight(column, (width - 22 * (block.columns.length - 1)) / block.columns.length),
          ),
        );
      case 'cards':
        return Math.ceil(block.cards.length / block.across) * this.cm(block.cm) + 12;
      case 'quote':
        return this.stackHeight(block.blocks, width - 20) + 6;
      case 'code':
        return block.text.split('\n').length * 13 + 20;
      case 'lines':
        return block.count * this.ruling() + 10;
      case 'box':
        return this.cm(block.cm) + 12;
      case 'figure':
        return this.fitted(block.svg, width - block.indent * 20).height + 14;
      case 'space':
        return this.cm(block.cm);
      default:
        return 0;
    }
  }

  private stackHeight(blocks: Block[], width: number): number {
    return blocks.reduce((sum, block) => sum + this.height(block, width), 0);
  }

  private itemHeight(item: Block[], width: number): number {
    return this.stackHeight(item, width - this.hang());
  }

  private hang = () => this.size * 1.75;
  private ruling = () => (this.sheet.bodySize >= 14 ? 30 : this.sheet.bodySize >= 12 ? 25 : 22) * this.scale;
  private cm = (cm: number) => cm * 28.35 * this.scale;
  private headingSize = (level: number) =>
    level <= 1 ? this.size * 1.5 : level === 2 ? this.size * 1.3 : this.size * 1.1;

  private heading(block: Extract<Block, { kind: 'heading' }>, left: number, width: number): void {
    const size = this.headingSize(block.level);
    if (this.y > MARGIN.top + 1) this.y += size * 0.55;
    const tint = block.level <= 2 ? color('accent') : color('ink');
    this.mark(block.level <= 2 ? 'H2' : 'H3', () =>
      this.paragraph(block.text, left, width, size, tint, true),
    );
    this.y += size * 0.3;
  }

  private list(block: Extract<Block, { kind: 'list' }>, left: number, width: number, tail: number): void {
    const list = this.open('L');
    for (const [index, item] of block.items.entries()) {
      const last = index === block.items.length - 1;
      this.need(Math.min(this.itemHeight(item, width) + (last ? tail : 0), (BOTTOM - MARGIN.top) * 0.9));
      const entry = this.open('LI');
      const label = block.ordered ? `${block.start + index}.` : '•';
      this.mark('Lbl', () => {
        const lines = this.text.lines([{ text: label, bold: true }], this.size, 60);
        this.text.draw(lines, left + (block.ordered ? 0 : 5), this.y, {
          size: this.size,
          color: color('accent'),
          width: 60,
        });
      });
      const body = this.open('LBody');
      if (item.length === 0) this.y += this.size * 1.36;
      for (const [at, part] of item.entries())
        this.block(part, left + this.hang(), width - this.hang(), this.tail(item, at, width - this.hang()));
      this.shut(body);
      this.shut(entry);
      if (!block.ordered) this.y -= this.size * 0.25;
    }
    this.shut(list);
    this.y += this.size * 0.3;
  }

  private columnWidths(rows: Inline[][][], width: number): number[] {
    const count = Math.max(...rows.map((row) => row.length));
    const natural = Array.from({ length: count }, (_, column) =>
      Math.max(
        ...rows.map((row) => {
          const words = this.text.lines(row[column] ?? [], this.size, 10_000, true);
          return Math.max(...words.map((line) => line.width)) + 18;
        }),
        42,
      ),
    );
    const total = natural.reduce((sum, wide) => sum + wide, 0);
    // Columns to be written in (no words under the heading) get a fair share and the room that is left.
    const blank = natural.map(
      (_, column) => rows.length > 1 && rows.slice(1).every((row) => !plainText(row[column] ?? []).trim()),
    );
    const blanks = blank.filter(Boolean).length;
    if (blanks > 0) {
      const fair = (width / count) * 0.9;
      const worded = fitColumns(
        natural.map((wide, column) => (blank[column] ? 0 : wide)),
        width - blanks * fair,
      );
      const rest = (width - worded.reduce((sum, wide) => sum + wide, 0)) / blanks;
      return worded.map((wide, column) => (blank[column] ? rest : wide));
    }
    if (total <= width)
      return natural.map((wide) => wide + ((width - total) / count) * (total > width * 0.6 ? 1 : 0.35));
    return fitColumns(natural, width);
  }

  /** Heights of the rows; the words of a head are bold, so wider. */
  private rowHeights(table: { rows: Inline[][][]; headed: boolean }, widths: number[]): number[] {
    return table.rows.map((row, index) => {
      const bold = table.headed && index === 0;
      const lines = row.map(
        (cell, column) => this.text.lines(cell, this.size, (widths[column] ?? 0) - 14, bold).length,
      );
      const toWriteIn =
        row.length > 1 && row.some((cell, column) => !plainText(cell).trim() && (widths[column] ?? 0) > 70);
      return Math.max(toWriteIn ? 1.5 : 1, ...lines) * this.size * 1.36 + 10;
    });
  }

  private table(block: Extract<Block, { kind: 'table' }>, left: number, width: number): void {
    const widths = this.columnWidths(block.rows, width);
    const heights = this.rowHeights(block, widths);
    const total = heights.reduce((sum, height) => sum + height, 0);
    if (total < 380) this.need(total + 8);
    const table = this.open('Table');
    for (const [index, row] of block.rows.entries()) {
      const height = heights[index] ?? 0;
      this.need(height);
      const isHead = block.headed && index === 0;
      const entry = this.open('TR');
      let x = left;
      for (const [column, wide] of widths.entries()) {
        const at = x;
        this.mark(isHead ? 'TH' : 'TD', () => {
          this.doc.rect(at, this.y, wide, height).lineWidth(0.8);
          if (isHead) this.doc.fillAndStroke(color('tint'), color('rule'));
          else this.doc.stroke(color('rule'));
          const lines = this.text.lines(row[column] ?? [], this.size, wide - 14, isHead);
          const style = {
            size: this.size,
            color: color('ink'),
            width: wide - 14,
            align: block.align[column],
          };
          this.text.draw(lines, at + 7, this.y + 5, style);
        });
        x += wide;
      }
      this.shut(entry);
      this.y += height;
    }
    this.shut(table);
    this.y += this.size * 0.9;
  }

  private callout(block: Extract<Block, { kind: 'callout' }>, left: number, width: number): void {
    const height = this.height(block, width) - 10;
    this.need(Math.min(height + 10, BOTTOM - MARGIN.top));
    this.artifact(() => {
      const room = Math.min(height, BOTTOM - this.y);
      this.doc.rect(left, this.y, width, room).fill(color('tint'));
      this.doc.rect(left, this.y, 4, room).fill(color('accent'));
    });
    const end = this.y + height;
    this.y += 9;
    if (block.title) {
      this.mark('P', () =>
        this.paragraph([{ text: block.title }], left + 16, width - 28, this.size, color('accent'), true),
      );
      this.y += 2;
    }
    this.blocks(block.blocks, left + 16, width - 28);
    this.y = Math.max(this.y, end) + 10;
  }

  private columns(columns: Block[][], left: number, width: number): void {
    const each = (width - 22 * (columns.length - 1)) / columns.length;
    this.need(Math.min(this.height({ kind: 'columns', columns }, width), BOTTOM - MARGIN.top));
    const top = this.y;
    let lowest = top;
    for (const [index, column] of columns.entries()) {
      this.y = top;
      this.blocks(column, left + index * (each + 22), each);
      lowest = Math.max(lowest, this.y);
    }
    this.y = lowest;
  }

  /** Cards to cut out: dashed frames side by side, the words large and in the middle. */
  private cards(block: Extract<Block, { kind: 'cards' }>, left: number, width: number): void {
    const [wide, high] = [width / block.across, this.cm(block.cm)];
    const tooTall = (card: Inline[], one: number) =>
      this.text.lines(card, one, wide - 16).length * one * 1.36 > high * 0.7;
    const sizes = [1.7, 1.5, 1.3, 1.15, 1, 0.9].map((factor) => this.size * factor);
    const size = sizes.find((one) => !block.cards.some((card) => tooTall(card, one))) ?? this.size * 0.8;
    for (const [index, card] of block.cards.entries()) {
      const column = index % block.across;
      if (column === 0) this.need(high);
      const x = left + column * wide;
      this.mark('P', () => {
        this.doc
          .rect(x, this.y, wide, high)
          .lineWidth(0.8)
          .dash(4, { space: 3 })
          .stroke(color('rule'))
          .undash();
        const lines = this.text.lines(card, size, wide - 16);
        const top = this.y + (high - lines.length * size * 1.36) / 2;
        this.text.draw(lines, x + 8, top, { size, color: color('ink'), width: wide - 16, align: 'center' });
      });
      if (column === block.across - 1 || index === block.cards.length - 1) this.y += high;
    }
    this.y += 12;
  }

  private quote(blocks: Block[], left: number, width: number): void {
    this.need(Math.min(this.stackHeight(blocks, width - 20), 300));
    const top = this.y;
    this.blocks(blocks, left + 16, width - 20);
    if (this.y > top)
      this.artifact(() => this.doc.rect(left + 2, top, 2.5, this.y - top - 4).fill(color('rule')));
    this.y += 6;
  }

  private code(text: string, left: number, width: number): void {
    const rows = text.split('\n');
    const height = rows.length * 13 + 12;
    this.need(Math.min(height, 400));
    this.mark('Code', () => {
      this.doc.rect(left, this.y, width, height).fill('#f3f5f7');
      this.doc.font('mono').fontSize(9.5).fillColor(color('ink'));
      for (const [index, row] of rows.entries())
        this.doc.text(row || ' ', left + 10, this.y + 16 + index * 13, {
          lineBreak: false,
          baseline: 'alphabetic',
        });
    });
    this.y += height + 8;
  }

  private writingLines(block: Extract<Block, { kind: 'lines' }>, left: number, width: number): void {
    const inset = block.indent * this.hang();
    for (let index = 0; index < block.count; index++) {
      this.need(this.ruling());
      this.y += this.ruling();
      this.artifact(() => this.rule(left + inset, left + width, this.y - 3, 0.7));
    }
    this.y += 10;
  }

  private answerBox(block: Extract<Block, { kind: 'box' }>, left: number, width: number): void {
    const inset = block.indent * this.hang();
    const height = Math.min(this.cm(block.cm), BOTTOM - MARGIN.top);
    this.need(height);
    this.mark('P', () => {
      this.doc
        .roundedRect(left + inset, this.y, width - inset, height, 5)
        .lineWidth(0.9)
        .stroke(color('rule'));
      if (block.label)
        this.text.draw(this.text.lines([{ text: block.label }], 9.5, width), left + inset + 8, this.y + 5, {
          size: 9.5,
          color: color('soft'),
          width,
        });
    });
    this.y += height + 12;
  }

  private fitted(svg: string, width: number): { width: number; height: number; png: Buffer | undefined } {
    const picture = this.pictures.get(svg);
    if (!picture) return { width: 0, height: 0, png: undefined };
    const scale = Math.min(this.scale, width / picture.width, (BOTTOM - MARGIN.top - 20) / picture.height);
    return { width: picture.width * scale, height: picture.height * scale, png: picture.png };
  }

  private figure(block: Extract<Block, { kind: 'figure' }>, left: number, width: number): void {
    const inset = block.indent * this.hang();
    const { width: wide, height, png } = this.fitted(block.svg, width - inset);
    if (!png) return;
    this.need(height + 4);
    const centred = wide > 200 && inset === 0 ? (width - wide) / 2 : inset;
    const element = this.doc.struct('Figure', { alt: block.alt }, () => {
      this.doc.image(png, left + centred, this.y + 2, { width: wide });
    });
    this.parent.add(element);
    element.end();
    this.y += height + 14;
  }

  private paragraph(
    runs: Inline[],
    left: number,
    width: number,
    size: number,
    tint = color('ink'),
    bold = false,
  ): void {
    const leading = size * 1.36;
    for (const line of this.text.lines(runs, size, width, bold)) {
      this.need(leading);
      this.text.draw([line], left, this.y, { size, color: tint, width });
      this.y += leading;
    }
  }

  private line(runs: Inline[], left: number, width: number, size: number, tint: string, bold = false): void {
    this.text.draw(this.text.lines(runs, size, width, bold).slice(0, 1), left, this.y, {
      size,
      color: tint,
      width,
    });
  }

  private rule(from: number, to: number, y: number, weight = 0.8, tint = color('rule')): void {
    this.doc.moveTo(from, y).lineTo(to, y).lineWidth(weight).stroke(tint);
  }

  private need(height: number): void {
    if (this.y + height > BOTTOM + 0.5 && this.y > MARGIN.top + 40) this.newPage();
  }

  private newPage(): void {
    this.pageEnds.push(this.y);
    this.doc.addPage();
    this.y = MARGIN.top;
  }

  private mark(type: string, draw: () => void): void {
    const element = this.doc.struct(type, {}, draw);
    this.parent.add(element);
    element.end();
  }

  private open(type: string): Element {
    const element = this.doc.struct(type);
    this.parent.add(element);
    this.stack.push(this.parent);
    this.parent = element;
    return element;
  }

  private readonly stack: Element[] = [];

  private shut(element: Element): void {
    element.end();
    this.parent = this.stack.pop() ?? this.root;
  }

  private artifact(draw: () => void): void {
    this.doc.markContent('Artifact', { type: 'Layout' });
    draw();
    this.doc.endMarkedContent();
  }
}

/** A title in the body wins over the resource's: its first heading, taken off the blocks. */
export function takeTitle(blocks: Block[]): string | undefined {
  const [first] = blocks;
  if (first?.kind !== 'heading' || first.level !== 1) return undefined;
  blocks.shift();
  return plainText(first.text);
}
