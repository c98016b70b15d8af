import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../platform/start-error.ts';
import { sayLeaving } from './health-routes.ts';

export type HttpServer = {
  port: number;
  /**
   * Says on `/readyz` for `noticeMs` that this process is leaving and has kept connections closed, while it serves on; then
   * takes no new connection, lets requests finish for `patienceMs`, and cuts off what is left.
   */
  drain: (patienceMs: number, noticeMs?: number) => Promise<void>;
};

/**
 * Serves `app` on `host` and `port`.
 * @throws StartError when the address is taken or not allowed
 */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  // A large upload from a school's slow line may take half an hour; its headers may not.
  const server = createServer(
    { requestTimeout: 30 * 60_000, headersTimeout: 20_000, keepAliveTimeout: 65_000 },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    drain: async (patienceMs, noticeMs = 0) => {
      if (noticeMs > 0) {
        sayLeaving();
        server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
        await sleep(noticeMs);
      }
      await untilNobodyWaits();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const end = Date.now() + patienceMs;
      let open = true;
      void closed.then(() => (open = false));
      while (open && Date.now() < end) {
        // Connections that browsers keep open become idle one by one.
        server.closeIdleConnections();
        await Promise.race([closed, sleep(50)]);
      }
      server.closeAllConnections();
      await closed;
    },
  };
}

/** So long may a turn of the event loop take in which nothing else was done, in milliseconds. */
const QUIET_TURN_MS = 0.5;

/** A process that is never quiet has to stop too. */
const QUIET_PATIENCE_MS = 1000;

/**
 * Comes back right behind a moment in which all waiting connections were taken: whoever waits when the door closes is cut
 * off. They are taken at the start of a turn of the event loop, and what else is done in that turn gives time for new ones
 * to come; so it has to be a turn in which nothing else was done.
 */
async function untilNobodyWaits(): Promise<void> {
  const begun = performance.now();
  for (let last = begun; ;) {
    await setImmediate();
    const now = performance.now();
    if (now - last < QUIET_TURN_MS || now - begun > QUIET_PATIENCE_MS) return;
    last = now;
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} on ${host} is taken by another program. Stop it, or set PORT to another one.`,
    );
  if (error.code === 'EACCES')
    return new StartError(`This account may not listen on port ${port}. Set PORT to one above 1023.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartError(
      `This machine has no address ${host}. Set HOST to one of its own, or to 0.0.0.0 for all.`,
    );
  return error;
}
