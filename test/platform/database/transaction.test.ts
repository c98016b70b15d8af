import { beforeEach, expect, test } from 'vitest';
import { sqlState, withTransaction } from '../../../server/platform/database/transaction.ts';
import { testDatabase } from '../../support/database.ts';

const { pool, db } = await testDatabase();

beforeEach(async () => {
  await pool.query('drop table if exists counter; create table counter (id int primary key, n int not null)');
  await pool.query('insert into counter values (1, 0), (2, 0)');
});
const counts = async () =>
  (await pool.query('select n from counter order by id')).rows.map(({ n }) => n as number);

test('what the work returns comes back, and is kept', async () => {
  const result = await withTransaction(pool, async (client) => {
    await client.query('update counter set n = 7 where id = 1');
    return 'done';
  });
  expect(result).toBe('done');
  expect(await counts()).toEqual([7, 0]);
});

test('an error takes everything back, and the connection is as good as new', async () => {
  for (let round = 0; round < 30; round += 1)
    await expect(
      withTransaction(pool, async (client) => {
        await client.query('update counter set n = 7');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
  expect(await counts()).toEqual([0, 0]);
});

test('twenty serializable transactions that read before they write all count', async () => {
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withTransaction(
        pool,
        async (client) => {
          const { rows } = await client.query<{ n: number }>('select n from counter where id = 1');
          await client.query('update counter set n = $1 where id = 1', [(rows[0]?.n ?? 0) + 1]);
        },
        { isolation: 'serializable', retries: 30 },
      ),
    ),
  );
  expect(await counts()).toEqual([20, 0]);
});

test('of two that lock each other out one is tried again, and both are done', async () => {
  const add = async (first: number, second: number) =>
    withTransaction(pool, async (client) => {
      await client.query('update counter set n = n + 1 where id = $1', [first]);
      await client.query('select pg_sleep(0.2)');
      await client.query('update counter set n = n + 1 where id = $1', [second]);
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  expect(await counts()).toEqual([2, 2]);
});

test('other errors are not tried again', async () => {
  let tries = 0;
  const doubled = withTransaction(pool, async (client) => {
    tries += 1;
    await client.query('insert into counter values (1, 1)');
  });
  await expect(doubled).rejects.toSatisfy((error) => sqlState(error) === '23505');
  expect(tries).toBe(1);
});

test('a connection that dies half-way is not used again', async () => {
  await expect(
    withTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query('update counter set n = 9');
    }),
  ).rejects.toThrow();
  expect(await counts()).toEqual([0, 0]);
});

test('a statement may be given its own time limit', async () => {
  const slow = withTransaction(pool, (client) => client.query('select pg_sleep(5)'), {
    statementTimeoutMs: 100,
  });
  await expect(slow).rejects.toThrow('statement timeout');
});

test('numbers, days and moments come back in the shapes the code wants', async () => {
  const { rows } = await pool.query(
    `select 9007199254740991::bigint as safe, 9007199254740993::bigint as big, '{1,NULL}'::bigint[] as list,
       '2026-02-03'::date as day, '2026-02-03T04:05:06Z'::timestamptz as moment`,
  );
  expect(rows).toEqual([
    {
      safe: 9007199254740991,
      big: '9007199254740993',
      list: [1, null],
      day: '2026-02-03',
      moment: new Date('2026-02-03T04:05:06Z'),
    },
  ]);
});

test('Prisma reads and writes over the same pool, with its own shapes', async () => {
  await db.rateLimit.create({ data: { key: 'a', points: 3, expire: 9007199254740993n } });
  expect(await db.rateLimit.findUnique({ where: { key: 'a' } })).toEqual({
    key: 'a',
    points: 3,
    expire: 9007199254740993n,
  });
});
