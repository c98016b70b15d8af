// What every entry point does before the portal's own code can run.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

/**
 * Checks the version of Node, reads .env (what is set in the environment goes first), and builds what is
 * stale. Ends the process with a sentence when one of them fails.
 * @param {{ compile?: boolean, say?: (text: string) => void }} [options]
 * @returns {string} the folder of package.json
 */
export function prepare(options) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed; this is ${process.version}.`);
  try {
    if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
    build(options);
  } catch (error) {
    fail(error.message);
  }
  process.setSourceMapsEnabled(true);
  return root;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
