import type { RequestHandler } from 'express';

/**
 * Programs on any site may read the API, as the public: with `*` a browser hands over no answer to a request that
 * carries cookies (Fetch, "CORS protocol and credentials"). Nothing but reading is allowed from elsewhere.
 */
export const apiHeaders: RequestHandler = (req, res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD' && req.method !== 'OPTIONS') return next();
  res.setHeader('Access-Control-Allow-Origin', '*');
  res.setHeader('Access-Control-Expose-Headers', 'X-Request-Id, Retry-After');
  if (req.method === 'OPTIONS') {
    res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD');
    res.setHeader('Access-Control-Allow-Headers', '*');
    res.setHeader('Access-Control-Max-Age', '86400');
  }
  next();
};
