import {
  AlignmentType,
  BorderStyle,
  Document,
  ExternalHyperlink,
  Footer,
  ImageRun,
  LevelFormat,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  ShadingType,
  TabStopType,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
  type ParagraphChild,
} from 'docx';
import { plainText, type Block, type Inline } from './markup.ts';
import { drawSvg } from './raster.ts';
import { COLORS, WORDS, type Sheet } from './sheet.ts';
import { freezeOffice } from './zip.ts';

type Piece = Paragraph | Table;
const FONT = 'Arial';
/** Printable width of a letter page with 0.8 inch margins, in points. */
const WIDTH = 496;
const thin = { style: BorderStyle.SINGLE, size: 4, color: COLORS.rule } as const;
const none = { style: BorderStyle.NONE, size: 0, color: 'FFFFFF' } as const;

/** Where a block stands: how deep in lists, and the numbering run of the list it is in. */
interface Place {
  depth: number;
  list?: { reference: string; start: number } | undefined;
}

/** Renders a sheet as a Word document on letter paper. Returns the bytes; the same sheet gives the same bytes. */
export async function renderDocx(sheet: Sheet): Promise<Buffer> {
  const writer = new DocxWriter(sheet);
  const body = await writer.blocks(sheet.blocks, { depth: 0 });
  const words = WORDS[sheet.language];
  const doc = new Document({
    title: sheet.title,
    creator: sheet.author,
    lastModifiedBy: sheet.author,
    keywords: sheet.keywords.join(', '),
    styles: {
      default: {
        document: {
          run: {
            font: FONT,
            size: sheet.bodySize * 2 - 1,
            color: COLORS.ink,
            language: { value: sheet.language === 'es' ? 'es-US' : 'en-US' },
          },
          paragraph: { spacing: { after: 110, line: 276, lineRule: LineRuleType.AUTO } },
        },
        heading1: {
          run: { font: FONT, size: 40, bold: true, color: COLORS.ink },
          paragraph: { spacing: { after: 80 } },
        },
        heading2: {
          run: { font: FONT, size: 28, bold: true, color: COLORS.accent },
          paragraph: { spacing: { before: 260, after: 80 }, keepNext: true },
        },
        heading3: {
          run: { font: FONT, size: 24, bold: true, color: COLORS.ink },
          paragraph: { spacing: { before: 200, after: 60 }, keepNext: true },
        },
      },
    },
    numbering: { config: writer.numbering() },
    sections: [
      {
        properties: {
          page: {
            size: { width: 12240, height: 15840 },
            margin: { top: 1000, bottom: 1000, left: 1160, right: 1160 },
          },
        },
        footers: {
          default: new Footer({
            children: [
              new Paragraph({
                border: { top: thin },
                tabStops: [{ type: TabStopType.RIGHT, position: WIDTH * 20 }],
                children: [
                  new TextRun({ text: `${sheet.footer.slice(0, 110)}\t`, size: 16, color: COLORS.soft }),
                  new TextRun({
                    children: [`${words.page} `, PageNumber.CURRENT, ` ${words.of} `, PageNumber.TOTAL_PAGES],
                    size: 16,
                    color: COLORS.soft,
                  }),
                ],
              }),
            ],
          }),
        },
        children: [...writer.header(), ...body],
      },
    ],
  });
  return freezeOffice(await Packer.toBuffer(doc));
}

class DocxWriter {
  private readonly sheet: Sheet;
  private readonly lists: { reference: string; ordered: boolean; start: number }[] = [];
  private breakNext = false;

  constructor(sheet: Sheet) {
    this.sheet = sheet;
  }

  header(): Piece[] {
    const words = WORDS[this.sheet.language];
    const kicker = this.sheet.tag ? `${this.sheet.kicker}  ·  ${this.sheet.tag}` : this.sheet.kicker;
    const pieces: Piece[] = [
      new Paragraph({
        spacing: { after: 40 },
        children: [new TextRun({ text: kicker, bold: true, size: 18, color: COLORS.accent })],
      }),
      new Paragraph({
        heading: 'Heading1',
        border: this.sheet.nameLine ? {} : { bottom: { ...thin, size: 10, color: COLORS.accent, space: 6 } },
        spacing: { after: this.sheet.nameLine ? 160 : 240 },
        children: [new TextRun(this.sheet.title)],
      }),
    ];
    if (this.sheet.nameLine)
      pieces.push(
        new Paragraph({
          border: { bottom: { ...thin, size: 10, color: COLORS.accent, space: 8 } },
          spacing: { after: 240 },
          children: [
            new TextRun({
              text: `${words.name} ${'_'.repeat(38)}    ${words.date} ${'_'.repeat(14)}`,
              color: COLORS.soft,
            }),
          ],
        }),
      );
    return pieces;
  }

  /** Numbering definitions of every list that was written; call after `blocks`. */
  numbering() {
    return this.lists.map(({ reference, ordered, start }) => ({
      reference,
      levels: [0, 1, 2].map((level) => ({
        level,
        start: level === 0 ? start : 1,
        format: ordered ? (level === 0 ? LevelFormat.DECIMAL : LevelFormat.LOWER_LETTER) : LevelFormat.BULLET,
        text: ordered ? `%${level + 1}.` : level === 0 ? '•' : '–',
        alignment: AlignmentType.LEFT,
        style: {
          paragraph: { indent: { left: 420 * (level + 1), hanging: 420 } },
          run: { bold: ordered, color: COLORS.accent },
        },
      })),
    }));
  }

