import { promisify } from 'node:util';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { FIXED_DATE } from './sheet.ts';

const openZip = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);
const ISO_DATE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Packs named parts into a zip with fixed dates, in the given order. */
export async function packZip(parts: [string, Buffer][]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of parts)
    zip.addBuffer(bytes, name, { mtime: FIXED_DATE, mode: 0o100644, compressionLevel: 9 });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Packs an Office file anew with fixed dates outside and inside, so that the same source gives the same bytes. */
export async function freezeOffice(file: Buffer): Promise<Buffer> {
  const parts: [string, Buffer][] = [];
  for (const [name, bytes] of await readZip(file)) {
    if (name.endsWith('/')) continue;
    const isProps = name.startsWith('docProps/');
    parts.push([
      name,
      isProps ? Buffer.from(bytes.toString('utf8').replace(ISO_DATE, '2026-08-01T12:00:00Z')) : bytes,
    ]);
  }
  return packZip(parts);
}

async function readZip(file: Buffer): Promise<[string, Buffer][]> {
  const zip = await openZip(file, { lazyEntries: true });
  const parts: [string, Buffer][] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('end', () => {
          parts.push([entry.fileName, Buffer.concat(chunks)]);
          zip.readEntry();
        });
      });
    });
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.readEntry();
  });
  return parts;
}
