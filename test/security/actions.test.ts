import { createServer, type Server } from 'node:http';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import {
  emailOf,
  insertShelf,
  personIdOf,
  planShelf,
  seedPeople,
  type Guarded,
} from '../support/guarded-shelf.ts';
import { signedIn } from '../support/sign-in.ts';
import {
  authors,
  everyone,
  hasDraft,
  isSignedIn,
  judges,
  moves,
  sees,
  seesTombstone,
  writes,
  type Who,
} from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const database = await testDatabase();
const { app } = await testApp(database);
const { pool } = database;
const browsers = new Map<Who, ReturnType<typeof supertest.agent>>();
let server: Server;

/** What somebody may try to do to a resource, and how it must end for those who are signed in. */
interface Action {
  path: (id: string) => string;
  /** `file`: as a form with a file. */
  send?: Record<string, string> | 'file';
  get?: true;
  ends: (who: Who, one: Guarded) => number;
  /** Whether it changes the record or what hangs on it. */
  changes: (who: Who, one: Guarded) => boolean;
}

const found = (yes: boolean, status = 303): number => (yes ? status : 404);
const writesDraft = (who: Who, one: Guarded): boolean => writes(who, one) && hasDraft(one);
const published = ({ state }: Guarded): boolean => ['published', 'revised', 'held'].includes(state);

const actions: Record<string, Action> = {
  'put it on their shelf': {
    path: (id) => `/resources/${id}/save`,
    // Taking off is always possible, so the answer says nothing about the resource.
    ends: () => 303,
    changes: sees,
  },
  'say that they used it': {
    path: (id) => `/resources/${id}/use`,
    send: { note: 'Fine.' },
    // Their own use counts for nothing.
    ends: (who, one) => (sees(who, one) && authors.includes(who) ? 403 : found(sees(who, one))),
    changes: (who, one) => sees(who, one) && !authors.includes(who),
  },
  'put it into a collection of theirs': {
    path: (id) => `/resources/${id}/add`,
    send: { collection: 'new', title: 'Mine' },
    ends: (who, one) => found(sees(who, one)),
    changes: sees,
  },
  'adapt it': {
    path: (id) => `/resources/${id}/adapt`,
    ends: (who, one) => found(sees(who, one)),
    changes: sees,
  },
  'withdraw it': {
    path: (id) => `/resources/${id}/withdraw`,
    send: { reason: 'Old.' },
    ends: (who, one) => (moves(who, one) ? 303 : sees(who, one) || seesTombstone(who, one) ? 403 : 404),
    changes: (who, one) => moves(who, one) && published(one),
  },
  'put it back': {
    path: (id) => `/resources/${id}/restore`,
    ends: (who, one) =>
      moves(who, one)
        ? one.state === 'taken down'
          ? 409
          : 303
        : sees(who, one) || seesTombstone(who, one)
          ? 403
          : 404,
    changes: (who, one) => moves(who, one) && one.state === 'withdrawn',
  },
  'open the form of its next version': {
    path: (id) => `/resources/${id}/edit`,
    get: true,
    ends: (who, one) => found(writes(who, one) || judges(who, one), 200),
    changes: (who, one) => writes(who, one) && !hasDraft(one),
  },
  'save its draft': {
    path: (id) => `/resources/${id}/edit`,
    send: { revision: '1', title: 'Mine now', do: 'save' },
    ends: (who, one) => found(writesDraft(who, one)),
    changes: writesDraft,
  },
  'add a file to its draft': {
    path: (id) => `/resources/${id}/draft/files`,
    send: 'file',
    ends: (who, one) => found(writesDraft(who, one), 201),
    changes: writesDraft,
  },
  'publish it': {
    path: (id) => `/resources/${id}/publish`,
    send: { revision: '1' },
    ends: (who, one) =>
      found(writesDraft(who, one) || judges(who, one) || (writes(who, one) && published(one))),
    changes: (who, one) => (writesDraft(who, one) && one.state !== 'submitted') || judges(who, one),
  },
  'throw its draft away': {
    path: (id) => `/resources/${id}/discard`,
    ends: (who, one) => found(writesDraft(who, one)),
    changes: writesDraft,
  },
};

/** Each tries everything on resources of their own set, so that nobody meets what another did. */
const shelves = new Map(
  everyone.map((who) => [
    who,
    new Map(Object.keys(actions).map((name) => [name, planShelf(`${who} to ${name}`)])),
  ]),
);

beforeAll(async () => {
  await seedPeople(pool);
  await insertShelf(
    pool,
    [...shelves.values()].flatMap((sets) => [...sets.values()].flat()),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  for (const who of everyone)
    browsers.set(
      who,
      isSignedIn(who) ? await signedIn(server, database, emailOf(who)) : supertest.agent(server),
    );
});
afterAll(() => void server?.close());

async function attempt(who: Who, { path, send, get }: Action, id: string): Promise<number> {
  const browser = browsers.get(who)!;
  if (get) return (await browser.get(path(id))).status;
  const form = browser.post(path(id)).set('Sec-Fetch-Site', 'same-origin');
  if (send === 'file') return (await form.attach('files', Buffer.from('New words'), 'new.txt')).status;
  return (await form.type('form').send(send ?? {})).status;
}

/** Everything that an action may change, as one text by resource. */
async function recordsOf(ids: string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; record: string }>(
    `SELECT r.id, concat_ws(' ', r.state, r.current_version_id, r.withdrawn_at,
       (SELECT string_agg(concat_ws(' ', v.id, v.number, v.revision, v.title), ';' ORDER BY v.id) FROM version v WHERE v.resource_id = r.id),
       (SELECT count(*) FROM file f WHERE f.resource_id = r.id), (SELECT count(*) FROM use_mark u WHERE u.resource_id = r.id),
       (SELECT count(*) FROM collection_item c WHERE c.resource_id = r.id),
       (SELECT count(*) FROM resource a WHERE a.adapted_from_id = r.id)) AS record
     FROM resource r WHERE r.id = ANY ($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, record }) => [id, record]));
}

describe.each(everyone)('%s', (who) => {
  it.each(Object.keys(actions))('may %s where the policy says so, and else changes nothing', async (name) => {
    const action = actions[name]!;
    const shelf = shelves.get(who)!.get(name)!;
    const ids = shelf.map(({ id }) => id);
    const before = await recordsOf(ids);
    const wrong: string[] = [];
    for (const one of shelf) {
      const status = await attempt(who, action, one.id);
      const expected = isSignedIn(who) ? action.ends(who, one) : action.get ? 303 : 401;
      if (status !== expected) wrong.push(`${one.name}: answers ${status} instead of ${expected}`);
    }
    const after = await recordsOf(ids);
    for (const one of shelf) {
      const changed = before.get(one.id) !== after.get(one.id);
      if (changed !== (isSignedIn(who) && action.changes(who, one)))
        wrong.push(`${one.name}: ${changed ? 'was changed' : 'was not changed'}`);
    }
    expect(wrong).toEqual([]);
  });
});

it('whatever was done was written down, with who did it', async () => {
  const { rows } = await pool.query<{ action: string }>(
    `SELECT DISTINCT action FROM audit_event
     WHERE object_type = 'resource' AND actor_id = $1 AND outcome = 'done' ORDER BY action`,
    [personIdOf('owner')],
  );
  expect(rows.map((row) => row.action)).toEqual([
    'resource.adapted',
    'resource.draft_discarded',
    'resource.edit_begun',
    'resource.file_added',
    'resource.published',
    'resource.restored',
    'resource.submitted',
    'resource.withdrawn',
  ]);
});
