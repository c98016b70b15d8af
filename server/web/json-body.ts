import express, { type RequestHandler } from 'express';

/**
 * Reads a JSON body for one route, behind its access check, whatever kind of content a program says it is.
 * @param limit as `64kb`, unpacked
 */
export const jsonBody = (limit: string): RequestHandler =>
  express.json({ limit, strict: false, type: () => true });