  async blocks(blocks: Block[], place: Place): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const block of blocks) pieces.push(...(await this.block(block, place)));
    return pieces;
  }

  private async block(block: Block, place: Place): Promise<Piece[]> {
    const indent = { left: 420 * (place.depth + ('indent' in block ? block.indent : 0)) };
    const pageBreakBefore = this.breakNext && block.kind !== 'pagebreak' && block.kind !== 'slide';
    if (pageBreakBefore) this.breakNext = false;
    switch (block.kind) {
      case 'heading':
        return [
          new Paragraph({
            heading: block.level <= 2 ? 'Heading2' : 'Heading3',
            pageBreakBefore,
            children: this.runs(block.text),
          }),
        ];
      case 'paragraph':
        return [new Paragraph({ pageBreakBefore, indent, children: this.runs(block.text) })];
      case 'list':
        return this.list(block, place, pageBreakBefore);
      case 'table':
        return [...(pageBreakBefore ? [gap(true)] : []), this.table(block), gap()];
      case 'callout': {
        const title: Block[] = block.title
          ? [{ kind: 'paragraph', text: [{ text: block.title, bold: true }], indent: 0 }]
          : [];
        return [this.tinted(await this.blocks([...title, ...block.blocks], { depth: 0 })), gap()];
      }
      case 'columns': {
        const cells = await Promise.all(block.columns.map((column) => this.blocks(column, { depth: 0 })));
        return [this.layoutTable(cells), gap()];
      }
      case 'cards': {
        const rows = Array.from({ length: Math.ceil(block.cards.length / block.across) }, (_, row) =>
          block.cards.slice(row * block.across, (row + 1) * block.across),
        );
        const align = Array.from({ length: block.across }, () => 'center' as const);
        return [this.table({ kind: 'table', rows, headed: false, align }, Math.round(block.cm * 567)), gap()];
      }
      case 'quote':
        return this.blocks(block.blocks, { depth: place.depth + 1 });
      case 'code':
        return block.text.split('\n').map(
          (row) =>
            new Paragraph({
              spacing: { after: 0 },
              shading: { type: ShadingType.CLEAR, fill: 'F3F5F7' },
              children: [new TextRun({ text: row || ' ', font: 'Courier New', size: 19 })],
            }),
        );
      case 'lines':
        return Array.from(
          { length: block.count },
          () =>
            new Paragraph({
              indent,
              spacing: { before: 300, after: 60 },
              border: { bottom: thin, between: thin },
              children: [new TextRun(' ')],
            }),
        );
      case 'box':
        return [this.emptyBox(block.cm, block.label), gap()];
      case 'space':
        return [
          new Paragraph({
            spacing: { line: Math.round(block.cm * 567), lineRule: LineRuleType.EXACT, after: 0 },
          }),
        ];
      case 'figure':
        return [await this.figure(block.svg, block.alt, indent, pageBreakBefore)];
      case 'pagebreak':
      case 'slide':
        this.breakNext = true;
        return [];
      case 'notes':
        return [];
    }
  }

  private async list(
    block: Extract<Block, { kind: 'list' }>,
    place: Place,
    pageBreakBefore: boolean,
  ): Promise<Piece[]> {
    const reference = `list${this.lists.length + 1}`;
    this.lists.push({ reference, ordered: block.ordered, start: block.start });
    const pieces: Piece[] = [];
    for (const [index, item] of block.items.entries()) {
      const [first, ...rest] = item;
      const text = first?.kind === 'paragraph' ? first.text : [];
      pieces.push(
        new Paragraph({
          pageBreakBefore: pageBreakBefore && index === 0,
          numbering: { reference, level: 0 },
          indent: { left: 420 * (place.depth + 1), hanging: 420 },
          children: this.runs(text),
        }),
      );
      const others = first?.kind === 'paragraph' ? rest : item;
      pieces.push(...(await this.blocks(others, { depth: place.depth + 1 })));
    }
    return pieces;
  }

  private runs(runs: Inline[]): ParagraphChild[] {
    return runs.map((run) => {
      const text = new TextRun({
        text: run.text,
        ...(run.bold ? { bold: true } : {}),
        ...(run.italic ? { italics: true } : {}),
        ...(run.code ? { font: 'Courier New' } : {}),
        ...(run.br ? { break: 1 } : {}),
        ...(run.href ? { style: 'Hyperlink' } : {}),
      });
      return run.href ? new ExternalHyperlink({ link: run.href, children: [text] }) : text;
    });
  }

  private table(block: Extract<Block, { kind: 'table' }>, rowHeight?: number): Table {
    const count = Math.max(...block.rows.map((row) => row.length));
    const widths = columnWidths(block.rows, count);
    return new Table({
      width: { size: 100, type: WidthType.PERCENTAGE },
      columnWidths: widths,
      layout: TableLayoutType.FIXED,
      rows: block.rows.map(
        (row, index) =>
          new TableRow({
            cantSplit: true,
            ...(rowHeight ? { height: { value: rowHeight, rule: 'atLeast' as const } } : {}),
            tableHeader: block.headed && index === 0,
            children: Array.from({ length: count }, (_, column) => {
              const isHead = block.headed && index === 0;
              const cell = (row[column] ?? []).map((run) => (isHead ? { ...run, bold: true } : run));
              return new TableCell({
                width: { size: widths[column] ?? 1000, type: WidthType.DXA },
                verticalAlign: rowHeight ? 'center' : 'top',
                margins: { top: 60, bottom: 60, left: 110, right: 110 },
                borders: { top: thin, bottom: thin, left: thin, right: thin },
                ...(isHead ? { shading: { type: ShadingType.CLEAR, fill: COLORS.tint } } : {}),
                children: [
                  new Paragraph({
                    spacing: { after: 0 },
                    alignment: block.align[column] ?? 'left',
                    children: this.runs(cell),
                  }),
                ],
              });
            }),
          }),
      ),
    });
  }

  private tinted(children: Piece[]): Table {
    const borders = {
      top: none,
      bottom: none,
      right: none,
      left: { style: BorderStyle.SINGLE, size: 24, color: COLORS.accent },
    } as const;
    const cell = new TableCell({
      margins: { top: 100, bottom: 60, left: 180, right: 140 },
      borders,
      shading: { type: ShadingType.CLEAR, fill: COLORS.tint },
      children,
    });
    return new Table({
      width: { size: 100, type: WidthType.PERCENTAGE },
      rows: [new TableRow({ children: [cell] })],
    });
  }

  private layoutTable(cells: Piece[][]): Table {
    const borders = { top: none, bottom: none, left: none, right: none };
    const children = cells.map(
      (pieces) =>
        new TableCell({ borders, margins: { right: 200 }, children: pieces.length > 0 ? pieces : [gap()] }),
    );
    return new Table({
      width: { size: 100, type: WidthType.PERCENTAGE },
      rows: [new TableRow({ children })],
    });
  }

  private emptyBox(cm: number, label: string): Table {
    const borders = { top: thin, bottom: thin, left: thin, right: thin };
    const text = new Paragraph({ children: [new TextRun({ text: label, size: 18, color: COLORS.soft })] });
    const row = new TableRow({
      height: { value: Math.round(cm * 567), rule: 'atLeast' },
      cantSplit: true,
      children: [new TableCell({ borders, margins: { left: 110, top: 50 }, children: [text] })],
    });
    return new Table({ width: { size: 100, type: WidthType.PERCENTAGE }, rows: [row] });
  }

  private async figure(
    svg: string,
    alt: string,
    indent: { left: number },
    pageBreakBefore: boolean,
  ): Promise<Paragraph> {
    const picture = await drawSvg(svg);
    const scale = Math.min(1, WIDTH / picture.width, 600 / picture.height);
    const image = new ImageRun({
      type: 'png',
      data: picture.png,
      // ImageRun counts in pixels at 96 a inch, our pictures in points.
      transformation: {
        width: Math.round(picture.width * scale * 1.333),
        height: Math.round(picture.height * scale * 1.333),
      },
      altText: { name: alt.slice(0, 60), title: alt.slice(0, 60), description: alt },
    });
    return new Paragraph({
      pageBreakBefore,
      indent,
      alignment: picture.width > 200 && indent.left === 0 ? 'center' : 'left',
      children: [image],
    });
  }
}

