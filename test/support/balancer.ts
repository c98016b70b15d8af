import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  url: string;
  /** Requests that went to each port. */
  served: Map<number, number>;
  close: () => Promise<void>;
}

/**
 * A reverse proxy that shares requests out in turn. As nginx does unless told otherwise: where a connection is refused the
 * next one is asked, and nothing that was sent is ever sent again.
 */
export async function balancer(ports: readonly number[]): Promise<Balancer> {
  const served = new Map<number, number>(ports.map((port) => [port, 0]));
  const agent = new Agent({ keepAlive: false });
  let turn = 0;
  const pass = (req: IncomingMessage, res: ServerResponse, [port, ...others]: number[]): void => {
    if (port === undefined) return void res.writeHead(502).end('Nobody listens');
    const passed = send(
      { host: '127.0.0.1', port, path: req.url, method: req.method, headers: req.headers, agent },
      (answer) => {
        served.set(port, (served.get(port) ?? 0) + 1);
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
        answer.once('error', () => res.destroy());
      },
    );
    passed.once('socket', (socket) => socket.once('connect', () => req.pipe(passed)));
    passed.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return pass(req, res, others);
      if (res.headersSent) return res.destroy();
      res.writeHead(502, { 'x-balancer': error.code ?? 'error' }).end();
    });
  };
  const server = createServer((req, res) => {
    const first = turn++ % ports.length;
    pass(req, res, [...ports.slice(first), ...ports.slice(0, first)]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
