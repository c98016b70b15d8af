/**
 * A title made of a file's name: without folder and ending, dashes and underscores as spaces, the first letter large.
 * Numbers stay, since they tell lessons apart: `unit_2/03-our-town.pdf` → `03 our town`.
 */
export function titleOfFile(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  const stem = name.replace(/\.[a-z0-9]{1,10}$/i, '') || name;
  const words = stem
    .replaceAll(/%20|\+/g, ' ')
    // Dashes are spaces only where there are no spaces.
    .replaceAll(/_+/g, ' ')
    .replaceAll(/(?<=\S)-(?=\S)/g, stem.includes(' ') ? '-' : ' ')
    .replaceAll(/([a-z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const title = words === '' ? name : words;
  return title.charAt(0).toUpperCase() + title.slice(1);
}
