import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { kindOfExtension } from '../../files/file-kinds.ts';
import { fileExtension } from '../../lib/file-name.ts';

/** Why something in a folder is no document. */
export type FolderSkip = 'hidden' | 'link' | 'kind';

/** A document, by its path below the folder with `/` between the parts; or what is none. */
export type FolderEntry =
  { path: string; size: number; modified: number } | { path: string; skipped: FolderSkip };

/** What systems leave in folders: hidden files, locks of open documents, what Windows keeps of a folder. */
const HIDDEN = /^(?:\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Everything in a folder and below, in the order of names, so that the same folder gives the same list. Links are not
 * followed; a hidden folder is one entry.
 */
export async function* walkFolder(root: string, below = ''): AsyncGenerator<FolderEntry> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  // By code units: an order that doesn't depend on the machine's language.
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (HIDDEN.test(entry.name)) yield { path, skipped: 'hidden' };
    else if (entry.isDirectory()) yield* walkFolder(root, path);
    else if (!entry.isFile()) yield { path, skipped: 'link' };
    else if (kindOfExtension(fileExtension(entry.name)) === undefined) yield { path, skipped: 'kind' };
    else {
      const { size, mtimeMs } = await stat(join(root, path));
      yield { path, size, modified: Math.trunc(mtimeMs) };
    }
  }
}
