import { StructureError, type ByteReader } from './byte-reader.ts';

/** A box of an MP4 file: where its four-letter type stands, and its payload. */
export interface Mp4Box {
  type: string;
  typeAt: number;
  data: number;
  end: number;
}

/** Boxes that hold boxes and can lead to a place. */
const CONTAINERS = new Set(['moov', 'trak', 'udta', 'mdia', 'minf']);
const XMP_UUID = 'be7acfcb97a942e89c71999491e3afac';
const MAX_BOXES = 20_000;
const MAX_META_BYTES = 4 * 1024 * 1024;

/**
 * Finds the boxes of an MP4 or M4A that tell where it was recorded: `©xyz` and `loci` (3GPP TS 26.244), Apple's
 * `meta` with location keys, and XMP. They can be renamed to `free` and zeroed without moving a byte of the film.
 * A file that breaks off against its structure yields what was found until there.
 */
export async function findMp4Locations(reader: ByteReader): Promise<Mp4Box[]> {
  const found: Mp4Box[] = [];
  try {
    await walk(reader, 0, reader.size, found, { boxes: 0 });
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
  }
  return found;
}

async function walk(
  reader: ByteReader,
  start: number,
  end: number,
  found: Mp4Box[],
  seen: { boxes: number },
): Promise<void> {
  for (let at = start; at + 8 <= end;) {
    if (++seen.boxes > MAX_BOXES) throw new StructureError('Too many boxes.');
    const box = await readBox(reader, at, end);
    if (await tellsPlace(reader, box)) found.push(box);
    else if (CONTAINERS.has(box.type)) await walk(reader, box.data, box.end, found, seen);
    at = box.end;
  }
}

async function readBox(reader: ByteReader, at: number, limit: number): Promise<Mp4Box> {
  const head = await reader.bytes(at, 8);
  const type = head.toString('latin1', 4, 8);
  let length = head.readUInt32BE(0);
  let data = at + 8;
  if (length === 1) {
    length = Number((await reader.bytes(at + 8, 8)).readBigUInt64BE());
    data = at + 16;
  }
  const end = length === 0 ? limit : at + length;
  if (end < data || end > limit) throw new StructureError(`The box ${type} is cut.`);
  return { type, typeAt: at + 4, data, end };
}

async function tellsPlace(reader: ByteReader, { type, data, end }: Mp4Box): Promise<boolean> {
  if (type === '\u00a9xyz' || type === 'loci') return true;
  if (type === 'uuid' && end - data >= 16) return (await reader.bytes(data, 16)).toString('hex') === XMP_UUID;
  if (type !== 'meta') return false;
  return contains(reader, data, Math.min(end, data + MAX_META_BYTES), Buffer.from('.location.', 'latin1'));
}

async function contains(reader: ByteReader, start: number, end: number, needle: Buffer): Promise<boolean> {
  const STEP = 32 * 1024;
  for (let at = start; at < end; at += STEP) {
    const length = Math.min(STEP + needle.length, end - at);
    if ((await reader.bytes(at, length)).includes(needle)) return true;
  }
  return false;
}
