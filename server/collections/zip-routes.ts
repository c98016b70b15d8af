import type { Deps } from '../deps.ts';
import type { FileAccess } from '../files/file-access.ts';
import type { StoredFile } from '../files/file-queries.ts';
import { sendStream } from '../files/send-content.ts';
import { zipPaths, type PackedFile } from '../files/zip-files.ts';
import { cleanFileName, contentDisposition, uniqueFileName } from '../lib/file-name.ts';
import { formats } from '../locale/format.ts';
import { contextOf } from '../web/page.ts';
import { parseParams, parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { collectionPage, readCollection } from './collection-page.ts';
import { loadCollection } from './collection-queries.ts';
import { collectionParams, keyQuery } from './collection-schema.ts';
import { creditsOf } from './item-queries.ts';
import { zipContents, type Packed } from './zip-contents.ts';

/** `/collections/:id/files.zip`: all files of a collection that the viewer may open, a folder a resource, with a contents page. */
export function zipRoutes(deps: Deps, access: FileAccess) {
  const routes = createRoutes();

  routes.get('/collections/:id/files.zip', anyone, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const { key } = parseQuery(keyQuery, req.query);
    const viewer = viewerOf(res);
    const { t, language } = contextOf(res);
    const fmt = formats(language, t);
    const collection = await loadCollection(deps.pool, viewer, id, 'see', { key });
    const read = await readCollection(deps, viewer, collection, null);
    const page = await collectionPage(deps, viewer, read, { locale: { t, fmt }, key });
    const items = page.parts.flatMap((part) => part.items);
    const ids = items.map((item) => item.id);
    const [open, credits] = await Promise.all([access.openEach(viewer, ids), creditsOf(deps.pool, ids)]);
    const { files, packed } = await pack(items, open);
    const contents = zipContents(page, packed, credits, {
      t,
      fmt,
      baseUrl: deps.config.baseUrl,
      now: deps.clock.now(),
    });
    const zip = await zipPaths(deps, files, [{ path: 'contents.html', text: contents }]);
    const name = cleanFileName(`${page.title.slice(0, 120)}.zip`);
    res.set({
      'Content-Type': 'application/zip',
      'Content-Length': String(zip.bytes),
      'Content-Disposition': contentDisposition(name, 'attachment'),
      'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
      'Cache-Control': 'private, no-store, no-transform',
    });
    if (req.method === 'HEAD') {
      zip.stream.destroy();
      res.end();
      return;
    }
    await sendStream(res, zip.stream);
    await access.taken(viewer, ...new Set(files.map(({ file }) => file.resourceId)));
  });

  /** A file that isn't on the disk any more is named in the contents; the others are packed all the same. */
  async function pack(
    items: readonly { id: string; title: string }[],
    open: ReadonlyMap<string, StoredFile[]>,
  ): Promise<{ files: PackedFile[]; packed: Map<string, Packed> }> {
    const files: PackedFile[] = [];
    const packed = new Map<string, Packed>();
    const width = String(items.length).length;
    for (const [index, { id, title }] of items.entries()) {
      const number = String(index + 1).padStart(width, '0');
      const folder = cleanFileName(`${number} ${title.replaceAll(/[/\\]/g, '-').slice(0, 80)}`);
      const names = new Set<string>();
      const one: Packed = { files: [], missing: [] };
      for (const file of open.get(id) ?? []) {
        if ((await deps.files.size(file.sha256)) !== file.bytes) {
          deps.log.error({ sha256: file.sha256 }, 'A stored file is missing');
          one.missing.push(file.name);
          continue;
        }
        const name = uniqueFileName(file.name, names);
        const path = `${folder}/${name}`;
        files.push({ path, file });
        one.files.push({ path, name });
      }
      packed.set(id, one);
    }
    return { files, packed };
  }

  return routes.router;
}
