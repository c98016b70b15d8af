import { isIP } from 'node:net';
import { askPublic, asFetchError, FetchError, publicInternet, type FetchAllowance } from './fetch-file.ts';

/** Links may be plain http, which nothing is ever fetched from. */
export const publicLinks: FetchAllowance = {
  ...publicInternet,
  protocols: ['https:', 'http:'],
  ports: [443, 80],
  answerMs: 15_000,
  wholeMs: 30_000,
};

const MAX_REDIRECTS = 5;

/** `unclear`: it is there, but says nothing about itself to a program, or must not be asked. */
export type LinkAnswer = { answer: 'works' | 'failed' | 'unclear'; detail: string };

/**
 * Asks whether an address answers. Nothing of the answer's body is read, nothing that could identify anyone is sent, and
 * only addresses of the public internet are asked, after every redirect anew. Never throws.
 */
export async function probeLink(
  address: string,
  { allowance = publicLinks, signal }: { allowance?: FetchAllowance; signal?: AbortSignal } = {},
): Promise<LinkAnswer> {
  const timeUp = AbortSignal.timeout(allowance.wholeMs);
  const stop = signal ? AbortSignal.any([signal, timeUp]) : timeUp;
  let at = address;
  try {
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const url = askable(at, allowance);
      if (!url) return { answer: 'unclear', detail: 'address' };
      const headers = { accept: '*/*', 'user-agent': 'Commonshelf link check' };
      const answer = await askPublic(url, { headers, stop, allowance });
      answer.destroy();
      const { statusCode = 0, headers: given } = answer;
      if (statusCode < 300 || statusCode >= 400 || !given.location) return judged(statusCode);
      at = URL.canParse(given.location, url.href) ? new URL(given.location, url).href : '';
    }
    return { answer: 'failed', detail: 'redirects' };
  } catch (error) {
    const fault = asFetchError(error, { hostname: '' });
    if (!(fault instanceof FetchError)) return { answer: 'unclear', detail: 'stopped' };
    return { answer: fault.fault === 'private' ? 'unclear' : 'failed', detail: fault.fault };
  }
}

/** Undefined for what is never asked: other protocols and ports, passwords, bare numbers. */
function askable(address: string, { protocols, ports }: FetchAllowance): URL | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isPlain = url.username === '' && url.password === '';
  const isNumber = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  const isOpen = protocols.includes(url.protocol) && (ports === null || ports.includes(port));
  return isPlain && !isNumber && isOpen ? url : undefined;
}

/** Sign-in pages, limits and methods that a program may not use say that somebody is at home. */
function judged(status: number): LinkAnswer {
  const detail = String(status);
  if (status >= 200 && status < 400) return { answer: 'works', detail };
  if ([404, 410].includes(status) || status >= 500) return { answer: 'failed', detail };
  return { answer: 'unclear', detail };
}
