const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎';
const RAISED = '0123456789+-=()ni';

/** `<sup>2</sup>` → `²` where Unicode has the signs, else `^(x+1)`; `<sub>` alike with `_`. */
function shifted(inner: string, signs: string, mark: string): string {
  const text = inner.trim();
  const moved = text.split('').map((sign) => signs[RAISED.indexOf(sign)] ?? '');
  if (text !== '' && moved.every((sign) => sign !== '')) return moved.join('');
  return text.length > 1 ? `${mark}(${text})` : `${mark}${text}`;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * Statements of standards as plain text: publishers put HTML into them (lists, line breaks, raised numbers). Only
 * well-known tags count as tags, so `3 < 5 and 7 > 2` stays. Lists become lines that begin with a bullet, line ends
 * are `\n`, spaces single, ends trimmed. Markdown is left as it is.
 */
export function plainStatement(text: string): string {
  return (
    text
      .normalize('NFC')
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll(/<sup\b[^>]*>([^<]*)<\/sup>/gi, (_, inner: string) => shifted(inner, SUPERSCRIPTS, '^'))
      .replaceAll(/<sub\b[^>]*>([^<]*)<\/sub>/gi, (_, inner: string) => shifted(inner, SUBSCRIPTS, '_'))
      .replaceAll(/<br\b[^>]*>|<\/p>|<\/li>|<\/?[ou]l\b[^>]*>|<\/div>/gi, '\n')
      .replaceAll(/<li\b[^>]*>/gi, '\n• ')
      .replaceAll(/<\/?(?:p|div|span|b|i|u|em|strong|a|font|sup|sub|small|h[1-6])\b[^>]*>/gi, '')
      .replaceAll(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => ENTITIES[name] ?? '')
      // eslint-disable-next-line no-control-regex -- control signs are what this takes out
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '')
      .replaceAll(/[^\S\n]+/g, ' ')
      .replaceAll(/ ?\n ?/g, '\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .replaceAll(/\n\n+(?=• )/g, '\n')
      .trim()
  );
}
