import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Ends every connection at once and takes no new ones, as a server that was killed. */
  cut: () => Promise<void>;
  /** Listens again on the same port. */
  mend: () => Promise<void>;
}

/** Stands between the portal and a server, so that a test can take that server away and bring it back. */
export async function tcpProxy(to: { host: string; port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let server: Server;
  let port = 0;
  const listen = async () => {
    server = createServer((from) => {
      const onward = connect(to.port, to.host);
      for (const socket of [from, onward]) {
        open.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          open.delete(socket);
          from.destroy();
          onward.destroy();
        });
      }
      from.pipe(onward).pipe(from);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  };
  await listen();
  return {
    get port() {
      return port;
    },
    cut: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.resetAndDestroy();
      await closed;
    },
    mend: listen,
  };
}
