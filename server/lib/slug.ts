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

/** The canonical address of a resource; the slug is for people and may be left out. */
export function resourcePath(id: string, title: string): string {
  const words = slug(title);
  return words ? `/resources/${id}/${words}` : `/resources/${id}`;
}
