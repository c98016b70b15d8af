import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { memoryOf, watchMemory, type BenchPortal } from './bench-portal.ts';
import { Browser, type Answer } from './browser.ts';
import { table, verdict } from './report.ts';

const GIGABYTE = 1_000_000_000;

/** A teacher shares a recording of 1 GB through the share form; one of 20 MB before it, so that all code is loaded. */
export async function measureUpload({ url, pid }: BenchPortal): Promise<string> {
  const browser = new Browser(url);
  await browser.signIn('teacher@north.example', demoSignIns.password);
  await share(browser, 20_000_000);
  await sleep(3000);
  const before = (await memoryOf(pid)).now;
  const { result, most } = await watchMemory(pid, () => share(browser, GIGABYTE));
  const edit = await browser.get(result.location ?? '/');
  browser.close();
  if (!edit.body.includes(`bench-${GIGABYTE}.wav`)) throw new Error('The file is not in the draft');
  const growth = most - before;
  return table(
    ['upload of 1 GB through the form', ''],
    [
      [
        'time',
        `${(result.ms / 1000).toFixed(1)} s (${(GIGABYTE / 1e6 / (result.ms / 1000)).toFixed(0)} MB/s)`,
      ],
      ['memory before', `${before.toFixed(0)} MB`],
      ['memory at most', `${most.toFixed(0)} MB`],
      [`growth (bar: ≤ 50 MB, ${verdict(growth, 50)})`, `${growth.toFixed(0)} MB`],
    ],
  );
}

async function share(browser: Browser, bytes: number): Promise<Answer> {
  const answer = await browser.sendFile('/resources/new', [['title', `A recording of ${bytes} bytes`]], {
    name: `bench-${bytes}.wav`,
    type: 'audio/wav',
    bytes,
    content: recording(bytes),
  });
  if (answer.status !== 303) throw new Error(`Sharing ${bytes} bytes gave ${answer.status}`);
  return answer;
}

/** A recording that is made while it is sent: a WAV header (one channel, 16 bits), then noise. */
function* recording(bytes: number): Generator<Buffer> {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(bytes - 8, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(44_100, 24);
  header.writeUInt32LE(88_200, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes - 44, 40);
  yield header;
  const noise = randomBytes(256 * 1024);
  for (let left = bytes - header.length; left > 0; left -= noise.length)
    yield left >= noise.length ? noise : noise.subarray(0, left);
}
