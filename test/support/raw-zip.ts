import { crc32, deflateRawSync } from 'node:zlib';

export interface RawEntry {
  name: string;
  content?: Buffer | string;
  /** Unix mode, for links. */
  mode?: number;
  /** Claims the entry is locked. */
  encrypted?: boolean;
  /** What the headers say about the unpacked size, in place of the truth. */
  claimedSize?: number;
  /** Shares the packed bytes of an earlier entry, as overlapping bombs do. */
  sameAs?: number;
  stored?: boolean;
}

/** Writes a zip byte by byte, so that tests can make the ones no honest program makes. */
export function rawZip(entries: RawEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    const source = entry.sameAs === undefined ? entry : (entries[entry.sameAs] ?? entry);
    const content = Buffer.from(source.content ?? '');
    const packed = source.stored ? content : deflateRawSync(content);
    const name = Buffer.from(entry.name);
    const flags = (entry.encrypted ? 1 : 0) | 0x800;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(source.stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(entry.claimedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    let at = offset;
    if (entry.sameAs === undefined) {
      const local = Buffer.concat([Buffer.from('504b0304', 'hex'), fields, name, packed]);
      parts.push(local);
      offset += local.length;
    } else at = offsets[entry.sameAs] ?? 0;
    offsets.push(at);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('504b01021e03', 'hex'), fields, tail, name);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 8);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
