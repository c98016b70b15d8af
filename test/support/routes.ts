import type { Express, RequestHandler } from 'express';
import { statedAccess, type Access } from '../../server/web/route.ts';

export type RouteEntry = { method: string; path: string; access: Access | undefined };

type Layer = {
  handle: RequestHandler & { stack?: Layer[] };
  route?: { path: string; stack: { method: string; handle: RequestHandler }[] };
};

/** Every route of the application, with the access that its first handler states. */
export function routesOf(app: Express): RouteEntry[] {
  const walk = (stack: Layer[]): RouteEntry[] =>
    stack.flatMap(({ route, handle }) => {
      if (!route) return walk(handle.stack ?? []);
      const first = new Map<string, RequestHandler>();
      for (const one of route.stack) if (!first.has(one.method)) first.set(one.method, one.handle);
      return [...first].map(([method, gate]) => ({ method, path: route.path, access: statedAccess(gate) }));
    });
  return walk((app.router as unknown as { stack: Layer[] }).stack);
}
