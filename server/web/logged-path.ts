const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The path of a request as the log keeps it: ids and the names of our own places, but not the words behind an id (a
 * title, the name of a file) nor anything with an @ in it, for either may say who somebody is.
 */
export function loggedPath(path: string): string {
  const parts = path.slice(0, 300).split('/');
  return parts
    .map((part, index) => {
      if (/@|%40/.test(part)) return '…';
      const isWords = id.test(parts[index - 1] ?? '') && !/^[a-z]+$/.test(part);
      return isWords && part !== '' ? '…' : part;
    })
    .join('/');
}
