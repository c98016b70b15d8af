import pptxgenjs from 'pptxgenjs';
import { plainText, type Block, type Inline } from './markup.ts';
import { drawSvg } from './raster.ts';
import { COLORS, type Sheet } from './sheet.ts';
import { freezeOffice } from './zip.ts';

// The package's types describe a default export, its ES module build delivers the class itself or a wrapper.
const PptxGen = ((pptxgenjs as unknown as { default?: unknown }).default ?? pptxgenjs) as new () => Pptx;
type Pptx = InstanceType<typeof pptxgenjs.default>;
type PptxSlide = ReturnType<Pptx['addSlide']>;
type TextProps = Exclude<Parameters<PptxSlide['addText']>[0], string>[number];

const FONT = 'Arial';
/** A 16:9 slide in inches. */
const PAGE = { width: 13.333, height: 7.5, left: 0.7, top: 1.55, bottom: 6.85 };

/** Renders a sheet as slides (`:::slide` starts one; before the first comes a title slide made from the sheet). */
export async function renderPptx(sheet: Sheet): Promise<Buffer> {
  const deck = new PptxGen();
  deck.layout = 'LAYOUT_WIDE';
  deck.title = sheet.title;
  deck.author = sheet.author;
  deck.company = 'Demo State';
  const pages: Block[][] = [[]];
  for (const block of sheet.blocks) {
    if (block.kind === 'slide' || block.kind === 'pagebreak') pages.push([]);
    else pages.at(-1)?.push(block);
  }
  titleSlide(deck, sheet, pages.shift() ?? []);
  for (const [index, blocks] of pages.filter((page) => page.length > 0).entries())
    await contentSlide(deck, sheet, blocks, index + 2);
  return freezeOffice((await deck.write({ outputType: 'nodebuffer', compression: true })) as Buffer);
}

function titleSlide(deck: Pptx, sheet: Sheet, blocks: Block[]): void {
  const slide = deck.addSlide();
  slide.background = { color: COLORS.accent };
  slide.addText(sheet.kicker, {
    x: 0.9,
    y: 1.5,
    w: 11.5,
    h: 0.5,
    fontFace: FONT,
    fontSize: 18,
    color: 'DCEBF6',
    bold: true,
  });
  slide.addText(sheet.title, {
    x: 0.9,
    y: 2.0,
    w: 11.5,
    h: 1.9,
    fontFace: FONT,
    fontSize: 42,
    color: 'FFFFFF',
    bold: true,
    valign: 'top',
  });
  const under = blocks.filter((block) => block.kind === 'paragraph').map((block) => plainText(block.text));
  if (under.length > 0)
    slide.addText(under.join('\n'), {
      x: 0.9,
      y: 4.1,
      w: 11.5,
      h: 1.9,
      fontFace: FONT,
      fontSize: 20,
      color: 'FFFFFF',
      valign: 'top',
    });
  slide.addText(sheet.footer, {
    x: 0.9,
    y: 6.7,
    w: 11.5,
    h: 0.4,
    fontFace: FONT,
    fontSize: 11,
    color: 'DCEBF6',
  });
  const notes = blocks.find((block) => block.kind === 'notes');
  if (notes) slide.addNotes(notes.text);
}

async function contentSlide(deck: Pptx, sheet: Sheet, blocks: Block[], number: number): Promise<void> {
  const slide = deck.addSlide();
  slide.background = { color: 'FFFFFF' };
  const heading = blocks.find((block) => block.kind === 'heading');
  if (heading)
    slide.addText(plainText(heading.text), {
      x: PAGE.left,
      y: 0.4,
      w: 11.9,
      h: 0.95,
      fontFace: FONT,
      fontSize: 30,
      bold: true,
      color: COLORS.accent,
      valign: 'middle',
      margin: 0,
      fit: 'shrink',
    });
  slide.addShape('rect', {
    x: PAGE.left,
    y: 1.36,
    w: 1.2,
    h: 0.05,
    fill: { color: COLORS.accent },
    line: { type: 'none' },
  });
  slide.addText(sheet.footer, {
    x: PAGE.left,
    y: 7.02,
    w: 10.5,
    h: 0.3,
    fontFace: FONT,
    fontSize: 9,
    color: COLORS.soft,
  });
  slide.addText(String(number), {
    x: 12.0,
    y: 7.02,
    w: 0.7,
    h: 0.3,
    fontFace: FONT,
    fontSize: 10,
    color: COLORS.soft,
    align: 'right',
  });
  const notes = blocks.filter((block) => block.kind === 'notes').map((block) => block.text);
  if (notes.length > 0) slide.addNotes(notes.join('\n\n'));

  const body = flatten(blocks.filter((block) => block !== heading && block.kind !== 'notes'));
  const figures = body.filter((block) => block.kind === 'figure');
  const table = body.find((block) => block.kind === 'table');
  const words = body.filter((block) => block.kind !== 'figure' && block.kind !== 'table');
  const text = toText(words);
  const hasMedia = figures.length > 0 || table !== undefined;
  const signs = text.reduce(
    (sum, run) => sum + (run.text ?? '').length + (run.options?.breakLine ? 25 : 0),
    0,
  );
  const beside =
    hasMedia && text.length > 0 && (signs > 260 || figures.length > 1 || (await isTall(figures[0])));
  const fontSize =
    signs > 760
      ? 15
      : signs > 560
        ? 17
        : signs > 380
          ? 20
          : signs > 240
            ? 24
            : hasMedia || signs > 150
              ? 28
              : 34;
  const space = PAGE.bottom - PAGE.top;
  const under =
    text.length > 0
      ? Math.min(
          space * 0.55,
          0.3 +
            text.filter((run) => run.options?.breakLine).length * fontSize * 0.019 +
            (signs * fontSize) / 5200,
        )
      : 0;
  if (text.length > 0)
    slide.addText(text, {
      x: PAGE.left,
      y: PAGE.top,
      w: beside ? 6.2 : 11.9,
      h: hasMedia && !beside ? under : space,
      fontFace: FONT,
      fontSize,
      color: COLORS.ink,
      valign: 'top',
      fit: 'shrink',
      margin: 0,
    });
  const area = beside
    ? { x: 7.1, y: PAGE.top, w: 5.55, h: space }
    : { x: PAGE.left, y: PAGE.top + under, w: 11.9, h: space - under };
  if (table) addTable(slide, table, area, fontSize);
  const room = area.h / Math.max(1, figures.length);
  for (const [index, figure] of figures.entries()) {
    const picture = await drawSvg(figure.svg, 3);
    const scale = Math.min(area.w / picture.width, (room - 0.15) / picture.height, 0.03);
    const [w, h] = [picture.width * scale, picture.height * scale];
    const at = { x: area.x + (area.w - w) / 2, y: area.y + index * room + (room - h) / 2, w, h };
    slide.addImage({
      data: `image/png;base64,${picture.png.toString('base64')}`,
      altText: figure.alt,
      ...at,
    });
  }
}

