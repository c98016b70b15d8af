import type { Request, Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../platform/file-store/file-store.ts';

export interface Content {
  mime: string;
  bytes: number;
  /** Without quotes; the same content has the same tag for ever. */
  etag: string;
  cache: 'public' | 'private';
  /** Opens all of it, or a range where `ranges` is set. */
  open: (range?: ByteRange) => Promise<Readable>;
  ranges: boolean;
}

/** Kept by whoever may keep it, but asked about again soon: a takedown must not live on in caches. */
const CACHE = { public: 'public, max-age=300, no-transform', private: 'private, no-cache, no-transform' };

/**
 * Answers GET and HEAD with content: 200, 206 for one range, 304 and 416 (RFC 9110, 13 and 14). Several ranges at once
 * are answered as a whole. Never compressed on the way: ranges count bytes of the content itself.
 */
export async function sendContent(req: Request, res: Response, content: Content): Promise<void> {
  res.set({
    'Content-Type': content.mime,
    ETag: `"${content.etag}"`,
    'Cache-Control': CACHE[content.cache],
    'Accept-Ranges': content.ranges ? 'bytes' : 'none',
    'X-Content-Type-Options': 'nosniff',
  });
  if (req.fresh) {
    res.status(304).end();
    return;
  }
  const range = content.ranges ? rangeOf(req, content) : undefined;
  if (range === 'unsatisfiable') {
    res.status(416).set('Content-Range', `bytes */${content.bytes}`).removeHeader('Content-Type');
    res.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: content.bytes - 1 };
  res.set('Content-Length', String(end - start + 1));
  if (range) res.status(206).set('Content-Range', `bytes ${start}-${end}/${content.bytes}`);
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  await sendStream(res, await content.open(range));
}

/** Pipes a stream into the answer; a reader who leaves in the middle is no error. */
export async function sendStream(res: Response, stream: Readable): Promise<void> {
  try {
    await pipeline(stream, res);
  } catch (error) {
    if (!isClosedEarly(error)) throw error;
  }
}

function isClosedEarly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function rangeOf(req: Request, { bytes, etag }: Content): ByteRange | 'unsatisfiable' | undefined {
  const condition = req.get('if-range');
  if (condition !== undefined && condition !== `"${etag}"`) return undefined;
  const ranges = req.range(bytes);
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1)
    return undefined;
  return ranges[0];
}
