/** Words of a title for an address: plain letters, digits and dashes, at most 60 characters; may be empty. */
export function slug(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
}

/** Words behind a resource's id that lead elsewhere; a resource may still be called so. */
const taken = new Set(['adapt', 'check', 'edit', 'flag']);

/** The canonical address of a resource; the slug is for people and may be left out. */
export function resourcePath(id: string, title: string): string {
  const words = slug(title);
  return words && !taken.has(words) ? `/resources/${id}/${words}` : `/resources/${id}`;
}
