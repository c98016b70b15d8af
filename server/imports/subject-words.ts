/** What districts write for a subject, and what its name has here where it is meant. */
const KNOWN: readonly { words: readonly string[]; name: RegExp }[] = [
  { words: ['math', 'maths'], name: /^math/ },
  { words: ['ela', 'rla', 'english', 'language arts'], name: /\benglish\b|\blanguage arts\b/ },
  { words: ['sci'], name: /^sciences?$/ },
  { words: ['ss', 'social science', 'social sciences'], name: /^social (?:studies|sciences?)$/ },
  { words: ['art', 'fine arts', 'the arts'], name: /(?<!language )\barts?\b/ },
  { words: ['cs', 'comp sci', 'computing'], name: /\bcomput(?:er|ing)\b/ },
  {
    words: ['wl', 'lote', 'world language', 'foreign language', 'foreign languages'],
    name: /\b(?:world|foreign|other) languages?\b/,
  },
  { words: ['pe', 'phys ed', 'physical education'], name: /\bphysical education\b/ },
  {
    words: ['health', 'hpe', 'health pe', 'health and pe', 'pe and health'],
    name: /\bhealth\b/,
  },
];

/**
 * Short words for subjects, each with the one subject that it can mean; a word that could be two is none.
 * @param subjects their slugs and names, the names as plain words in lower case
 */
export function subjectWords(subjects: readonly { slug: string; name: string }[]): [string, string][] {
  return KNOWN.flatMap(({ words, name }) => {
    const fitting = subjects.filter((subject) => name.test(subject.name));
    const [only] = fitting;
    return only && fitting.length === 1 ? words.map((word): [string, string] => [word, only.slug]) : [];
  });
}
