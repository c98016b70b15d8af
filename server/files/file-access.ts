import type { Viewer } from '../lib/viewer.ts';
import type { StoredFile } from './file-queries.ts';

/** May everybody have it (and caches keep it), or only this viewer? */
export type Sharing = 'public' | 'private';

/**
 * Who may open which file: files have the visibility of their resource, which this room doesn't know. Given to
 * `fileRoutes` by the application (resources/resource-file-access.ts).
 */
export interface FileAccess {
  /**
   * The file for someone who may open it. `preview`: only pictures of its pages, which its authors may see while
   * the virus check runs.
   * @throws 404 for everybody else; 409 while the virus check runs, 403 where it found something
   */
  open: (
    viewer: Viewer,
    fileId: string,
    what: 'content' | 'preview',
  ) => Promise<{ file: StoredFile; sharing: Sharing }>;
  /**
   * All files of a published version (the one on the shelf unless told) that this viewer may open.
   * @throws 404 where the resource can't be seen
   */
  openAll: (
    viewer: Viewer,
    resourceId: string,
    version: number | undefined,
  ) => Promise<{ title: string; files: StoredFile[] }>;
  /** All files that this viewer may open of resources on the shelf, by resource; one that can't be seen is left out. */
  openEach: (viewer: Viewer, resourceIds: readonly string[]) => Promise<Map<string, StoredFile[]>>;
  /** Counts that a file, or all of them, were taken; of one resource or of several at once. */
  taken: (viewer: Viewer, ...resourceIds: string[]) => Promise<void>;
}
