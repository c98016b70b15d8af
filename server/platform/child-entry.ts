import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Where the parent listens (see child-process.ts); standard output may be written to by any library. */
const PARENT_FD = 3;

/**
 * The other end of `runChild`: reads the input, does the work, and exits. `send` gives the parent one JSON value and
 * waits until it is taken. The name and message of an error of the work
 * go to standard error and make the exit code 1.
 */
export function serveParent(work: (input: unknown, send: (message: unknown) => void) => Promise<void>): void {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', (line) => {
    work(JSON.parse(line), send).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        process.exit(1);
      },
    );
  });
  lines.once('close', () => process.exit(2));
}

function send(message: unknown): void {
  let bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(PARENT_FD, bytes));
}
