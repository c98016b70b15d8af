import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { problem } from '../server/exchange/openapi-operation.ts';
import { t, told, Unusable } from './import-options.ts';

/** How long a portal that doesn't answer is tried again, with growing pauses. */
const TRIES = 8;
/** A piece of a file: what is lost at most when the line breaks. */
const PIECE_BYTES = 8 * 1024 * 1024;

export type Ask = {
  body?: () => RequestInit['body'] | AsyncIterable<Uint8Array>;
  headers?: Record<string, string>;
  /** Statuses that the caller understands besides those of success. */
  also?: readonly number[];
};

/** A portal elsewhere, asked with a token. */
export class RemotePortal {
  readonly #url: string;
  readonly #token: string;

  /** @throws Unusable for what is no address */
  constructor(url: string, token: string) {
    const canBe = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    if (!canBe) throw new Unusable(t('import.cli.remote.address', { url }));
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
  }

  /**
   * Asks, and waits and asks again where that may help: no answer, 429, 503, a source that is busy.
   * @param address a path, or an address that the portal itself gave
   * @throws Unusable with the portal's own words for anything else
   */
  async ask(method: string, address: string, { body, headers = {}, also = [] }: Ask = {}): Promise<Response> {
    const url = this.#url;
    // The portal may be reached in another way than it calls itself.
    const path = address.startsWith('/') ? address : new URL(address).pathname + new URL(address).search;
    for (let attempt = 0; ; attempt += 1) {
      const sent = body?.();
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, ...headers },
        ...(sent === undefined ? {} : { body: sent as NonNullable<RequestInit['body']>, duplex: 'half' }),
      } as RequestInit).catch((error: unknown) => {
        if (!(error instanceof TypeError)) throw error;
        return undefined;
      });
      if (answer && (answer.ok || also.includes(answer.status))) return answer;
      const wait = Number(answer?.headers.get('retry-after') ?? 0);
      const passing =
        !answer || [429, 502, 503, 504].includes(answer.status) || (answer.status === 409 && wait > 0);
      if (!passing)
        throw new Unusable(t('import.cli.remote.refused', { url, message: await wordsOf(answer) }));
      if (attempt + 1 >= TRIES && wait === 0) throw new Unusable(t('import.cli.remote.gone', { url }));
      if (!answer && attempt === 0) told(t('import.cli.remote.away', { url }));
      await answer?.body?.cancel();
      await sleep(wait > 0 ? wait * 1000 : Math.min(30_000, 250 * 2 ** attempt));
    }
  }

  /** Asks for JSON of a known shape. */
  async read<T extends z.ZodType>(
    schema: T,
    method: string,
    address: string,
    ask?: Ask,
  ): Promise<z.output<T>> {
    return schema.parse(await (await this.ask(method, address, ask)).json());
  }

  /**
   * Brings a file there by its hash, behind what has arrived already.
   * @returns its hash, or why the portal doesn't take it
   */
  async sendFile(
    district: string,
    path: string,
    name: string,
  ): Promise<{ sha256: string } | { refused: string }> {
    const [{ size }, sha256] = await Promise.all([stat(path), hashOf(path)]);
    const at = `/api/v1/districts/${encodeURIComponent(district)}/files/${sha256}?name=${encodeURIComponent(name)}`;
    // Not HEAD: an answer without a body says nothing of why it refuses.
    const there = await this.ask('GET', at, { also: [404] });
    await there.body?.cancel();
    if (there.headers.get('upload-complete') === '?1') return { sha256 };
    const file = await open(path);
    try {
      for (let offset = Number(there.headers.get('upload-offset') ?? 0); ;) {
        const piece = Buffer.alloc(Math.min(PIECE_BYTES, size - offset));
        const { bytesRead } = await file.read(piece, 0, piece.length, offset);
        const range = `bytes ${offset}-${offset + bytesRead - 1}/${size}`;
        const answer = await this.ask('PUT', at, {
          body: () => piece.subarray(0, bytesRead),
          headers: {
            'content-type': 'application/octet-stream',
            ...(size === 0 ? {} : { 'content-range': range }),
          },
          also: [409, 413, 422],
        });
        if (answer.status === 413 || answer.status === 422) return { refused: await wordsOf(answer) };
        if (answer.status === 200 || answer.status === 201) return { sha256 };
        // Sent twice, or begun anew meanwhile: go on where the portal is.
        offset = Number(answer.headers.get('upload-offset') ?? 0);
        await answer.body?.cancel();
      }
    } finally {
      await file.close();
    }
  }
}

/** What the portal says of a refusal: the words of its fields, else its own. */
async function wordsOf(answer: Response): Promise<string> {
  const read = problem.safeParse(await answer.json().catch(() => undefined));
  if (!read.success) return `HTTP ${answer.status}`;
  const { errors = [], title } = read.data;
  return errors.length > 0 ? errors.map(({ message }) => message).join(' ') : title;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash.digest('hex');
}
