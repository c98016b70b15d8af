import type { Pool, PoolClient } from 'pg';

/** Told of every statement that ends: its text (without values) and how long it took, in milliseconds. */
export type QueryListener = (text: string, ms: number) => void;

const listeners = new WeakMap<Pool, Set<QueryListener>>();

/** Has a listener told of every statement of a pool, whoever sends it: queries, transactions, Prisma, sessions, jobs. */
export function onQuery(pool: Pool, listener: QueryListener): void {
  listeners.get(pool)?.add(listener);
}

/** Times the statements of all connections that the pool opens from now on. Called once, when it is made. */
export function timeQueries(pool: Pool): void {
  const told = new Set<QueryListener>();
  listeners.set(pool, told);
  pool.on('connect', (client) => {
    const tell = (text: string, started: number): void => {
      const ms = performance.now() - started;
      for (const listener of told) listener(text, ms);
    };
    timeClient(client, tell);
  });
}

type Query = (...args: unknown[]) => unknown;

function timeClient(client: PoolClient, tell: (text: string, started: number) => void): void {
  const query = client.query.bind(client) as unknown as Query;
  const timed: Query = (...args) => {
    const text = textOf(args[0]);
    if (text === undefined) return query(...args);
    const started = performance.now();
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      const called = callback as Query;
      return query(...args.slice(0, -1), (...answer: unknown[]) => {
        tell(text, started);
        return called(...answer);
      });
    }
    const answer = query(...args) as Promise<unknown>;
    const done = () => tell(text, started);
    answer.then(done, done);
    return answer;
  };
  client.query = timed as unknown as PoolClient['query'];
}

/** Undefined for what isn't a statement of its own, such as a cursor that is read in pieces. */
function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null || 'submit' in query) return undefined;
  return 'text' in query && typeof query.text === 'string' ? query.text : undefined;
}
