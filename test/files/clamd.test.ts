import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { scanStream, ScannerAwayError } from '../../server/files/clamd.ts';
import { EICAR, fakeClamd } from '../support/fake-clamd.ts';

async function scan(content: Buffer | string, scanner: Parameters<typeof fakeClamd>[0] = {}) {
  const clamd = await fakeClamd(scanner);
  try {
    return await scanStream(clamd.address, Readable.from([Buffer.from(content)]), {
      silenceMs: scanner.silent ? 300 : 20_000,
    });
  } finally {
    await clamd.close();
  }
}

describe('the virus scanner', () => {
  test('lets a clean file through, also a large one', async () => {
    expect(await scan('Fractions')).toEqual({ state: 'clean' });
    expect(await scan(Buffer.alloc(5 * 1024 * 1024, 7))).toEqual({ state: 'clean' });
  });

  test('finds the test virus', async () => {
    expect(await scan(`a lesson ${EICAR}`)).toEqual({ state: 'infected', signature: 'Eicar-Test-Signature' });
  });

  test('that hangs up because a file is too large has not called it clean', async () => {
    expect(await scan(Buffer.alloc(20 * 1024 * 1024), { limit: 100_000 })).toMatchObject({
      state: 'unscannable',
    });
  });

  test('that is silent, or not there, is away', async () => {
    await expect(scan('x', { silent: true })).rejects.toThrow(ScannerAwayError);
    const clamd = await fakeClamd();
    await clamd.close();
    await expect(scanStream(clamd.address, Readable.from(['x']))).rejects.toThrow(ScannerAwayError);
  });

  test('does not wait when the file itself cannot be read', async () => {
    const clamd = await fakeClamd();
    const broken = new Readable({ read: () => broken.destroy(new Error('disk')) });
    await expect(scanStream(clamd.address, broken)).rejects.toThrow();
    await clamd.close();
  });
});
