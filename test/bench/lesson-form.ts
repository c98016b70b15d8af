/**
 * What a teacher fills in so that a draft can be published.
 * @param draft the page with the form
 */
export const lessonForm = (
  draft: string,
  { title, summary }: { title: string; summary: string },
): [string, string][] => [
  ['revision', revisionOf(draft)],
  ['do', 'check'],
  ['title', title],
  ['summary', summary],
  ['type', 'lesson'],
  ['subject', 'mathematics'],
  ['grade', '4'],
  ['license', 'CC-BY-4.0'],
  ['language', 'en'],
  ['visibility', 'public'],
];

/** The revision that a form of a draft carries. @throws Error where there is none */
export function revisionOf(html: string): string {
  const found = /name="revision" value="(\d+)"/.exec(html)?.[1];
  if (!found) throw new Error('The page has no revision');
  return found;
}
