import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stripMetadata } from '../../server/files/strip-metadata.ts';
import { samplePhoto } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-strip-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function strip(content: Buffer, kind: Parameters<typeof stripMetadata>[1]) {
  const path = join(folder, 'photo');
  await writeFile(path, content);
  const changed = await stripMetadata(path, kind, join(folder, 'scratch'));
  return { changed, content: await readFile(path) };
}

const pixels = (image: Buffer) => sharp(image).raw().toBuffer();

describe('a photo on its way in loses where and by whom it was taken', () => {
  test.each([
    ['jpg', 'jpeg'],
    ['webp', 'webp'],
    ['png', 'png'],
  ] as const)('%s', async (kind, format) => {
    const photo = await samplePhoto(format);
    expect(photo.includes('SecretPhone')).toBe(true);
    const stripped = await strip(photo, kind);
    expect(stripped.changed).toBe(true);
    expect(stripped.content.includes('SecretPhone')).toBe(false);
    expect(stripped.content.includes('Ana')).toBe(false);
    expect((await pixels(stripped.content)).equals(await pixels(photo))).toBe(true);
    if (kind !== 'png') expect((await sharp(stripped.content).metadata()).orientation).toBe(6);
    expect((await strip(stripped.content, kind)).content.equals(stripped.content)).toBe(true);
  });

  test('and the film or second picture that a phone hid behind it', async () => {
    const photo = await samplePhoto('jpeg');
    const stripped = await strip(Buffer.concat([photo, Buffer.from('MotionPhoto_Data ftypmp42')]), 'jpg');
    expect(stripped.content.includes('MotionPhoto')).toBe(false);
  });

  test('but keeps the colours of its profile', async () => {
    const photo = await sharp(await samplePhoto('jpeg'))
      .withIccProfile('p3')
      .withMetadata()
      .jpeg()
      .toBuffer();
    const stripped = await strip(photo, 'jpg');
    const profile = (await sharp(photo).metadata()).icc;
    expect(profile).toBeDefined();
    expect((await sharp(stripped.content).metadata()).icc).toEqual(profile);
  });

  test('and an animated GIF keeps moving', async () => {
    const frames = Buffer.alloc(4 * 8 * 3, 0x40);
    frames.fill(0xf0, 48);
    const gif = await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
      .gif({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const comment = Buffer.from('21fe03416e6100', 'hex'); // "Ana"
    const stripped = await strip(Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)]), 'gif');
    expect(stripped.content.includes('Ana')).toBe(false);
    expect((await sharp(stripped.content, { animated: true }).metadata()).pages).toBe(2);
  });

  test('a picture without any stays as it is', async () => {
    const plain = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const first = await strip(plain, 'png');
    expect((await strip(first.content, 'png')).changed).toBe(false);
  });

  test('what is broken is left alone', async () => {
    const broken = (await samplePhoto('png')).subarray(0, 70);
    expect(await strip(broken, 'png')).toEqual({ changed: false, content: broken });
  });
});

describe('a film on its way in loses where it was taken', () => {
  const box = (type: string, ...content: (Buffer | string)[]) => {
    const body = Buffer.concat(content.map((part) => Buffer.from(part)));
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8, 0);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };

  test('and nothing moves', async () => {
    const film = Buffer.concat([
      box('ftyp', 'isom'),
      box(
        'moov',
        box('mvhd', 'x'.repeat(100)),
        box('udta', box('\u00a9xyz', '+45.5000-090.0000/'), box('\u00a9nam', 'Volcano')),
        box('meta', 'mdta com.apple.quicktime.location.ISO6709 +45.5-090.0/'),
        box('trak', box('udta', box('loci', 'Lincoln school'))),
      ),
      box('mdat', 'frames'),
    ]);
    const { changed, content } = await strip(film, 'mp4');
    expect(changed).toBe(true);
    expect(content).toHaveLength(film.length);
    expect(content.includes('45.5')).toBe(false);
    expect(content.includes('Lincoln')).toBe(false);
    expect(content.includes('Volcano')).toBe(true);
    expect(content.indexOf('frames')).toBe(film.indexOf('frames'));
  });

  test('one that is cut does not stop it', async () => {
    expect((await strip(box('ftyp', 'isom').subarray(0, 10), 'mp4')).changed).toBe(false);
  });
});

const real = sharedData('documents/good/testJPEG_GEO.jpg');

test.skipIf(!real)('the real photo with a GPS position comes out without one', async () => {
  const photo = await readFile(real!);
  expect((await sharp(photo).metadata()).exif).toBeDefined();
  const { content } = await strip(photo, 'jpg');
  expect((await sharp(content).metadata()).exif).toBeUndefined();
  expect((await pixels(content)).equals(await pixels(photo))).toBe(true);
});
