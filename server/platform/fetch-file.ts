import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { isPublicAddress } from './public-address.ts';

/** Why an address isn't fetched, or could not be. */
export type FetchFault =
  'host' | 'address' | 'private' | 'redirects' | 'status' | 'tooLarge' | 'timeout' | 'unreachable';

export class FetchError extends Error {
  readonly fault: FetchFault;
  readonly detail: string;
  constructor(fault: FetchFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.name = 'FetchError';
    this.fault = fault;
    this.detail = detail;
  }
}

/** What may be reached. Everywhere but in tests it is `publicInternet`. */
export type FetchAllowance = {
  protocols: readonly string[];
  /** Null: any. */
  ports: readonly number[] | null;
  mayConnect: (address: string) => boolean;
  resolve: (host: string) => Promise<readonly { address: string; family: number }[]>;
  /** Milliseconds until the answer begins, and for the whole of it. */
  answerMs: number;
  wholeMs: number;
};

export const publicInternet: FetchAllowance = {
  protocols: ['https:'],
  ports: [443],
  mayConnect: isPublicAddress,
  resolve: (host) => lookup(host, { all: true, verbatim: true }),
  answerMs: 20_000,
  wholeMs: 300_000,
};

const MAX_REDIRECTS = 3;

export type Fetched =
  | { changed: false }
  | {
      changed: true;
      body: Readable;
      name: string;
      contentType: string;
      etag: string | null;
      lastModified: string | null;
    };

/**
 * Fetches a file from an address: by https, from hosts on the list only, from addresses of the public internet only. A
 * name is resolved once and the connection goes to the very address that was checked, so that it can't mean another one
 * a moment later; every redirect is checked anew, and there are three at most. Nothing that could identify anyone is
 * sent. Where `etag` or `lastModified` of the last time still hold, there is nothing to read.
 * @param hosts `files.example.org`, or `*.example.org` for every host below it
 * @param maxBytes what the answer may announce; whoever reads the body counts what really comes
 * @throws FetchError; the body ends with one too when time is up
 */
export async function fetchFile(
  address: string,
  {
    hosts,
    maxBytes,
    etag = null,
    lastModified = null,
    signal,
    allowance = publicInternet,
  }: {
    hosts: readonly string[];
    maxBytes: number;
    etag?: string | null;
    lastModified?: string | null;
    signal?: AbortSignal | undefined;
    allowance?: FetchAllowance;
  },
): Promise<Fetched> {
  const headers: Record<string, string> = {
    accept: '*/*',
    // A packed answer could be a bomb.
    'accept-encoding': 'identity',
    'user-agent': 'Commonshelf',
    ...(etag ? { 'if-none-match': etag } : {}),
    ...(lastModified ? { 'if-modified-since': lastModified } : {}),
  };
  const timeUp = AbortSignal.timeout(allowance.wholeMs);
  const stop = signal ? AbortSignal.any([signal, timeUp]) : timeUp;
  let url = checkedUrl(address, hosts, allowance);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await askPublic(url, { headers, stop, allowance });
    const { statusCode = 0, headers: given } = answer;
    if (statusCode === 304) {
      answer.resume();
      return { changed: false };
    }
    if (statusCode >= 300 && statusCode < 400 && given.location) {
      answer.destroy();
      url = checkedUrl(
        URL.canParse(given.location, url.href) ? new URL(given.location, url).href : '',
        hosts,
        allowance,
      );
      continue;
    }
    const announced = Number(given['content-length'] ?? 0);
    if (statusCode !== 200 || announced > maxBytes || given['content-encoding'] !== undefined) {
      answer.destroy();
      throw announced > maxBytes
        ? new FetchError('tooLarge', String(announced))
        : new FetchError('status', String(statusCode));
    }
    return {
      changed: true,
      body: answer,
      name: nameOf(url, given['content-disposition']),
      contentType: (given['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
      etag: given.etag ?? null,
      lastModified: given['last-modified'] ?? null,
    };
  }
  throw new FetchError('redirects', address);
}

/** Whether a host is on the list. */
export const isListed = (host: string, hosts: readonly string[]): boolean =>
  hosts.some((known) => (known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known));

function checkedUrl(address: string, hosts: readonly string[], allowance: FetchAllowance): URL {
  if (!URL.canParse(address)) throw new FetchError('address', address.slice(0, 200));
  const url = new URL(address);
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const isPlain = url.username === '' && url.password === '';
  if (!allowance.protocols.includes(url.protocol) || !isPlain) throw new FetchError('address', url.protocol);
  // A number is not a name: nobody could have put it on the list by what it means.
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || !isListed(host, hosts)) throw new FetchError('host', host);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (allowance.ports && !allowance.ports.includes(port)) throw new FetchError('address', `:${port}`);
  return url;
}

/** Resolves, checks every address that a name has, and gives only what was checked to the connection. */
const pinned =
  (allowance: FetchAllowance): LookupFunction =>
  (host, options, done) => {
    allowance
      .resolve(host)
      .then((found) => {
        const bad = found.find(({ address }) => !allowance.mayConnect(address));
        const [first] = found;
        if (bad || !first) throw new FetchError(bad ? 'private' : 'unreachable', host);
        if (options.all)
          done(
            null,
            found.map(({ address, family }) => ({ address, family })),
          );
        else done(null, first.address, first.family);
      })
      .catch((error: unknown) => done(error as NodeJS.ErrnoException, '', 0));
  };

/**
 * Asks an address of the public internet and gives the answer, whose body nobody has read yet. The address of the
 * connection is one that `allowance` lets through; the host must be a name. @throws FetchError, or the signal's reason
 */
export function askPublic(
  url: URL,
  {
    headers,
    stop,
    allowance,
  }: { headers: Record<string, string>; stop: AbortSignal; allowance: FetchAllowance },
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'GET',
    headers,
    agent: false,
    lookup: pinned(allowance),
    signal: stop,
    timeout: allowance.answerMs,
  };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, options, resolve);
    request.on('timeout', () => request.destroy(new FetchError('timeout', url.hostname)));
    request.on('error', (error) => reject(asFetchError(error, url)));
    request.end();
  });
}

/** What the network says, as a fault. */
export function asFetchError(error: unknown, url: { hostname: string }): unknown {
  if (error instanceof FetchError) return error;
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || (name === 'AbortError' && isTimeUp(error)))
    return new FetchError('timeout', url.hostname);
  if (name === 'AbortError') return error;
  return new FetchError('unreachable', code ?? url.hostname);
}

const isTimeUp = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.name === 'TimeoutError';

/** What the server calls the file (RFC 6266), else the last part of its path. */
function nameOf(url: URL, disposition: string | undefined): string {
  const encoded = /filename\*\s*=\s*utf-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  const quoted = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition ?? '');
  const last = url.pathname.split('/').at(-1) ?? '';
  return decoded(encoded ?? '') || quoted?.[1] || quoted?.[2] || decoded(last) || url.hostname;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
