// `npm start`: builds what is stale, then runs the portal in this very process, so signals need no relay.
// --web-only: without the worker. --worker-only: only the worker (`npm run worker`).
// `npm run dev` (--dev): runs it from the sources and starts it again when one of them changes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';

const dev = process.argv.includes('--dev');
const root = prepare({ compile: !dev });
const entry = process.argv.includes('--worker-only') ? 'worker' : 'main';
if (!dev) await import(pathToFileURL(join(root, `dist/server/${entry}.js`)).href);
else watch();

function watch() {
  const child = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', '--import', 'tsx', 'server/main.ts'],
    { cwd: root, stdio: 'inherit' },
  );
  // Ctrl-C reaches the child by itself; a signal to this process alone is passed on. Then wait for its end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => process.exit(code ?? 0));
}
