import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll } from 'vitest';
import type { Deps } from '../../server/deps.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';
import {
  emailOf,
  insertNeighbours,
  insertShelf,
  people,
  planShelf,
  seedPeople,
  type Guarded,
  type SecretWords,
} from '../support/guarded-shelf.ts';
import { signedIn } from '../support/sign-in.ts';
import { everyone, isSignedIn, mayRead, type Who } from './policy-table.ts';

/** What came back, whatever its kind, as text. */
export interface Answer {
  status: number;
  body: string;
}

/** May somebody also read a word at this door, beyond the table? */
export type AlsoReads = (who: Who, one: Guarded, kind: keyof SecretWords) => boolean;

export interface GuardedPortal {
  database: TestDatabase;
  app: Express;
  deps: Deps;
  shelf: Guarded[];
  /** Opens a path as somebody, or as a program of theirs. */
  open: (who: string, path: string, program?: boolean) => Promise<Answer>;
  /** Words in an answer that this person must not come upon, whatever was asked for. */
  leaksIn: (who: Who, answer: Pick<Answer, 'body'>, also?: AlsoReads) => string[];
  /** The routes that were asked, by their patterns. */
  asked: Set<string>;
  carriers: Map<string, { one: Guarded; kind: keyof SecretWords }>;
}

/**
 * A portal with a resource for every visibility and state, its neighbors, everything indexed, and everyone's browser.
 * @param group keeps several apart
 * @param furnish adds what else a test wants, before it is indexed
 * @param others addresses of people whom it adds, by what they are called
 */
export async function guardedPortal(
  group: string,
  furnish: (portal: Pick<GuardedPortal, 'deps' | 'shelf'>) => Promise<void> = async () => {},
  others: Record<string, string> = {},
): Promise<GuardedPortal> {
  const database = await testDatabase();
  const { pool } = database;
  const { app, deps } = await testApp(database);
  const shelf = planShelf(group);
  /** Tokens of their programs, for reading. */
  const tokens = new Map<string, string>();
  const browsers = new Map<string, ReturnType<typeof supertest.agent>>();
  const asked = new Set<string>();
  let server: Server;

  beforeAll(async () => {
    await seedPeople(pool);
    await insertShelf(pool, shelf, deps.files);
    await insertNeighbours(pool, shelf);
    await furnish({ deps, shelf });
    const { rows } = await pool.query<{ resource_id: string }>('SELECT id AS resource_id FROM resource');
    await deps.search.first.apply(await batchOf(pool, rows));
    server = createServer((req, res) => {
      res.once('close', () => {
        const { route } = req as { route?: { path: string } };
        if (route) asked.add(route.path);
      });
      app(req, res);
    }).listen(0, '127.0.0.1');
    for (const who of everyone)
      if (isSignedIn(who)) tokens.set(who, await tokenFor(deps, people[who].person, ['read']));
    for (const who of everyone)
      browsers.set(
        who,
        isSignedIn(who) ? await signedIn(server, database, emailOf(who)) : supertest.agent(server),
      );
    for (const [who, email] of Object.entries(others))
      browsers.set(who, await signedIn(server, database, email));
  });
  afterAll(() => void server?.close());

  async function open(who: string, path: string, program = false): Promise<Answer> {
    const token = tokens.get(who);
    const request =
      program && token !== undefined
        ? supertest(server).get(path).set('Authorization', `Bearer ${token}`)
        : browsers.get(who)!.get(path);
    // Unpacked: packing thousands of answers takes longer than most of them.
    const response = await request
      .set('Accept-Encoding', 'identity')
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => done(null, Buffer.concat(chunks)));
      });
    const location = response.headers['location'] as string | undefined;
    return { status: response.status, body: (response.body as Buffer).toString('utf8') + (location ?? '') };
  }

  const carriers = new Map(
    shelf.flatMap((one) =>
      (Object.keys(one.words) as (keyof SecretWords)[]).map(
        (kind) => [one.words[kind], { one, kind }] as const,
      ),
    ),
  );
  function leaksIn(who: Who, { body }: Pick<Answer, 'body'>, also: AlsoReads = () => false): string[] {
    const letters = new Set(body.match(/[a-z]{10,}/g));
    const words = [...letters].flatMap((run) =>
      run.length === 10 ? run : [...carriers.keys()].filter((word) => run.includes(word)),
    );
    return words.flatMap((word) => {
      const carrier = carriers.get(word);
      return !carrier || mayRead(who, carrier.one, carrier.kind) || also(who, carrier.one, carrier.kind)
        ? []
        : [`reads the ${carrier.kind} of “${carrier.one.name}”`];
    });
  }
  return { database, app, deps, shelf, open, leaksIn, asked, carriers };
}

/** A few at a time: the database works while the portal does. */
export async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
