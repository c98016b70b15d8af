#!/usr/bin/env node
// The import as a command of its own: `commonshelf-import FILE… --district north`.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, 'import');
// A library looks for settings of its own from the current folder up, and fails at what it may not read: let it look here.
process.env.INIT_CWD ??= process.cwd();
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
await import('./run.mjs');
