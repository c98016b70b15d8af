import { once } from 'node:events';
import { createServer } from 'node:net';

/** Systems hand out ports from 32768 (or 49152) on: to who listens on any, and to every connection that goes out. */
const FROM = 20_000;
const BELOW = 32_000;

/**
 * A port of this machine that nobody listens on, for a server that comes later or never. It is none of those that the
 * system gives to whoever asks for any, so that no other test gets it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FROM + Math.floor(Math.random() * (BELOW - FROM));
    const server = createServer();
    const isFree = new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.once('listening', () => resolve(true));
    });
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`No port is free between ${FROM} and ${BELOW}`);
}
