import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { isPassword } from '../../server/accounts/password.ts';
import { testDatabase } from '../support/database.ts';
import { runEntry } from '../support/portal.ts';

const { pool, url } = await testDatabase();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-admin-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(args: string[], input = 'four unrelated words here\n', env: Record<string, string> = {}) {
  const command = runEntry(
    ['scripts/run.mjs', 'create-admin', ...args],
    { DATABASE_URL: url, DATA_DIR: join(folder, 'data'), STATE_NAME: 'State of Québec Hills', ...env },
    input,
  );
  return { code: await command.ended, said: command.said() };
}
const ada = ['--email', 'Ada@state.example', '--name', 'Ada Moreno'];

describe('npm run create-admin', { timeout: 180_000 }, () => {
  it('makes the first administrator, and the state where there is none', async () => {
    const { code, said } = await run(ada);
    expect(said).toContain('ada@state.example has an account as an administrator of the state.');
    expect(code).toBe(0);
    const account = await accountByEmail(pool, 'ada@state.example');
    expect(account?.viewer.grants).toMatchObject([{ role: 'admin', kind: 'state' }]);
    expect(await isPassword('four unrelated words here', account?.passwordHash ?? null)).toBe(true);
    const { rows } = await pool.query(`SELECT name, slug FROM organization`);
    expect(rows).toEqual([{ name: 'State of Québec Hills', slug: 'state-of-quebec-hills' }]);
  });

  it('changes nothing for an account that exists, unless told to', async () => {
    const before = await accountByEmail(pool, 'ada@state.example');
    const refused = await run(ada, 'another good passphrase\n');
    expect(refused.said).toContain('There is an account with this address already.');
    expect(refused.said).toContain('--again');
    expect(refused.code).toBe(2);
    expect(await accountByEmail(pool, 'ada@state.example')).toEqual(before);
    expect((await run([...ada, '--again'], 'another good passphrase\n')).code).toBe(0);
    const after = await accountByEmail(pool, 'ada@state.example');
    expect(after?.sessionEpoch).toBe((before?.sessionEpoch ?? 0) + 1);
    expect(await isPassword('another good passphrase', after?.passwordHash ?? null)).toBe(true);
  });

  it('says in plain words what can’t be used', async () => {
    for (const [args, input, words] of [
      [
        ['--email', 'bo@state.example', '--name', 'Bo'],
        'short\n',
        'A password needs at least 12 characters.',
      ],
      [['--email', 'bo@state.example', '--name', 'Bo'], '', 'There was no password on standard input.'],
      [['--email', 'bo', '--name', 'Bo'], 'four unrelated words here\n', 'Enter an e-mail address'],
      [['--email', 'bo@state.example'], '', "required option '--name <name>' not specified"],
    ] as const) {
      const { code, said } = await run([...args], input);
      expect(said).toContain(words);
      expect(said).not.toMatch(/\n\s+at /);
      expect(code).toBe(2);
    }
    expect(await accountByEmail(pool, 'bo@state.example')).toBeUndefined();
  });

  it('ends with 1 when the database can’t be reached', async () => {
    const { code, said } = await run(ada, undefined, {
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing',
    });
    expect(code).toBe(1);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
