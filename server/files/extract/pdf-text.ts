import { isPasswordError, openPdf, type PDFDocumentProxy, type PDFPageProxy } from '../pdf-document.ts';
import type { DocumentHints, ExtractMessage, PageSink } from './page-sink.ts';

/**
 * Text of a PDF, page by page. A PDF that opens only with a password sends `password` instead; one page that can't be
 * read becomes an empty page and doesn't stop the others.
 */
export async function extractPdf(
  path: string,
  sink: PageSink,
  send: (message: ExtractMessage) => void,
): Promise<void> {
  const opened = await openPdf(path).catch((error: unknown) => {
    if (isPasswordError(error)) return undefined;
    throw error;
  });
  if (!opened) {
    send({ type: 'password' });
    return;
  }
  const { pdf } = opened;
  sink.hints(await pdfHints(pdf));
  for (let number = 1; number <= pdf.numPages && !sink.full; number++) {
    sink.page('page', await pageText(pdf, number, sink.room).catch(() => ''));
  }
  sink.done(pdf.numPages);
  await opened.close();
}

async function pageText(pdf: PDFDocumentProxy, number: number, room: number): Promise<string> {
  const page: PDFPageProxy = await pdf.getPage(number);
  const reader = page.streamTextContent().getReader();
  let text = '';
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: { items: TextPiece[] } };
    if (done) break;
    for (const { str = '', hasEOL } of value?.items ?? []) text += hasEOL ? `${str}\n` : str;
    if (text.length > room) {
      await reader.cancel(new Error('enough')).catch(() => undefined);
      break;
    }
  }
  page.cleanup();
  // A word cut at the end of a line is one word to whoever looks for it.
  return text.replaceAll(/(\p{Ll})-\n(\p{Ll})/gu, '$1$2');
}

interface TextPiece {
  str?: string;
  hasEOL?: boolean;
}

async function pdfHints(pdf: PDFDocumentProxy): Promise<DocumentHints> {
  const info = (await pdf.getMetadata().catch(() => undefined))?.info as Record<string, unknown> | undefined;
  const mark = (await pdf.getMarkInfo().catch(() => null)) as { Marked?: boolean } | null;
  const { Title: title, Language: language } = info ?? {};
  return {
    tagged: mark?.Marked === true,
    ...(typeof title === 'string' && { title: title.slice(0, 500) }),
    ...(typeof language === 'string' && { language: language.slice(0, 35) }),
  };
}
