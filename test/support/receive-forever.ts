// Receives files into the store given as argument until it is killed: the victim of the kill -9 test.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';

const store = await openDiskFileStore(process.argv[2] ?? '');
for (;;) {
  const chunks = Array.from({ length: 8 }, () => randomBytes(256 * 1024));
  await store.receive(Readable.from(chunks), { maxBytes: 10 * 1024 * 1024 });
  process.stdout.write('received\n');
}
