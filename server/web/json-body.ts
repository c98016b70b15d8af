import express, { type RequestHandler } from 'express';

/** Reads a JSON body for one route, behind its access check. @param limit as `64kb` */
export const jsonBody = (limit: string): RequestHandler => express.json({ limit, strict: false });
