import type { Request } from 'express';

/** The value of a cookie as the browser sent it; empty where there is none. */
export function cookieOf(req: Request, name: string): string {
  for (const part of (req.get('cookie') ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=').slice(0, 200);
  }
  return '';
}
