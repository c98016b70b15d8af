import { describe, expect, it } from 'vitest';
import { readHtml } from '../../server/lib/html-markdown.ts';
import { renderMarkdown } from '../../server/lib/markdown.ts';

describe('the words of a web page', () => {
  it('keep paragraphs, headings, lists and links, and nothing of its looks', () => {
    const { markdown, text, title, links } = readHtml(
      '<!doctype html><title>Roots &ndash; 1</title><style>p{}</style><!-- no --><H2 class=a>One<br>Two</H2><p>A<b>B</b>&nbsp; c &lt;d&gt;</p>' +
        '<ol><li>one<ul><li>deep <a href=\'https://a.example/(x)\'>link</a></ul><li>two</ol><a href="javascript:alert(1)">x</a><table><tr><td>1<td>2</table>',
    );
    expect(title).toBe('Roots – 1');
    expect(markdown).toBe(
      '## One\n\nTwo\n\nAB c <d>\n\n1. one\n    - deep [link](https://a.example/%28x%29)\n1. two\n\nx\n\n1 2',
    );
    expect(text).toBe('One\nTwo\nAB c <d>\none\ndeep link\ntwo\nx\n1 2');
    expect(links).toEqual(['https://a.example/(x)', 'javascript:alert(1)']);
  });

  it('mean the same after they went through Markdown', () => {
    const words = '1. not a list, *no* stars, _no_ lines, # no heading, [no](link) `no` \\ code';
    const html = String(renderMarkdown(readHtml(`<p>${words}</p><p>- dash</p>`).markdown)?.html ?? '');
    expect(
      html
        .replaceAll(/<\/?p>/g, '')
        .trim()
        .split('\n'),
    ).toEqual([words, '- dash']);
  });

  it('are read from broken pages, to whose end nobody looks again for each of their pieces', () => {
    // Were each piece to look for its end through all of the rest, these would take hours.
    for (const piece of ['<!--', '<a "', "<a '", '<a href="', '<', '<p', '<script>', '</', '&', '<ul><li>'])
      expect(readHtml(piece.repeat(200_000)).title, piece).toBe('');
    expect(readHtml('a < b <i>c').text).toBe('a < b c');
    expect(readHtml('<p>x <a title="never closed>y').text).toBe('x y');
    expect(readHtml('').markdown).toBe('');
  });
});
