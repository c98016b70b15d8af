import type { RequestHandler } from 'express';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isEducator } from '../lib/viewer.ts';
import { tooMany } from './rate-limit.ts';
import { tokenOf, viewerOf } from './request-context.ts';

/** What a minute holds: searches and answers of the API cost one, what is packed or listed as a whole costs more. */
const POINTS = { address: 3000, person: 900 };
const SECONDS = 60;
const WHOLE = 15;

/**
 * How much reading something costs; 0 for pages, pictures and files, which are cheap and read by classes at once.
 * Suggestions come with every key, and are answered from memory for the most part.
 * Paths are compared as the router compares them: in whatever case, with or without a stroke at the end.
 */
function costOf(asked: string): number {
  const path = asked.toLowerCase().replace(/\/+$/, '');
  if (/\.(?:zip|csv|ndjson)$/.test(path)) return WHOLE;
  if (path === '/search' || path === '/search.atom') return 1;
  return path.startsWith('/api/v1/') && path !== '/api/v1/suggest' ? 1 : 0;
}

/** Everyone of one address: a school, or what a provider hands to one household in IPv6. Undefined: this very machine. */
function placeOf(ip: string): string | undefined {
  const plain = ip.replace(/^::ffff:/, '');
  if (plain === '' || plain === '::1' || plain.startsWith('127.')) return undefined;
  return isIPv6(plain) ? plain.split(':').slice(0, 4).join(':') : plain;
}

/**
 * Keeps one reader from taking the portal away from the others: costly reading is counted by person, and by network
 * address for the public, where a whole school may be one. Counted in memory, in each process for itself, so that a
 * search costs no write and reading goes on when counting can't. Programs with tokens have a limit of their own.
 * @param points for tests
 */
export function readLimit(points: { address: number; person: number } = POINTS): RequestHandler {
  const limiterOf = (name: keyof typeof POINTS) =>
    new RateLimiterMemory({ keyPrefix: name, points: points[name], duration: SECONDS });
  const [addresses, people] = [limiterOf('address'), limiterOf('person')];
  return async (req, res, next) => {
    // HEAD does the same work as GET, and keeps the answer to itself.
    const cost = req.method === 'GET' || req.method === 'HEAD' ? costOf(req.path) : 0;
    const viewer = viewerOf(res);
    const place = placeOf(req.ip ?? '');
    if (cost === 0 || place === undefined || tokenOf(res)) return next();
    try {
      await (isEducator(viewer) ? people.consume(viewer.id, cost) : addresses.consume(place, cost));
    } catch (error) {
      if (error instanceof RateLimiterRes) return next(tooMany(error.msBeforeNext));
    }
    next();
  };
}
