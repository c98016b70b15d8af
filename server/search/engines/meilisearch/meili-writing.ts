import { setImmediate } from 'node:timers/promises';
import type { Index } from 'meilisearch';
import type { SearchDocument } from '../../search-port.ts';
import { done } from './meili-connection.ts';
import { meiliDocument } from './meili-documents.ts';

/** Bigger payloads are sent in parts. */
const MAX_PAYLOAD = 15 * 1024 * 1024;
/** After so many documents others get their turn. */
const AT_ONCE = 25;

/**
 * Documents on their way into an index, gathered into big payloads, for each task costs much the same. One payload is
 * worked on while the next is gathered. A task that fails is thrown by the next call.
 */
export class MeiliWriting {
  readonly #index: Index;
  #lines: string[] = [];
  #size = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(index: Index) {
    this.#index = index;
  }

  async add(documents: readonly SearchDocument[]): Promise<void> {
    for (const [place, document] of documents.entries()) {
      if (place % AT_ONCE === AT_ONCE - 1) await setImmediate();
      const line = JSON.stringify(meiliDocument(document));
      if (this.#size + line.length > MAX_PAYLOAD) await this.#send();
      this.#lines.push(line);
      this.#size += line.length;
    }
  }

  async remove(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.finish();
    await done(this.#index.deleteDocuments(ids));
  }

  /** Comes back when everything is found. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#sent;
  }

  async #send(): Promise<void> {
    await this.#sent;
    if (this.#lines.length === 0) return;
    const payload = this.#lines.join('\n');
    this.#lines = [];
    this.#size = 0;
    this.#sent = done(
      this.#index.addDocumentsFromString(payload, 'application/x-ndjson', { primaryKey: 'id' }),
    );
    this.#sent.catch(() => {});
  }
}
