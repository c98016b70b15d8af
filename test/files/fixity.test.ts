import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkFixity } from '../../server/files/fixity.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { shelfOfNotes } from '../support/shelf-of-notes.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
// Files are damaged here on purpose.
deps.log.level = 'silent';
const root = join(deps.config.dataDir, 'files');
const shelf = shelfOfNotes(deps);
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
});
beforeEach(() => shelf.empty());

async function checked(limit?: number, files = deps.files): Promise<string[]> {
  const states: string[] = [];
  const limits = limit === undefined ? {} : { limit };
  for await (const { sha256, state, restored } of checkFixity({ ...deps, files }, limits))
    states.push(`${restored ? 'restored' : state} ${sha256}`);
  return states;
}

describe('reading and hashing', () => {
  test('begins with what was checked least recently, and comes round', async () => {
    const [first, second] = [await shelf.put('One'), await shelf.put('Two')];
    await pool.query(`UPDATE blob SET created_at = now() - interval '2 days'`);
    await pool.query(`UPDATE blob SET verified_at = now() - interval '1 day' WHERE sha256 = $1`, [
      first.sha256,
    ]);
    expect(await checked(1)).toEqual([`right ${second.sha256}`]);
    expect(await checked(1)).toEqual([`right ${first.sha256}`]);
    // Times are kept to the millisecond.
    await sleep(5);
    expect(await checked()).toEqual([`right ${second.sha256}`, `right ${first.sha256}`]);
  });

  test('finds one changed byte; the file is not handed out, is written into the log, and comes back with its copy', async () => {
    const { sha256, url, path } = await shelf.put('A table of values: 12, 13, 15');
    const other = await shelf.put('Another file');
    await request(app).get(url).expect(200);
    await writeFile(path, 'A table of values: 12, 73, 15');
    expect((await checked()).sort()).toEqual([`changed ${sha256}`, `right ${other.sha256}`].sort());
    const answer = await request(app).get(url).expect(404);
    expect(answer.text).toContain('can’t be found right now');
    await request(app)
      .get(`/resources/${catalog.id('cells')}/files.zip`)
      .expect(404);
    await request(app).get(other.url).expect(200);
    // A copy that is wrong as well changes nothing.
    await writeFile(path, 'something else');
    expect((await checked())[0]).toBe(`changed ${sha256}`);
    await request(app).get(url).expect(404);
    await writeFile(path, 'A table of values: 12, 13, 15');
    expect((await checked())[0]).toBe(`restored ${sha256}`);
    await request(app).get(url).expect(200, 'A table of values: 12, 13, 15');
    const { rows } = await pool.query<{ action: string }>(
      `SELECT action FROM audit_event WHERE object_id = $1 ORDER BY id`,
      [sha256],
    );
    expect(rows.map(({ action }) => action)).toEqual(['file.damaged', 'file.restored']);
  });

  test('the same file sent again mends it, whether the damage was noticed or not, and nothing damaged stays behind', async () => {
    const { sha256, url, path } = await shelf.put('Ten times ten');
    await writeFile(path, 'Ten tames ten');
    await shelf.sendAgain('Ten times ten');
    await request(app).get(url).expect(200, 'Ten times ten');
    await writeFile(path, 'Ten tames ten');
    expect(await checked()).toEqual([`changed ${sha256}`]);
    await request(app).get(url).expect(404);
    await shelf.sendAgain('Ten times ten');
    await request(app).get(url).expect(200, 'Ten times ten');
    const { rows } = await pool.query<{ action: string }>(
      'SELECT action FROM audit_event WHERE object_id = $1 ORDER BY id',
      [sha256],
    );
    expect(rows.map(({ action }) => action)).toEqual(['file.damaged', 'file.restored']);
    expect(await readdir(join(root, 'damaged'))).not.toContain(sha256);
  });

  test('a good copy that was set aside with the damaged one is brought back by whoever sent it', async () => {
    const { sha256, url } = await shelf.put('Sent at the wrong moment');
    const files = Object.create(deps.files) as typeof deps.files;
    files.keep = async (staged) => {
      const kept = await deps.files.keep(staged);
      // As the nightly reading does, which had just found the old one damaged.
      await deps.files.setAside(kept.sha256);
      await pool.query(`UPDATE blob SET damage = 'changed', damaged_at = now() WHERE sha256 = $1`, [sha256]);
      return kept;
    };
    for (const name of ['stage', 'discard', 'restage', 'size', 'bringBack'] as const)
      Object.assign(files, { [name]: deps.files[name].bind(deps.files) });
    await shelfOfNotes({ ...deps, files }).sendAgain('Sent at the wrong moment');
    await request(app).get(url).expect(200, 'Sent at the wrong moment');
  });

  test('leaves a good copy alone that comes just before the damaged one would be set aside', async () => {
    const { sha256, url, path } = await shelf.put('Sent again in time');
    await writeFile(path, 'Sent again on time');
    let looks = 0;
    const files = Object.create(deps.files) as typeof deps.files;
    files.verify = async (...args) => {
      looks += 1;
      // Two looks have found the damage.
      if (looks === 3) await writeFile(path, 'Sent again in time');
      return deps.files.verify(...args);
    };
    expect(await checked(undefined, files)).toEqual([`right ${sha256}`]);
    expect(looks).toBe(3);
    await request(app).get(url).expect(200, 'Sent again in time');
  });

  test('takes no file off the shelf because it may not be looked at, and looks at the others', async () => {
    const shut = await shelf.put('Behind a door');
    const other = await shelf.put('In the open');
    await pool.query(`UPDATE blob SET created_at = now() - interval '2 days' WHERE sha256 = $1`, [
      shut.sha256,
    ]);
    // What is no file can't be read; whoever runs the tests may be allowed to read everything else.
    await rm(shut.path);
    await mkdir(shut.path);
    const states: string[] = [];
    const run = async () => {
      for await (const { sha256, state } of checkFixity(deps)) states.push(`${state} ${sha256}`);
    };
    await expect(run()).rejects.toThrow('EISDIR');
    expect(states).toEqual([`right ${other.sha256}`]);
    const { rows } = await pool.query('SELECT 1 FROM blob WHERE damage IS NOT NULL');
    expect(rows).toEqual([]);
  });

  test('puts back what was set aside when it is right after all, and a purge leaves nothing of it', async () => {
    const { sha256, url } = await shelf.put('Misread');
    await deps.files.setAside(sha256);
    await pool.query(`UPDATE blob SET damage = 'changed', damaged_at = now()`);
    expect(await checked()).toEqual([`restored ${sha256}`]);
    await request(app).get(url).expect(200, 'Misread');
    await deps.files.setAside(sha256);
    await deps.files.remove(sha256);
    expect(await readdir(join(root, 'damaged'))).not.toContain(sha256);
  });
});
