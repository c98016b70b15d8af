// Runs scripts/NAME.ts compiled: `node scripts/run.mjs NAME …`. Reads .env and builds what is stale first.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';

const [name = ''] = process.argv.splice(2, 1);
const root = prepare({ say: (text) => console.error(text) });
await import(pathToFileURL(join(root, `dist/scripts/${name}.js`)).href);
