import MarkdownIt from 'markdown-it';

/** What a web page says. */
export type HtmlText = {
  /** Of its `<title>`; '' where it has none. */
  title: string;
  /** Paragraphs, headings, lists and links, as Markdown. */
  markdown: string;
  /** The same words without any marks, for a search. */
  text: string;
  /** Where its links lead and its pictures, sounds and films lie, as written. */
  links: string[];
  /** `<meta name content>`, names in lower case. */
  meta: ReadonlyMap<string, string>;
  /** What stands in `<script type="application/ld+json">`. */
  jsonLd: string[];
};

const { unescapeAll } = new MarkdownIt().utils;
/** Entities of HTML 5; markdown-it knows them all. Its own escapes must not count here. */
const decodeEntities = (text: string): string =>
  text.includes('&') ? unescapeAll(text.replaceAll('\\', '\\\\')) : text;

const BLOCKS = new Set(
  'address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr iframe li main nav ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const CELLS = new Set(['td', 'th']);
/** Whose content is no text of the page. */
const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg', 'title']);
const LINKING: Record<string, string> = {
  a: 'href',
  img: 'src',
  audio: 'src',
  video: 'src',
  source: 'src',
  embed: 'src',
  iframe: 'src',
};

type Tag = { name: string; closing: boolean; attributes: string };

/**
 * Reads the words of a web page, whatever its mark-up is worth, in one pass. Styles, scripts and tables' looks are left
 * out; links keep their address where it is http or https.
 */
export function readHtml(html: string): HtmlText {
  const writer = new MarkdownWriter();
  const links: string[] = [];
  const meta = new Map<string, string>();
  const jsonLd: string[] = [];
  let title = '';
  let silent: { name: string; from: number; keep: boolean } | undefined;
  scan(html, {
    text: (raw) => {
      if (!silent) writer.text(decodeEntities(raw));
    },
    tag: ({ name, closing, attributes }, start, end) => {
      if (silent) {
        if (!closing || name !== silent.name) return;
        const inside = html.slice(silent.from, start);
        if (name === 'title') title ||= decodeEntities(inside).replaceAll(/\s+/g, ' ').trim();
        else if (silent.keep) jsonLd.push(inside);
        silent = undefined;
        return;
      }
      if (SILENT.has(name)) {
        const keep = name === 'script' && /ld\+json/i.test(attributeOf(attributes, 'type') ?? '');
        if (!closing) silent = { name, from: end, keep };
        return;
      }
      if (name === 'meta') {
        const [key, content] = [attributeOf(attributes, 'name'), attributeOf(attributes, 'content')];
        if (key !== undefined && content !== undefined) meta.set(key.toLowerCase(), content);
      }
      const address = closing ? undefined : attributeOf(attributes, LINKING[name] ?? '');
      if (address !== undefined && name in LINKING) links.push(address);
      if (name === 'img') writer.text(` ${attributeOf(attributes, 'alt') ?? ''} `);
      if (name === 'a') writer.link(closing ? undefined : address);
      else if (CELLS.has(name)) writer.text(' ');
      else if (BLOCKS.has(name)) writer.block(name, closing);
    },
  });
  return { title, ...writer.end(), links, meta, jsonLd };
}

/** Puts words into blocks. */
class MarkdownWriter {
  readonly #markdown: { words: string; item: boolean }[] = [];
  /** How deep the item before stands, from 0; -1 behind anything else. */
  #depth = -1;
  readonly #plain: string[] = [];
  #words = '';
  #plainWords = '';
  #prefix = '';
  #item = false;
  #lists: ('ul' | 'ol')[] = [];
  #link: { address: string; from: number; plainFrom: number } | undefined;

  text(text: string): void {
    this.#words += text.replaceAll(/[\\*_[\]`]/g, '\\$&');
    this.#plainWords += text;
  }

  link(address: string | undefined): void {
    if (this.#link) {
      const { address: target, from, plainFrom } = this.#link;
      const words = this.#words.slice(from).trim();
      const url = addressOf(target);
      if (url !== undefined)
        this.#words = `${this.#words.slice(0, from)}[${words === '' ? url : words}](${url})`;
      if (url !== undefined && this.#plainWords.slice(plainFrom).trim() === '') this.#plainWords += url;
    }
    this.#link =
      address === undefined
        ? undefined
        : { address, from: this.#words.length, plainFrom: this.#plainWords.length };
  }

  block(name: string, closing: boolean): void {
    this.#flush();
    this.#prefix = '';
    this.#item = false;
    if (name === 'ul' || name === 'ol') {
      if (!closing) this.#lists.push(name);
      else this.#lists.pop();
    } else if (!closing && /^h[1-6]$/.test(name)) this.#prefix = `${'#'.repeat(Number(name[1]))} `;
    else if (!closing && name === 'li') {
      this.#item = true;
      this.#prefix = this.#lists.at(-1) === 'ol' ? '1. ' : '- ';
    } else if (!closing && name === 'blockquote') this.#prefix = '> ';
  }

  #flush(): void {
    const address = this.#link?.address;
    this.link(undefined);
    const words = tidy(this.#words);
    const plain = tidy(this.#plainWords);
    // Words that begin like a heading or a list are neither.
    const safe = this.#prefix === '' ? words.replace(/^(\d*)([#>+-]|[.)](?=\s))/, '$1\\$2') : words;
    if (words !== '') this.#write(safe);
    if (plain !== '') this.#plain.push(plain);
    this.#words = '';
    this.#plainWords = '';
    if (address !== undefined) this.link(address);
  }

  /** An item may stand only one step deeper than the one before: else it would be code. */
  #write(words: string): void {
    this.#depth = this.#item ? Math.max(0, Math.min(this.#lists.length - 1, this.#depth + 1)) : -1;
    const indent = '    '.repeat(Math.max(0, this.#depth));
    this.#markdown.push({ words: indent + this.#prefix + words, item: this.#item });
  }

  end(): { markdown: string; text: string } {
    this.#flush();
    let markdown = '';
    let before = false;
    for (const { words, item } of this.#markdown) {
      markdown += markdown === '' ? words : `${item && before ? '\n' : '\n\n'}${words}`;
      before = item;
    }
    return { markdown, text: this.#plain.join('\n') };
  }
}

const tidy = (text: string): string => text.replaceAll(/[\s\u00a0]+/g, ' ').trim();

function addressOf(address: string): string | undefined {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  return new URL(address).href.replaceAll('(', '%28').replaceAll(')', '%29');
}

/** The value of an attribute; names don't mind case, values may stand in either quotes or none. */
function attributeOf(attributes: string, name: string): string | undefined {
  if (name === '') return undefined;
  for (const [, key, double, single, bare] of attributes.matchAll(
    /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  ))
    if (key?.toLowerCase() === name) return decodeEntities(double ?? single ?? bare ?? '').trim();
  return undefined;
}

/** Walks over a text with tags. Every step consumes what it looked at, so that no text takes more than its length. */
function scan(
  html: string,
  on: { text: (raw: string) => void; tag: (tag: Tag, start: number, end: number) => void },
): void {
  const unclosed = new Set<string>();
  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at);
    if (open > at || open === -1) on.text(html.slice(at, open === -1 ? undefined : open));
    if (open === -1) return;
    if (html.startsWith('<!--', open)) {
      const end = unclosed.has('-->') ? -1 : html.indexOf('-->', open + 4);
      if (end === -1) unclosed.add('-->');
      at = end === -1 ? open + 4 : end + 3;
      continue;
    }
    if (!/[a-z/!?]/i.test(html[open + 1] ?? '')) {
      on.text('<');
      at = open + 1;
      continue;
    }
    const end = endOfTag(html, open + 1, unclosed);
    if (end === -1) return;
    const inside = html.slice(open + 1, end);
    const name = /^\/?([a-z][a-z0-9:-]*)/i.exec(inside)?.[1]?.toLowerCase();
    if (name !== undefined)
      on.tag({ name, closing: inside.startsWith('/'), attributes: inside.slice(name.length) }, open, end + 1);
    at = end + 1;
  }
}

/** Where a tag's `>` stands, quotes left out; -1 where there is none. */
function endOfTag(html: string, from: number, unclosed: Set<string>): number {
  const signs = /[>"']/g;
  signs.lastIndex = from;
  for (let sign = signs.exec(html); sign; sign = signs.exec(html)) {
    if (sign[0] === '>') return sign.index;
    const close = unclosed.has(sign[0]) ? -1 : html.indexOf(sign[0], sign.index + 1);
    if (close === -1) unclosed.add(sign[0]);
    else signs.lastIndex = close + 1;
  }
  return -1;
}
