import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export interface MailServer {
  port: number;
  /** What was said to it, piece by piece. */
  heard: string[];
  close: () => void;
}

/**
 * A mail server that takes every message and speaks as much SMTP as that needs.
 * @param port any one unless told
 */
export async function mailServer(port = 0): Promise<MailServer> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    let inData = false;
    socket.on('error', () => {});
    socket.write('220 mail ready\r\n');
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      heard.push(text);
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inData = false;
        socket.write('250 kept\r\n');
      } else if (text.startsWith('DATA')) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (text.startsWith('QUIT')) socket.end('221 bye\r\n');
      else socket.write('250 fine\r\n');
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, heard, close: () => void server.close() };
}
