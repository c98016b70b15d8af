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

/** Words behind an id that lead elsewhere; a resource or a collection may still be called so. */
const takenBy = {
  resources: new Set(['adapt', 'add', 'check', 'checks', 'edit', 'flag']),
  collections: new Set(['edit', 'print', 'rule']),
};

/** The canonical address of a resource; the slug is for people and may be left out. */
export const resourcePath = (id: string, title: string): string => pathOf('resources', id, title);

/** The canonical address of a collection, likewise. */
export const collectionPath = (id: string, title: string): string => pathOf('collections', id, title);

function pathOf(place: keyof typeof takenBy, id: string, title: string): string {
  const words = slug(title);
  return words && !takenBy[place].has(words) ? `/${place}/${id}/${words}` : `/${place}/${id}`;
}
