import type { RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { statedAccess } from '../../server/web/route.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { app } = await testApp(database);

type Layer = {
  route?: { path: string | string[]; methods: Record<string, boolean>; stack: { handle: RequestHandler }[] };
  handle?: { stack?: Layer[] };
};

/** Every route of an application, with the access that its first handler enforces. */
function routesOf(layers: Layer[]): { name: string; access: string | undefined }[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return handle?.stack ? routesOf(handle.stack) : [];
    const [first] = route.stack;
    const methods = Object.keys(route.methods).join(',').toUpperCase();
    return [{ name: `${methods} ${String(route.path)}`, access: first && statedAccess(first.handle)?.name }];
  });
}

const routes = routesOf((app as unknown as { router: { stack: Layer[] } }).router.stack);

describe('every route of the portal', () => {
  it('is found by this walk', () => {
    expect(routes.length).toBeGreaterThan(40);
    expect(routes.map((route) => route.name)).toContain('POST /resources/:id/publish');
  });

  it('states who may use it', () => {
    expect(routes.filter((route) => route.access === undefined).map((route) => route.name)).toEqual([]);
  });

  it('that administers is for administrators of the state alone', () => {
    const open = routes.filter((route) => /\/admin/.test(route.name) && route.access !== 'state admin');
    expect(open).toEqual([]);
  });

  it('that changes something is for people who are signed in, but for signing in and out', () => {
    const open = routes.filter(
      (route) => /^(POST|PUT|PATCH|DELETE) /.test(route.name) && route.access === 'anyone',
    );
    expect(open.map((route) => route.name).sort()).toEqual(['POST /sign-in', 'POST /sign-out']);
  });
});
