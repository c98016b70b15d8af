// The child process behind renderPreviews. Started only by runChild, with limits.
import { serveParent } from '../../platform/child-entry.ts';
import { kindFacts } from '../file-kinds.ts';
import type { PreviewInput, SendPreview } from './preview-messages.ts';

serveParent(async (raw, send) => {
  await render(raw as PreviewInput, send);
});

async function render(input: PreviewInput, send: SendPreview): Promise<void> {
  switch (kindFacts(input.kind).preview) {
    case 'pdf':
      return (await import('./pdf-preview.ts')).renderPdf(input, send);
    case 'office':
      return (await import('./office-preview.ts')).renderOffice(input, send);
    case 'image':
      return (await import('./image-preview.ts')).renderImage(input, send);
    case 'cover':
      return (await import('./cover-preview.ts')).renderCover(input, send);
    case 'none':
      send({ type: 'none' });
  }
}
