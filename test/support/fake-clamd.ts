import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** The test virus that every scanner knows and that harms nobody (eicar.org). In two halves, or this file is found. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/**
 * A clamd that speaks INSTREAM and knows one virus. `limit`: its StreamMaxLength; past it, it answers and hangs up as
 * clamd does. `silent`: it takes everything and never answers.
 */
export async function fakeClamd({ limit = Infinity, silent = false } = {}) {
  const sockets = new Set<Socket>();
  let scans = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (silent) return;
      const answer = answerTo(bytes, limit);
      if (answer === undefined) return;
      scans++;
      socket.removeAllListeners('data');
      socket.end(`${answer}\0`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    url: `tcp://127.0.0.1:${port}`,
    scans: () => scans,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(bytes: Buffer, limit: number): string | undefined {
  const command = 'zINSTREAM\0';
  if (bytes.length < command.length) return undefined;
  if (bytes.toString('latin1', 0, command.length) !== command) return 'UNKNOWN COMMAND';
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = command.length; ;) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    if (length === 0) break;
    total += length;
    if (total > limit) return 'INSTREAM size limit exceeded. ERROR';
    if (at + 4 + length > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return Buffer.concat(parts).includes(EICAR) ? 'stream: Eicar-Test-Signature FOUND' : 'stream: OK';
}
