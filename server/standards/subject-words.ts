/** Words by which publishers name a subject → words that a state's own list of subjects would use. */
const SYNONYMS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bmath/i, ['mathematics', 'math']],
  [
    /\benglish\b|\bela\b|language arts|\breading\b|\bliteracy\b|\bwriting\b/i,
    ['english-language-arts', 'english', 'ela'],
  ],
  [/computer|computing|\bcs\b/i, ['computer-science', 'computing']],
  [
    /social studies|\bhistory\b|\bcivics?\b|\bgovernment\b|\beconomics?\b|\bgeography\b/i,
    ['social-studies', 'history'],
  ],
  [/science|\bbiology\b|\bchemistry\b|\bphysics\b/i, ['science']],
  [/\barts?\b|\bmusic\b|\bdance\b|\btheat(?:er|re)\b/i, ['arts', 'the-arts', 'fine-arts']],
  [/world languages?|foreign languages?/i, ['world-languages']],
  [
    /career|technical|vocational|\bcte\b/i,
    ['career-and-technical-education', 'career-technical', 'career-education', 'cte'],
  ],
  [/health|physical education|\bpe\b/i, ['health-and-physical-education', 'health', 'physical-education']],
];

/**
 * The state's subject that a framework belongs to, by the words of its document (subjects first, then the title);
 * null when none fits.
 */
export function subjectFor(
  words: readonly string[],
  subjects: readonly { slug: string; name: string }[],
): string | null {
  const slugs = new Set(subjects.map(({ slug }) => slug));
  for (const word of words) {
    const same = subjects.find(({ slug, name }) => [slug, name.toLowerCase()].includes(word.toLowerCase()));
    if (same) return same.slug;
    for (const [pattern, candidates] of SYNONYMS) {
      const found = pattern.test(word) ? candidates.find((candidate) => slugs.has(candidate)) : undefined;
      if (found !== undefined) return found;
    }
  }
  return null;
}