/** Column widths in twentieths of a point: by the longest cell, within reason; a column to be written in is wide. */
function columnWidths(rows: Inline[][][], count: number): number[] {
  const wants = Array.from({ length: count }, (_, column) => {
    const texts = rows.map((row) => plainText(row[column] ?? []));
    const lengths = texts.map((text) => text.length);
    const blank = rows.length > 1 && lengths.slice(1).every((length) => length === 0);
    return blank ? 30 : Math.min(46, Math.max(8, ...lengths)) + 3;
  });
  // No column is narrower than its longest word (about 6.5 points a letter), so that no word is broken.
  const least = Array.from(
    { length: count },
    (_, column) =>
      Math.max(
        ...rows.flatMap((row) =>
          plainText(row[column] ?? [])
            .split(/\s+/)
            .map((word) => word.length),
        ),
      ) *
        6.5 +
      12,
  );
  const free = Math.max(0, WIDTH - least.reduce((sum, width) => sum + width, 0));
  const extra = wants.map((want, column) => Math.max(0, want * 5.5 - (least[column] ?? 0)));
  const total = extra.reduce((sum, width) => sum + width, 0) || 1;
  const points = least.map((width, column) => width + (free * (extra[column] ?? 0)) / total);
  const sum = points.reduce((all, width) => all + width, 0);
  return points.map((width) => Math.round((width / sum) * WIDTH * 20));
}

function gap(pageBreakBefore = false): Paragraph {
  return new Paragraph({ pageBreakBefore, spacing: { after: 60, line: 160 }, children: [] });
}
