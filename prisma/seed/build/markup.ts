import MarkdownIt, { type Token } from 'markdown-it';
import { fractionBars, gridSvg, numberLine, planeSvg } from './figures.ts';

/** A run of text with its style. `br` is a line break. */
export interface Inline {
  text: string;
  bold?: boolean;
  italic?: boolean;
  code?: boolean;
  href?: string;
  br?: boolean;
}
export interface Figure {
  kind: 'figure';
  svg: string;
  alt: string;
  indent: number;
}
/** What a part is made of; every renderer (PDF, DOCX, PPTX) draws these and nothing else. */
export type Block =
  | { kind: 'heading'; level: number; text: Inline[] }
  | { kind: 'paragraph'; text: Inline[]; indent: number }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; rows: Inline[][][]; headed: boolean; align: ('left' | 'center' | 'right')[] }
  | { kind: 'callout'; title: string; blocks: Block[] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'lines'; count: number; indent: number }
  | { kind: 'box'; cm: number; label: string; indent: number }
  | { kind: 'space'; cm: number }
  | { kind: 'pagebreak' }
  | { kind: 'slide' }
  | { kind: 'notes'; text: string }
  | { kind: 'columns'; columns: Block[][] }
  | { kind: 'cards'; across: number; cm: number; cards: Inline[][] }
  | Figure;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
const FENCED = new Set(['svg', 'callout', 'notes', 'columns', 'cards']);

/**
 * Reads the Markdown of a part into blocks: CommonMark with tables, `---` for a page break, and the directives
 * `:::lines :::box :::space :::numberline :::fractionbar :::grid :::plane :::svg :::callout :::notes :::columns :::cards :::slide`.
 * Throws an Error for an unknown directive or a fenced one that isn't closed; `where` names the part in it.
 */
export function parseMarkup(text: string, where: string): Block[] {
  const blocks: Block[] = [];
  let plain: string[] = [];
  const flush = () => {
    blocks.push(...parsePlain(plain.join('\n')));
    plain = [];
  };
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (/^-{3,}\s*$/.test(line)) {
      flush();
      blocks.push({ kind: 'pagebreak' });
      continue;
    }
    const directive = /^(\s*):{3,}\s*([a-z]+)\s*(.*)$/.exec(line);
    if (!directive) {
      plain.push(line);
      continue;
    }
    flush();
    const [, indent = '', name = '', rest = ''] = directive;
    let body = '';
    if (FENCED.has(name)) {
      const end = closing(lines, index, where, name);
      body = lines.slice(index + 1, end).join('\n');
      index = end;
    }
    blocks.push(readDirective(name, rest.trim(), body, indent.length > 0 ? 1 : 0, where));
  }
  flush();
  return blocks;
}

/** The line of the `:::` that closes the directive opened at `from` (directives may be nested). */
function closing(lines: string[], from: number, where: string, name: string): number {
  let depth = 1;
  for (let index = from + 1; index < lines.length; index++) {
    const line = (lines[index] ?? '').trim();
    if (/^:{3,}$/.test(line)) depth--;
    else if (FENCED.has(/^:{3,}\s*([a-z]+)/.exec(line)?.[1] ?? '')) depth++;
    if (depth === 0) return index;
  }
  throw new Error(`${where}: :::${name} is never closed`);
}

function readDirective(name: string, rest: string, body: string, indent: number, where: string): Block {
  const words = rest.split(/\s+/).filter(Boolean);
  const options = Object.fromEntries(
    words.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]),
  );
  const values = words.filter((word) => !word.includes('='));
  const figure = (svg: string, alt: string): Figure => ({ kind: 'figure', svg, alt, indent });
  switch (name) {
    case 'lines':
      return { kind: 'lines', count: Number(values[0] ?? 3), indent };
    case 'box': {
      const label = rest.replace(/^\S+\s*/, '');
      return { kind: 'box', cm: parseFloat(values[0] ?? '4'), label, indent };
    }
    case 'space':
      return { kind: 'space', cm: parseFloat(values[0] ?? '1') };
    case 'numberline':
      return figure(
        numberLine(values, options),
        `Number line from ${values[0] ?? '0'} to ${values[1] ?? '1'} in ${values[2] ?? '1'} equal parts`,
      );
    case 'fractionbar':
      return figure(fractionBars(values, options), `Fraction bars for ${values.join(' and ')}`);
    case 'grid':
      return figure(
        gridSvg(values, options),
        `Grid of ${values[0] ?? ''} rows and ${values[1] ?? ''} columns`,
      );
    case 'plane':
      return figure(planeSvg(values, options), `Coordinate plane${rest ? ': ' + rest : ''}`);
    case 'svg': {
      const title = /<title>([^<]+)<\/title>/.exec(body)?.[1];
      return figure(body.trim(), rest || title || 'Figure');
    }
    case 'callout':
      return { kind: 'callout', title: rest, blocks: parseMarkup(body, where) };
    case 'columns':
      return {
        kind: 'columns',
        columns: body.split(/^\s*\|\|\|\s*$/m).map((part) => parseMarkup(part, where)),
      };
    case 'cards': {
      const cards = body.split('\n').filter((line) => line.trim());
      const inline = cards.map((line) => inlineAt(markdown.parseInline(line.trim(), {}), { at: 0 }));
      return {
        kind: 'cards',
        across: Number(values[0] ?? 3),
        cm: parseFloat(values[1] ?? '3'),
        cards: inline,
      };
    }
    case 'notes':
      return { kind: 'notes', text: body.trim() };
    case 'slide':
      return { kind: 'slide' };
    default:
      throw new Error(`${where}: unknown directive :::${name}`);
  }
}