async function isTall(figure: Extract<Block, { kind: 'figure' }> | undefined): Promise<boolean> {
  if (!figure) return false;
  const picture = await drawSvg(figure.svg, 1);
  return picture.height > picture.width * 0.6;
}

function flatten(blocks: Block[]): Block[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'columns') return block.columns.flatMap(flatten);
    if (block.kind === 'callout')
      return [...(block.title ? [bold(block.title)] : []), ...flatten(block.blocks)];
    if (block.kind === 'quote') return flatten(block.blocks);
    return [block];
  });
}

const bold = (text: string): Block => ({ kind: 'paragraph', text: [{ text, bold: true }], indent: 0 });

function toText(blocks: Block[], depth = 0): TextProps[] {
  return blocks.flatMap((block): TextProps[] => {
    switch (block.kind) {
      case 'paragraph':
        return line(block.text, { paraSpaceAfter: 8 });
      case 'heading':
        return line(
          block.text.map((run) => ({ ...run, bold: true })),
          { paraSpaceAfter: 6, color: COLORS.accent },
        );
      case 'code':
        return block.text.split('\n').flatMap((row) => line([{ text: row || ' ', code: true }], {}));
      case 'list':
        return block.items.flatMap((item, index) => {
          const [first, ...rest] = item;
          const bullet = block.ordered
            ? { type: 'number' as const, numberStartAt: block.start + index }
            : { indent: 20 };
          const own =
            first?.kind === 'paragraph'
              ? line(first.text, { bullet, indentLevel: depth, paraSpaceAfter: 8 })
              : [];
          return [...own, ...toText(first?.kind === 'paragraph' ? rest : item, depth + 1)];
        });
      default:
        return [];
    }
  });
}

function line(runs: Inline[], paragraph: NonNullable<TextProps['options']>): TextProps[] {
  const shown = runs.filter((run) => run.text || run.br);
  return shown.map((run, index) => ({
    text: run.br ? '' : run.text,
    options: {
      ...(index === 0 ? paragraph : {}),
      ...(run.bold ? { bold: true } : {}),
      ...(run.italic ? { italic: true } : {}),
      ...(run.code ? { fontFace: 'Courier New' } : {}),
      ...(run.br || index === shown.length - 1 ? { breakLine: true } : {}),
    },
  }));
}

function addTable(
  slide: PptxSlide,
  table: Extract<Block, { kind: 'table' }>,
  area: { x: number; y: number; w: number; h: number },
  fontSize: number,
): void {
  const rows = table.rows.map((row, index) =>
    row.map((cell, column) => ({
      text: plainText(cell),
      options: {
        bold: table.headed && index === 0,
        align: table.align[column] ?? ('left' as const),
        ...(table.headed && index === 0 ? { fill: { color: COLORS.tint } } : {}),
      },
    })),
  );
  slide.addTable(rows, {
    x: area.x,
    y: area.y,
    w: area.w,
    fontFace: FONT,
    fontSize: Math.min(fontSize, table.rows.length > 7 ? 15 : table.rows.length > 4 ? 18 : 22),
    color: COLORS.ink,
    border: { type: 'solid', pt: 0.75, color: COLORS.rule },
    margin: 0.08,
    valign: 'middle',
  });
}
