import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../../server/platform/logger.ts';

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  write(createLogger({ logLevel: 'info' }, sink));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('each record is one JSON object with a level in words and a time', () => {
  expect(logged((log) => log.info({ requestId: 'r1' }, 'hello'))).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), requestId: 'r1', msg: 'hello' },
  ]);
});

test('passwords, keys, cookies and addresses of people are never written', () => {
  const text = JSON.stringify(
    logged((log) => {
      log.info({ password: 'sesame-1', person: { email: 'teacher@north.example', token: 'sesame-2' } });
      log.info({ req: { headers: { cookie: 'session=sesame-3', authorization: 'Bearer sesame-4' } } });
      log.info({ config: { sessionSecret: 'sesame-5', databaseUrl: 'postgresql://a:sesame-6@b/c' } });
    }),
  );
  expect(text).not.toMatch(/sesame|north\.example/);
  expect(text).toContain('[removed]');
});

test('of a database error the message, code and place are kept, not the refused row', () => {
  const refused = Object.assign(new Error('duplicate key', { cause: new Error('why') }), {
    code: '23505',
    constraint: 'person_email_key',
    detail: 'Key (email)=(teacher@north.example) already exists.',
  });
  const [record] = logged((log) => log.error({ err: refused }, 'refused'));
  expect(record?.['err']).toMatchObject({
    type: 'Error',
    message: 'duplicate key',
    code: '23505',
    constraint: 'person_email_key',
    cause: { message: 'why' },
  });
  expect(JSON.stringify(record)).not.toContain('north.example');
});
