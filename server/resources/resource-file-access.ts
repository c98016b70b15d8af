import type { Deps } from '../deps.ts';
import { forbidden, conflict, notFound } from '../errors.ts';
import type { FileAccess } from '../files/file-access.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { filesOfVersion, filesOnShelf, findFile, type StoredFile } from '../files/file-queries.ts';
import { loadForReading, loadResource } from './resource-facts-queries.ts';
import { canSee, canSeeDraft, canSeeEducatorsOnly } from './resource-policy.ts';
import { countReuse } from './reuse-service.ts';

/**
 * Who may open a file: whoever sees its resource on the shelf and, for educators-only files, is signed in; its authors
 * (and the curator of a submitted one) also files of the draft. Nobody gets what the virus check hasn't let through.
 */
export function resourceFileAccess({ pool }: Pick<Deps, 'pool'>): FileAccess {
  return {
    async open(viewer, fileId, what) {
      const file = await findFile(pool, fileId);
      const resource = file && (await loadResource(pool, file.resourceId));
      if (!file || !resource) throw notFound();
      const onShelf =
        file.published && canSee(viewer, resource) && (!file.educatorsOnly || canSeeEducatorsOnly(viewer));
      const asAuthor = canSeeDraft(viewer, resource);
      if (!onShelf && !asAuthor) throw notFound();
      if (file.scanState === 'infected') throw forbidden('files.refused');
      if (isHeldBack(file) && !(what === 'preview' && asAuthor)) throw conflict('files.waiting');
      // An answer to someone who is signed in may carry their cookie: no shared cache may keep it.
      const forAll =
        onShelf && resource.visibility === 'public' && !file.educatorsOnly && !isEducator(viewer);
      return { file, sharing: forAll ? 'public' : 'private' };
    },

    async openAll(viewer, resourceId, version) {
      const resource = await loadForReading(pool, viewer, resourceId);
      const number = version ?? resource.currentNumber;
      if (number === null) throw notFound();
      const files = await filesOfVersion(pool, resourceId, number);
      return {
        title: resource.title,
        files: files.filter((file) => mayBeTaken(viewer, file)),
      };
    },

    async openEach(viewer, resourceIds) {
      const files = await filesOnShelf(pool, resourceIds, audiencesOf(viewer));
      return new Map(
        [...files].map(([id, all]) => [id, all.filter((file) => mayBeTaken(viewer, file))] as const),
      );
    },

    taken: (viewer, ...resourceIds) => countReuse(pool, viewer, resourceIds, 'taken'),
  };
}

const mayBeTaken = (viewer: Viewer, file: StoredFile): boolean =>
  !isHeldBack(file) && file.scanState !== 'infected' && (!file.educatorsOnly || canSeeEducatorsOnly(viewer));

const isHeldBack = ({ scanState }: StoredFile): boolean =>
  scanState === 'quarantined' || scanState === 'unscannable';
