import { z } from 'zod';
import { entryBeside, runChild, type ChildFailure, type ChildLimits } from '../../platform/child-process.ts';
import type { FileKind } from '../file-kinds.ts';
import type { Preview, PreviewInput } from './preview-messages.ts';

export type { Preview } from './preview-messages.ts';

export type PreviewResult =
  | {
      ok: true;
      previews: Preview[];
      /** Of the document, where it is known. */
      pageCount: number | undefined;
      /** The renderer was stopped half-way. */
      truncated: boolean;
    }
  | { ok: false; reason: 'none' | ChildFailure; detail: string };

const PREVIEW_LIMITS: ChildLimits = {
  wallMs: 240_000,
  cpuSeconds: 120,
  heapMb: 768,
  memoryMb: 1200,
  outputBytes: 1024 * 1024,
};

/**
 * Draws pages of a stored file as WebP pictures, in a child process with limits. `outDir` is an empty folder that the
 * caller deletes; `onPreview` is awaited for each picture as soon as its file is whole, so that the first page can be
 * shown while the others are drawn. Never throws for what is in the file: broken, locked and bottomless ones are a
 * result, `none` says that this kind has no pictures here (audio, or Office without LibreOffice).
 */
export async function renderPreviews(
  path: string,
  kind: FileKind,
  outDir: string,
  options: {
    firstPage: number;
    lastPage: number;
    widths: number[];
    /** Pages from `fewFrom` on are drawn in `laterWidths` only. */
    later?: { fewFrom: number; laterWidths: number[] };
    onPreview?: (preview: Preview) => Promise<void>;
    signal?: AbortSignal;
    limits?: Partial<ChildLimits>;
  },
): Promise<PreviewResult> {
  const { firstPage, lastPage, widths } = options;
  const later = options.later ?? { fewFrom: lastPage + 1, laterWidths: widths };
  const input: PreviewInput = { path, kind, outDir, firstPage, lastPage, widths, ...later };
  const previews: Preview[] = [];
  let pageCount: number | undefined;
  let none = false;
  const child = await runChild(
    entryBeside(import.meta.url, 'preview-entry'),
    input,
    { ...PREVIEW_LIMITS, ...options.limits },
    async (raw) => {
      const message = messages.safeParse(raw).data;
      if (message?.type === 'none') none = true;
      else if (message?.type === 'pages') pageCount = message.pageCount;
      else if (message?.type === 'preview') {
        const { page, width, height, name } = message;
        previews.push({ page, width, height, name });
        await options.onPreview?.({ page, width, height, name });
      }
    },
    options.signal,
  );
  if (none) return { ok: false, reason: 'none', detail: '' };
  if (child.ok) return { ok: true, previews, pageCount, truncated: false };
  if (previews.length > 0 && child.reason !== 'aborted')
    return { ok: true, previews, pageCount, truncated: true };
  return { ok: false, reason: child.reason, detail: child.detail };
}

/** The child reads hostile content: its messages are checked like any other input. */
const messages = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('preview'),
    page: z.int().min(1),
    width: z.int().min(1).max(20_000),
    height: z.int().min(1).max(20_000),
    name: z.string().regex(/^page-\d{1,6}-w\d{1,5}\.webp$/),
  }),
  z.object({ type: z.literal('pages'), pageCount: z.int().min(0) }),
  z.object({ type: z.literal('none') }),
]);
