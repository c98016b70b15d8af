// The child process behind extractDocument. Started only by runChild, with limits.
import { serveParent } from '../../platform/child-entry.ts';
import type { FileKind } from '../file-kinds.ts';
import { PageSink, type ExtractMessage, type TextLimits } from './page-sink.ts';

export interface ExtractInput {
  path: string;
  kind: FileKind;
  limits: TextLimits;
}

serveParent(async (input, send) => {
  const { path, kind, limits } = input as ExtractInput;
  await extract(path, kind, new PageSink(send, limits), send);
});

/** Each reader is loaded only when it is needed: the PDF library alone takes longer than most documents. */
async function extract(
  path: string,
  kind: FileKind,
  sink: PageSink,
  send: (message: ExtractMessage) => void,
): Promise<void> {
  switch (kind) {
    case 'pdf':
      return (await import('./pdf-text.ts')).extractPdf(path, sink, send);
    case 'docx':
      return (await import('./docx-text.ts')).extractDocx(path, sink);
    case 'pptx':
      return (await import('./pptx-text.ts')).extractPptx(path, sink);
    case 'xlsx':
      return (await import('./xlsx-text.ts')).extractXlsx(path, sink);
    case 'odt':
    case 'odp':
    case 'ods':
      return (await import('./odf-text.ts')).extractOdf(path, kind, sink);
    case 'epub':
      return (await import('./epub-text.ts')).extractEpub(path, sink);
    case 'rtf':
      return (await import('./rtf-text.ts')).extractRtf(path, sink);
    case 'txt':
    case 'md':
    case 'csv':
    case 'vtt':
      return (await import('./plain-text.ts')).extractPlainText(path, sink);
    default:
      throw new Error(`No text is read from ${kind}.`);
  }
}
