import { createHash } from 'node:crypto';
import {
  Meilisearch,
  MeilisearchApiError,
  MeilisearchRequestError,
  MeilisearchTaskTimeOutError,
  type EnqueuedTaskPromise,
} from 'meilisearch';
import { EngineDown } from '../../search-port.ts';

export interface MeiliOptions {
  url: string;
  /** The master key, or one that may make keys; undefined for a server without any. */
  key: string | undefined;
  /** Name of the index, and beginning of the names of those that are being built. */
  index: string;
  /** Time limit of a search in milliseconds. */
  searchMs: number;
  /** Time limit of any other request, and of one task. */
  requestMs: number;
  taskMs: number;
}

/** Clients with a key each, made on first use: one can only search, one only index, one only read documents, one only ask the version. */
export interface MeiliConnection {
  searcher(): Promise<Meilisearch>;
  indexer(): Promise<Meilisearch>;
  reader(): Promise<Meilisearch>;
  asker(): Promise<Meilisearch>;
  /** Forgets the keys, for a server that no longer knows them. */
  forget(): void;
}

type Purpose = 'search' | 'index' | 'look' | 'version';

const ACTIONS: Record<Purpose, string[]> = {
  search: ['search'],
  look: ['documents.get'],
  version: ['version'],
  index: [
    'documents.add',
    'documents.delete',
    'indexes.get',
    'indexes.create',
    'indexes.delete',
    'indexes.swap',
    'settings.get',
    'settings.update',
    'tasks.get',
    'stats.get',
  ],
};

export function connectMeili(options: MeiliOptions): MeiliConnection {
  const { url, key, index } = options;
  const client = (apiKey: string | undefined, timeout: number): Meilisearch =>
    new Meilisearch({
      host: url,
      ...(apiKey === undefined ? {} : { apiKey }),
      timeout,
      // A packed answer comes in several small pieces, and each but the first waits for a delayed ACK: 45 ms.
      requestInit: { headers: { 'Accept-Encoding': 'identity' } },
      defaultWaitOptions: { timeout: options.taskMs, interval: 20 },
    });
  const make = (purpose: Purpose) => async (): Promise<Meilisearch> => {
    const timeout = purpose === 'search' ? options.searchMs : options.requestMs;
    if (key === undefined) return client(undefined, timeout);
    // A task that swaps two indexes is of no index: only a key for all of them sees how it ends. Nor has the version one.
    const indexes = purpose === 'index' || purpose === 'version' ? ['*'] : [`${index}*`];
    const own = await ownKey(
      client(key, options.searchMs),
      `${index}:${purpose}`,
      ACTIONS[purpose],
      indexes,
      key,
    );
    return client(own, timeout);
  };
  const searcher = once(make('search'));
  const indexer = once(make('index'));
  const reader = once(make('look'));
  const asker = once(make('version'));
  return {
    searcher: searcher.get,
    indexer: indexer.get,
    reader: reader.get,
    asker: asker.get,
    forget() {
      reader.forget();
      asker.forget();
      searcher.forget();
      indexer.forget();
    },
  };
}

/** One attempt shared by all who ask; a failed one is made again by the next who asks. */
function once<T>(make: () => Promise<T>): { get: () => Promise<T>; forget: () => void } {
  let made: Promise<T> | null = null;
  return {
    get() {
      if (!made) {
        const attempt = make();
        made = attempt;
        attempt.catch(() => {
          if (made === attempt) made = null;
        });
      }
      return made;
    },
    forget() {
      made = null;
    },
  };
}

/**
 * The portal's own key for a purpose, made where it isn't there yet. Where the given key may not make keys (it may be
 * a search-and-index key that the operator made), that one is used itself.
 */
async function ownKey(
  client: Meilisearch,
  purpose: string,
  actions: string[],
  indexes: string[],
  given: string,
): Promise<string> {
  const uid = uidOf(purpose);
  try {
    return (await client.getKey(uid)).key;
  } catch (error) {
    if (isForbidden(error)) return given;
    if (codeOf(error) !== 'api_key_not_found') throw error;
  }
  try {
    return (
      await client.createKey({ uid, name: `Commonshelf ${purpose}`, actions, indexes, expiresAt: null })
    ).key;
  } catch (error) {
    if (isForbidden(error)) return given;
    // Another process was quicker.
    if (codeOf(error) === 'api_key_already_exists') return (await client.getKey(uid)).key;
    throw error;
  }
}

/** A UUID that is always the same for a purpose, so that the key is found again. */
function uidOf(purpose: string): string {
  const hex = createHash('sha256').update(`commonshelf ${purpose}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof MeilisearchApiError ? error.cause?.code : undefined;

/** The key is known but may not do this, or no key is wanted at all. */
const isForbidden = (error: unknown): boolean =>
  ['invalid_api_key', 'missing_master_key'].includes(codeOf(error) ?? '');

export const isMissingIndex = (error: unknown): boolean => codeOf(error) === 'index_not_found';

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What went wrong, as the port says it: not there, not ready or not ours is EngineDown, a refusal stays what it is. */
export function asEngineError(error: unknown): unknown {
  if (error instanceof MeilisearchTaskTimeOutError)
    return new EngineDown('Meilisearch is behind with its tasks', { cause: error });
  if (error instanceof MeilisearchRequestError)
    return new EngineDown('Meilisearch does not answer', { cause: error });
  if (!(error instanceof MeilisearchApiError)) {
    // A proxy's error page isn't JSON.
    return error instanceof SyntaxError
      ? new EngineDown('Something else than Meilisearch answers', { cause: error })
      : error;
  }
  const { status } = error.response;
  if (passing.has(status))
    return new EngineDown(`Meilisearch is busy or not well (${status})`, { cause: error });
  if (status === 401 || status === 403)
    return new EngineDown('Meilisearch refuses the key', { cause: error });
  if (isMissingIndex(error)) return new EngineDown('Meilisearch has no index yet', { cause: error });
  return error;
}

/** Refused by Meilisearch while it worked on a task. */
class MeiliTaskFailed extends Error {
  constructor(type: string, code: string, message: string) {
    super(`Meilisearch could not do ${type} (${code}): ${message}`);
    this.name = 'MeiliTaskFailed';
  }
}

/**
 * Waits for a task to its end.
 * @throws MeiliTaskFailed when it failed or was canceled; EngineDown when it isn't done in time
 */
export async function done(task: EnqueuedTaskPromise): Promise<void> {
  const { status, type, error } = await task.waitTask();
  if (status === 'succeeded') return;
  const code = error?.code ?? status;
  const message = error?.message ?? '';
  // A full disk is nothing that a document can be blamed for.
  if (code === 'no_space_left_on_device' || code === 'io_error' || status === 'canceled')
    throw new EngineDown(`Meilisearch could not do ${type} (${code}): ${message}`);
  throw new MeiliTaskFailed(type, code, message);
}