function parsePlain(text: string): Block[] {
  if (!text.trim()) return [];
  const indented = /^\s{2,4}\S/.test(text) && !/^\s*([-*+]|\d+[.)])\s/.test(text);
  const source = indented ? dedent(text) : text;
  const tokens = markdown.parse(source, {});
  const blocks = readBlocks(tokens, { at: 0 }, undefined);
  if (indented && blocks[0]?.kind === 'paragraph') blocks[0].indent = 1;
  return blocks;
}

/** A paragraph that carries on a list item after a directive is indented; without this it would become code. */
function dedent(text: string): string {
  return text.replace(/^[ ]{2,4}(?=\S)/, '');
}

function readBlocks(tokens: Token[], cursor: { at: number }, until: string | undefined): Block[] {
  const blocks: Block[] = [];
  while (cursor.at < tokens.length) {
    const token = tokens[cursor.at++];
    if (!token) break;
    if (token.type === until) return blocks;
    switch (token.type) {
      case 'heading_open':
        blocks.push({ kind: 'heading', level: Number(token.tag.slice(1)), text: inlineAt(tokens, cursor) });
        cursor.at++;
        break;
      case 'paragraph_open':
        blocks.push({ kind: 'paragraph', text: inlineAt(tokens, cursor), indent: 0 });
        cursor.at++;
        break;
      case 'bullet_list_open':
        blocks.push({
          kind: 'list',
          ordered: false,
          start: 1,
          items: readItems(tokens, cursor, 'bullet_list_close'),
        });
        break;
      case 'ordered_list_open':
        blocks.push({
          kind: 'list',
          ordered: true,
          start: Number(token.attrGet('start') ?? 1),
          items: readItems(tokens, cursor, 'ordered_list_close'),
        });
        break;
      case 'blockquote_open':
        blocks.push({ kind: 'quote', blocks: readBlocks(tokens, cursor, 'blockquote_close') });
        break;
      case 'table_open':
        blocks.push(readTable(tokens, cursor));
        break;
      case 'fence':
      case 'code_block':
        blocks.push({ kind: 'code', text: token.content.replace(/\n$/, '') });
        break;
    }
  }
  return blocks;
}

function readItems(tokens: Token[], cursor: { at: number }, close: string): Block[][] {
  const items: Block[][] = [];
  while (cursor.at < tokens.length) {
    const token = tokens[cursor.at++];
    if (!token || token.type === close) break;
    if (token.type === 'list_item_open') items.push(readBlocks(tokens, cursor, 'list_item_close'));
  }
  return items;
}

function readTable(tokens: Token[], cursor: { at: number }): Block {
  const rows: Inline[][][] = [];
  const align: ('left' | 'center' | 'right')[] = [];
  while (cursor.at < tokens.length) {
    const token = tokens[cursor.at++];
    if (!token || token.type === 'table_close') break;
    if (token.type === 'tr_open') rows.push([]);
    if (token.type === 'th_open' || token.type === 'td_open') {
      const style = String(token.attrGet('style') ?? '');
      if (token.type === 'th_open')
        align.push(style.includes('center') ? 'center' : style.includes('right') ? 'right' : 'left');
      rows.at(-1)?.push(inlineAt(tokens, cursor));
    }
  }
  // A first row without any words is only there because Markdown demands one.
  const headed = rows[0]?.some((cell) => cell.some((run) => run.text.trim())) ?? false;
  return { kind: 'table', rows: headed ? rows : rows.slice(1), headed, align };
}

function inlineAt(tokens: Token[], cursor: { at: number }): Inline[] {
  const token = tokens[cursor.at++];
  const runs: Inline[] = [];
  let bold = 0;
  let italic = 0;
  let href: string | undefined;
  const push = (text: string, extra: Partial<Inline> = {}) =>
    runs.push({
      text,
      ...(bold ? { bold: true } : {}),
      ...(italic ? { italic: true } : {}),
      ...(href ? { href } : {}),
      ...extra,
    });
  for (const child of token?.children ?? []) {
    if (child.type === 'text') pushWithBreaks(child.content, push);
    else if (child.type === 'code_inline') push(child.content, { code: true });
    else if (child.type === 'softbreak') push(' ');
    else if (child.type === 'hardbreak') push('', { br: true });
    else if (child.type === 'strong_open') bold++;
    else if (child.type === 'strong_close') bold--;
    else if (child.type === 'em_open') italic++;
    else if (child.type === 'em_close') italic--;
    else if (child.type === 'link_open') href = String(child.attrGet('href') ?? '');
    else if (child.type === 'link_close') href = undefined;
  }
  return runs;
}

/** `<br>` in a table cell is the only way Markdown has to break a line there. */
function pushWithBreaks(text: string, push: (text: string, extra?: Partial<Inline>) => void): void {
  const parts = text.split(/<br\s*\/?>/);
  for (const [index, part] of parts.entries()) {
    if (index > 0) push('', { br: true });
    if (part) push(part);
  }
}

/** The text of runs without style. */
export function plainText(runs: Inline[]): string {
  return runs.map((run) => (run.br ? ' ' : run.text)).join('');
}
