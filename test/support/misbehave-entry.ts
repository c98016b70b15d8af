// A child that does what hostile content would make it do, chosen by its input.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { serveParent } from '../../server/platform/child-entry.ts';

serveParent(async (input, send) => {
  switch (input) {
    case 'hang':
      send({ started: true });
      for (;;) Math.random();
    case 'eat memory': {
      const eaten: Uint8Array[] = [];
      for (;;) eaten.push(new Uint8Array(16 * 1024 * 1024).fill(1));
    }
    case 'eat heap': {
      const eaten: object[] = [];
      for (;;) eaten.push({ a: [Math.random(), Math.random()] });
    }
    case 'flood':
      for (;;) send('x'.repeat(10_000));
    case 'fail':
      throw new Error('It is broken');
    case 'chat':
      process.stdout.write('noise on standard output');
      send({ environment: Object.keys(process.env) });
      return;
    case 'leave a grandchild': {
      const grandchild = spawn('sleep', ['60'], { stdio: 'ignore' });
      send({ pid: grandchild.pid });
      for (;;) await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    case 'phone home':
      await new Promise<void>((resolve) => {
        const socket = connect({ host: '192.0.2.1', port: 80 });
        socket.once('error', (error) => {
          send({ error: (error as Error & { code?: string }).code });
          resolve();
        });
      });
  }
});
