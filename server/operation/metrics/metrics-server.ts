import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../platform/logger.ts';
import { StartError } from '../../platform/start-error.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsServer {
  port: number;
  close: () => Promise<void>;
}

/**
 * Serves `/metrics` on a port of its own, so that no reverse proxy shows it to the world by mistake; on this machine only
 * unless told.
 * @throws StartError when the port is taken
 */
export async function serveMetrics(
  { registry, gather }: Metrics,
  { host, port, log }: { host: string; port: number; log: Pick<Logger, 'warn'> },
): Promise<MetricsServer> {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if ((req.url ?? '').split('?', 1)[0] !== '/metrics' || (req.method !== 'GET' && req.method !== 'HEAD')) {
      res.writeHead(404, { 'Content-Type': 'text/plain' }).end('Only GET /metrics\n');
      return;
    }
    await Promise.all(gather.map((ask) => ask()));
    const text = await registry.metrics();
    res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' });
    res.end(req.method === 'HEAD' ? undefined : text);
  };
  const server = createServer({ requestTimeout: 10_000 }, (req, res) => {
    answer(req, res).catch((err: unknown) => {
      log.warn({ err }, 'Metrics could not be gathered');
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new StartError(
          `Metrics can't be served on port ${port} of ${host} (${cause.code}). Set METRICS_PORT to a free one; every process needs its own.`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
