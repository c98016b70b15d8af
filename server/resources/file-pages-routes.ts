import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import type { FileAccess } from '../files/file-access.ts';
import { pagePictures, pageTexts, type StoredFile } from '../files/file-queries.ts';
import { page } from '../web/page.ts';
import { id, parseParams } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { pageImage } from './resource-card-queries.ts';
import { fileItem } from './resource-page-view.ts';
import type { FilePagesPage } from './resource-view.ts';

const fileParams = z.object({ id });

/** A file to read in the page itself: its pages as pictures, or its text. Mounted before the downloads. */
export function filePagesRoutes({ pool }: Pick<Deps, 'pool'>, access: FileAccess) {
  const routes = createRoutes();

  routes.get('/files/:id/pages', anyone, async (req, res) => {
    const { id: fileId } = parseParams(fileParams, req.params);
    const { file } = await access.open(viewerOf(res), fileId, 'preview');
    const [pictures, texts] = await Promise.all([
      pagePictures(pool, file.sha256),
      pageTexts(pool, file.sha256),
    ]);
    await show(res, file, {
      mode: 'images',
      otherUrl: texts.length > 0 ? `/files/${file.id}/text` : null,
      pages: pictures.map(({ page: number, width, height, text }) => ({
        number,
        image: pageImage({ file: file.id, page: number, width, height }),
        text: text && text.replace(/\s+/g, ' ').trim(),
      })),
    });
  });

  routes.get('/files/:id/text', anyone, async (req, res) => {
    const { id: fileId } = parseParams(fileParams, req.params);
    const { file } = await access.open(viewerOf(res), fileId, 'content');
    const [pictures, texts] = await Promise.all([
      pagePictures(pool, file.sha256),
      pageTexts(pool, file.sha256),
    ]);
    await show(res, file, {
      mode: 'text',
      otherUrl: pictures.length > 0 ? `/files/${file.id}/pages` : null,
      pages: texts.map(({ page: number, text }) => ({ number, image: null, text })),
    });
  });

  async function show(
    res: Response,
    file: StoredFile,
    props: Pick<FilePagesPage, 'mode' | 'otherUrl' | 'pages'>,
  ): Promise<void> {
    const { rows } = await pool.query<{ title: string; language: string; page_count: number | null }>(
      `SELECT v.title, v.language, b.page_count FROM resource r
       JOIN version v ON v.id = coalesce(r.current_version_id, (SELECT d.id FROM version d WHERE d.resource_id = r.id AND d.number IS NULL))
       JOIN blob b ON b.sha256 = $2 WHERE r.id = $1`,
      [file.resourceId, file.sha256],
    );
    const about = rows[0];
    if (!about) throw notFound();
    page(
      res,
      'resources/pages',
      {
        resource: { title: about.title, url: `/resources/${file.resourceId}`, language: about.language },
        file: fileItem(
          {
            id: file.id,
            name: file.name,
            kind: file.kind,
            mime: file.mime,
            bytes: file.bytes,
            pages: about.page_count,
            educators_only: file.educatorsOnly,
            scan_state: file.scanState,
            has_text: false,
            previews: [],
          },
          { tellUnscanned: false },
        ),
        ...props,
      },
      { title: file.name, robots: 'none' },
    );
  }

  return routes.router;
}
