import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ClamdAddress } from '../config.ts';

/**
 * What the scanner says. `unscannable`: it looked and could not say (too large for it, locked, an error inside);
 * that is not clean.
 */
export type ScanResult =
  { state: 'clean' } | { state: 'infected'; signature: string } | { state: 'unscannable'; detail: string };

/** The scanner can't be reached or didn't answer; to be tried again. */
export class ScannerAwayError extends Error {
  override name = 'ScannerAwayError';
}

const CHUNK_BYTES = 64 * 1024;
const SILENCE_MS = 120_000;

/**
 * Has a stream scanned by clamd: INSTREAM (clamd(8)), each chunk behind its length in four bytes, an empty chunk last.
 * clamd must run with `AlertExceedsMax yes` and a StreamMaxLength of at least the upload limit; what it calls
 * "Heuristics.Limits.Exceeded" is unscannable, not clean.
 * @throws ScannerAwayError when there is no answer
 */
export async function scanStream(
  address: ClamdAddress,
  content: Readable,
  { silenceMs = SILENCE_MS }: { silenceMs?: number } = {},
): Promise<ScanResult> {
  const socket = connect(address);
  try {
    return readAnswer(await converse(socket, content, silenceMs));
  } catch (error) {
    throw error instanceof ScannerAwayError ? error : new ScannerAwayError('No scanner', { cause: error });
  } finally {
    content.destroy();
    socket.destroy();
  }
}

/** Whether clamd is there: it answers PING with PONG within the time. Throws nothing. */
export async function scannerAnswers(address: ClamdAddress, waitMs = 1500): Promise<boolean> {
  const socket = connect(address);
  try {
    return await new Promise<boolean>((resolve) => {
      let answer = '';
      socket.setTimeout(waitMs, () => resolve(false));
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
        if (answer.includes('PONG')) resolve(true);
      });
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
      socket.write('zPING\0');
    });
  } finally {
    socket.destroy();
  }
}

/** Sends the content and waits for the answer; clamd may answer and hang up before it has everything. */
async function converse(socket: Socket, content: Readable, silenceMs: number): Promise<string> {
  let answer = '';
  const answered = new Promise<string>((resolve, reject) => {
    socket.setTimeout(silenceMs, () => reject(new ScannerAwayError('The scanner is silent')));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\0')) resolve(answer);
    });
    const over = (error?: Error) => {
      if (answer !== '') resolve(answer);
      else reject(new ScannerAwayError('The scanner hung up', { cause: error }));
    };
    socket.on('error', over);
    socket.on('close', () => over());
  });
  const sent = sendAll(socket, content);
  // An error of ours while sending (the file is gone) must not wait for the scanner to lose its patience.
  const failed = sent.then(
    () => new Promise<never>(() => {}),
    (error: unknown) =>
      error instanceof HungUp ? new Promise<never>(() => {}) : Promise.reject(error as Error),
  );
  return Promise.race([answered, failed]);
}

class HungUp extends Error {}

async function sendAll(socket: Socket, content: Readable): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0', 'latin1'));
  for await (const chunk of content as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const part = chunk.subarray(at, at + CHUNK_BYTES);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      await write(socket, Buffer.concat([length, part]));
    }
  }
  await write(socket, Buffer.alloc(4));
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(new HungUp('hung up')) : resolve()));
  });
}

/** `stream: OK`, `stream: Eicar-Signature FOUND`, or an error such as `INSTREAM size limit exceeded. ERROR`. */
function readAnswer(raw: string): ScanResult {
  const answer = raw.replaceAll('\0', '').trim();
  if (/^stream: OK$/.test(answer)) return { state: 'clean' };
  const signature = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (signature === undefined) return { state: 'unscannable', detail: answer.slice(0, 200) };
  return /Limits\.Exceeded|Heuristics\.Encrypted/.test(signature)
    ? { state: 'unscannable', detail: signature }
    : { state: 'infected', signature };
}
