import { z } from 'zod';
import { entryBeside, runChild, type ChildFailure, type ChildLimits } from '../../platform/child-process.ts';
import { kindFacts, type FileKind } from '../file-kinds.ts';
import type { ExtractInput } from './extract-entry.ts';
import type { DocumentHints, ExtractedPage, TextLimits } from './page-sink.ts';

export type { ExtractedPage } from './page-sink.ts';

export type ExtractResult =
  | {
      ok: true;
      pages: ExtractedPage[];
      /** Of the document; larger than pages.length where it was cut. */
      pageCount: number;
      /** Some text was left out: too much of it, or the reader was stopped half-way. */
      truncated: boolean;
      hints: DocumentHints;
    }
  | { ok: false; reason: 'no-text' | 'password' | ChildFailure; detail: string };

const TEXT_LIMITS: TextLimits = {
  maxPages: 2000,
  maxCharacters: 2_000_000,
  maxPageCharacters: 500_000,
};

const EXTRACT_LIMITS: ChildLimits = {
  wallMs: 120_000,
  cpuSeconds: 45,
  heapMb: 512,
  memoryMb: 800,
  outputBytes: 24 * 1024 * 1024,
};

/**
 * Reads the text of a stored document, page by page, in a child process with limits. Takes its path and its kind as
 * sniffFile said. Never throws for what is in the document: one that is broken, locked or too much for the limits is
 * a result; pages that were read until then are kept and `truncated` is set.
 */
export async function extractDocument(
  path: string,
  kind: FileKind,
  options: { signal?: AbortSignal; limits?: Partial<ChildLimits>; text?: Partial<TextLimits> } = {},
): Promise<ExtractResult> {
  if (!kindFacts(kind).text) return { ok: false, reason: 'no-text', detail: kind };
  const pages: ExtractedPage[] = [];
  let hints: DocumentHints = {};
  let end: { pageCount: number; truncated: boolean } | undefined;
  let locked = false;
  const input: ExtractInput = { path, kind, limits: { ...TEXT_LIMITS, ...options.text } };
  const child = await runChild(
    entryBeside(import.meta.url, 'extract-entry'),
    input,
    { ...EXTRACT_LIMITS, ...options.limits },
    (raw) => {
      const message = messages.safeParse(raw).data;
      if (message?.type === 'page') {
        pages.push({ number: message.number, label: message.label, text: message.text });
      } else if (message?.type === 'hints') hints = withoutEmpty(message.hints);
      else if (message?.type === 'done') end = message;
      else if (message?.type === 'password') locked = true;
    },
    options.signal,
  );
  if (locked) return { ok: false, reason: 'password', detail: '' };
  if (child.ok && end) return { ok: true, pages, hints, ...pick(end) };
  const failure = child.ok ? { reason: 'crashed' as const, detail: 'It ended without an end.' } : child;
  if (pages.length === 0 || failure.reason === 'aborted') {
    return { ok: false, reason: failure.reason, detail: failure.detail };
  }
  return { ok: true, pages, hints, pageCount: end?.pageCount ?? pages.length, truncated: true };
}

/** Tells whether an encrypted PDF can't be opened without a password. One that the reader can't make out is let pass. */
export async function pdfNeedsPassword(path: string): Promise<boolean> {
  const result = await extractDocument(path, 'pdf', {
    text: { maxPages: 1 },
    limits: { niceness: 0, wallMs: 20_000 },
  });
  return !result.ok && result.reason === 'password';
}

/** The child reads hostile content: its messages are checked like any other input. */
const messages = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('page'),
    number: z.int().min(1),
    label: z.enum(['page', 'slide', 'sheet', 'section']),
    text: z.string(),
  }),
  z.object({
    type: z.literal('hints'),
    hints: z.object({
      title: z.string().max(500).optional(),
      language: z.string().max(500).optional(),
      tagged: z.boolean().optional(),
    }),
  }),
  z.object({ type: z.literal('done'), pageCount: z.int().min(0), truncated: z.boolean() }),
  z.object({ type: z.literal('password') }),
]);

function pick(end: { pageCount: number; truncated: boolean }): { pageCount: number; truncated: boolean } {
  return { pageCount: end.pageCount, truncated: end.truncated };
}

function withoutEmpty(hints: {
  [Key in keyof DocumentHints]: DocumentHints[Key] | undefined;
}): DocumentHints {
  const title = hints.title?.trim();
  const language = hints.language?.trim();
  return {
    ...(title && { title }),
    ...(language && { language }),
    ...(hints.tagged !== undefined && { tagged: hints.tagged }),
  };
}
