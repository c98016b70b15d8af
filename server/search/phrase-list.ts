import { foldedWords } from './reading/query-tokens.ts';

/**
 * Phrases as people write them into a form, one a line or with commas between: trimmed, without what has no letter or
 * number, and without what is the same but for case and accents.
 */
export function distinctPhrases(text: string): string[] {
  const found = new Map<string, string>();
  for (const part of text.split(/[,;\r\n]+/)) {
    const tidy = part.replaceAll(/\s+/g, ' ').trim();
    const key = foldedWords(tidy).join(' ');
    if (key !== '' && !found.has(key)) found.set(key, tidy);
  }
  return [...found.values()];
}
