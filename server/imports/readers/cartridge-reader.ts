import type { BoundedZip } from '../../files/zip-reader.ts';
import { readManifest } from '../packages/cartridge-manifest.ts';
import { rowsOfCartridge } from '../packages/cartridge-rows.ts';
import { asUnreadable } from '../packages/packed-files.ts';
import { readXmlTree } from '../packages/xml-tree.ts';
import { NATIVE_FIELDS } from '../native-row.ts';
import { UnreadableFile, type Row, type RowSource } from '../row-reader.ts';

export const MANIFEST = 'imsmanifest.xml';
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/**
 * Rows of a Common Cartridge 1.0–1.4 or a Thin Common Cartridge: its pages, discussions, assignments, web links and
 * files under native names, with the resource's identifier as the external id. Question banks, assessments and what
 * needs a tool are rows that say so.
 * @param zip open, and let go of by the source's `close`; @param bytes the size of the packed file
 * @throws UnreadableFile where the manifest can't be read
 */
export async function readCartridge(zip: BoundedZip, bytes: number): Promise<RowSource> {
  const { root, complete } = await readXmlTree(zip.chunks(MANIFEST, MAX_MANIFEST_BYTES)).catch(
    (error: unknown) => {
      throw asUnreadable(error);
    },
  );
  const cartridge = root && readManifest(root);
  if (!cartridge || !complete) throw new UnreadableFile('import.file.noManifest');
  const count = Math.max(1, cartridge.parts.length);
  let done = 0;
  async function* rows(): AsyncGenerator<Row> {
    let position = 0;
    for await (const result of rowsOfCartridge(zip, cartridge!)) {
      position += 1;
      done = position;
      const place = { position, line: position };
      if ('values' in result) yield { ...place, values: result.values };
      else if ('broken' in result)
        yield {
          ...place,
          cut: true,
          raw: result.part.id,
          fault: { field: null, key: 'import.fault.packed', params: { name: result.broken } },
        };
      else
        yield {
          ...place,
          skipped: true,
          cut: false,
          raw: result.part.id,
          fault: { field: null, key: result.skipped, params: { name: result.name } },
        };
    }
  }
  const reading = rows();
  return {
    format: 'cartridge',
    columns: [...NATIVE_FIELDS],
    packed: { zip, base: '' },
    rows: reading,
    bytesDone: () => Math.floor((bytes * Math.min(done, count)) / count),
    close: async () => {
      await reading.return(undefined);
      zip.close();
    },
  };
}
