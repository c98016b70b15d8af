#!/usr/bin/env node
// The import as a command of its own: `commonshelf-import FILE… --district north`.
process.argv.splice(2, 0, 'import');
await import('./run.mjs');
