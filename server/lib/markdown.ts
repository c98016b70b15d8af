import MarkdownIt from 'markdown-it';
import { markSafe, type SafeHtml } from './safe-html.ts';

// `html: false` escapes all HTML, and markdown-it's own link check refuses javascript:, data: and the like.
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false });

const renderLink = markdown.renderer.rules.link_open;
markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  tokens[index]?.attrSet('rel', 'noopener nofollow ugc');
  return renderLink
    ? renderLink(tokens, index, options, env, self)
    : self.renderToken(tokens, index, options);
};
// An image from elsewhere would tell another site who reads the page; its words stay.
markdown.renderer.rules.image = (tokens, index) => markdown.utils.escapeHtml(tokens[index]?.content ?? '');
/** How far headings are lowered. */
type Env = { lower: number };

// The page has its own h1 and h2: what an author calls a heading comes below them.
markdown.core.ruler.push('lower_headings', (state) => {
  for (const token of state.tokens)
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(6, Math.max(2, Number(token.tag.slice(1)) + (state.env as Env).lower))}`;
});

/** What an author wrote as Markdown, as HTML that is safe to print. Null for nothing. */
export function renderMarkdown(text: string): SafeHtml | null {
  return text.trim() === '' ? null : markSafe(markdown.render(text, { lower: 2 } satisfies Env));
}

/** A page that is all Markdown but for its h1, likewise: `##` is its h2. */
export function renderMarkdownPage(text: string): SafeHtml | null {
  return text.trim() === '' ? null : markSafe(markdown.render(text, { lower: 0 } satisfies Env));
}
