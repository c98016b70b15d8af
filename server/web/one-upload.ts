import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NextFunction, Request, Response } from 'express';
import multer from 'multer';

/** The folder that a request's upload was written to. */
const folderOf = new WeakMap<object, string>();

/** Asks whether so many bytes more have room on the disk of the files; throws 507 in words. */
export type NeedRoom = (bytes: number) => Promise<void>;

/**
 * Streams the one file of a form to a folder of its own; `dropUpload` takes both away, also when the upload fails.
 * With no room for it nothing of the form is read.
 */
export function receiveUpload(
  maxBytes: number,
  needRoom: NeedRoom,
): (req: Request, res: Response, next: NextFunction) => Promise<void> {
  const receive = multer({
    storage: multer.diskStorage({
      destination: (req, _file, done) => {
        mkdtemp(join(tmpdir(), 'upload-')).then(
          (folder) => {
            folderOf.set(req, folder);
            done(null, folder);
          },
          (error: Error) => done(error, ''),
        );
      },
      filename: (_req, _file, done) => done(null, 'upload'),
    }),
    limits: { fileSize: maxBytes, files: 1, fields: 60, fieldSize: 100_000 },
  }).single('file');
  return async (req, res, next) => {
    await needRoom(Number(req.get('content-length') ?? 0));
    receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) return next();
      dropUpload(req).then(() => next(error), next);
    });
  };
}

/** Takes the file of a request away. */
export async function dropUpload(req: Request): Promise<void> {
  const folder = folderOf.get(req);
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

/** What the sender called the file. Browsers send UTF-8, multer reads latin1. */
export const uploadName = (file: Express.Multer.File): string =>
  Buffer.from(file.originalname, 'latin1').toString('utf8').slice(0, 200);
