import connectPgSimple from 'connect-pg-simple';
import session, { type SessionData } from 'express-session';
import type { Request } from 'express';
import type { Pool } from 'pg';

type Stored = (error?: unknown) => void;

/**
 * Sessions in PostgreSQL. One that was ended while its request was still under way (a long upload, say) stays ended:
 * what a request was begun with is only written over, never made anew.
 */
export class SessionStore extends connectPgSimple(session) {
  readonly #pool: Pool;
  readonly #stored = new WeakSet<object>();

  constructor(pool: Pool) {
    super({ pool, tableName: 'session', createTableIfMissing: false, pruneSessionInterval: 15 * 60 });
    this.#pool = pool;
  }

  override createSession(req: Request, data: SessionData): session.Session & SessionData {
    const read = super.createSession(req, data);
    this.#stored.add(read);
    return read;
  }

  override set(sid: string, data: SessionData, done: Stored = () => {}): void {
    if (!this.#stored.has(data))
      return super.set(sid, data, (error?: unknown) => {
        if (!error) this.#stored.add(data);
        done(error);
      });
    const ends = data.cookie.expires ?? new Date(Date.now() + (data.cookie.originalMaxAge ?? 0));
    this.#pool
      .query('UPDATE session SET sess = $2, expire = to_timestamp($3) WHERE sid = $1', [
        sid,
        JSON.stringify(data),
        Math.ceil(new Date(ends).getTime() / 1000),
      ])
      .then(() => done(), done);
  }
}
