import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import type Sharp from 'sharp';

const require = createRequire(import.meta.url);
const SOURCE_SANS = dirname(require.resolve('@expo-google-fonts/source-sans-3/package.json'));
const DEJAVU = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** The fonts of every sheet (SIL Open Font License; DejaVu for the signs that Source Sans lacks). */
export const FONT_FILES = {
  regular: join(SOURCE_SANS, '400Regular', 'SourceSans3_400Regular.ttf'),
  bold: join(SOURCE_SANS, '700Bold', 'SourceSans3_700Bold.ttf'),
  italic: join(SOURCE_SANS, '400Regular_Italic', 'SourceSans3_400Regular_Italic.ttf'),
  boldItalic: join(SOURCE_SANS, '700Bold_Italic', 'SourceSans3_700Bold_Italic.ttf'),
  mono: join(DEJAVU, 'DejaVuSansMono.ttf'),
  math: join(DEJAVU, 'DejaVuSans.ttf'),
  mathBold: join(DEJAVU, 'DejaVuSans-Bold.ttf'),
} as const;

let sharpModule: Promise<{ default: typeof Sharp }> | undefined;

/** Loads sharp with a font list of our own, so that figures look alike on every machine. */
function loadSharp() {
  sharpModule ??= (async () => {
    const folder = join(tmpdir(), 'commonshelf-seed-fonts');
    mkdirSync(folder, { recursive: true });
    const dirs = [SOURCE_SANS, DEJAVU].map((dir) => `<dir>${dir}</dir>`).join('');
    const aliases = ['sans-serif', 'Arial', 'Helvetica', 'system-ui', 'Verdana']
      .map(
        (family) =>
          `<alias><family>${family}</family><prefer><family>Source Sans 3</family><family>DejaVu Sans</family></prefer></alias>`,
      )
      .join('');
    writeFileSync(
      join(folder, 'fonts.conf'),
      `<?xml version="1.0"?><fontconfig>${dirs}<cachedir>${folder}</cachedir>${aliases}</fontconfig>`,
    );
    // librsvg reads its font list from the environment only, once, when it first draws.
    process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
    return import('sharp');
  })();
  return sharpModule;
}

/** A picture made from SVG: PNG bytes and the size it should have on paper, in points. */
export interface Picture {
  png: Buffer;
  width: number;
  height: number;
}

/**
 * Draws SVG at `scale` pixels a unit with at most 64 colours (small files). One SVG unit counts as one point.
 * Throws an Error where the SVG isn't well formed or has no size.
 */
export async function drawSvg(source: string, scale = 2.5): Promise<Picture> {
  const { default: sharp } = await loadSharp();
  const { svg, width, height } = sized(source);
  const png = await sharp(Buffer.from(svg), { density: 72 * scale })
    .flatten({ background: '#ffffff' })
    .resize({ width: Math.round(width * scale) })
    .png({ palette: true, colours: 64, compressionLevel: 9, effort: 10 })
    .toBuffer();
  return { png, width, height };
}

/** Shrinks a PNG (a rendered page) to few colours. */
export async function compactPng(png: Buffer, width: number): Promise<Buffer> {
  const { default: sharp } = await loadSharp();
  return sharp(png)
    .flatten({ background: '#ffffff' })
    .resize({ width, withoutEnlargement: true })
    .png({ palette: true, colours: 96, compressionLevel: 9, effort: 10 })
    .toBuffer();
}

/** Gives the SVG a namespace, a size and a font where the author left them out. */
function sized(source: string): { svg: string; width: number; height: number } {
  const open = /<svg\b[^>]*>/.exec(source)?.[0];
  if (!open) throw new Error('a :::svg block without <svg>');
  const attribute = (name: string) => new RegExp(`\\s${name}="([^"]+)"`).exec(open)?.[1];
  const box = attribute('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const given = (name: string) =>
    /^[\d.]+(px|pt)?$/.test(attribute(name) ?? '') ? parseFloat(attribute(name) ?? '') : undefined;
  const width = given('width') ?? box?.[2];
  const height = given('height') ?? (box && width ? ((box[3] ?? 0) * width) / (box[2] ?? 1) : undefined);
  if (!width || !height) throw new Error(`an SVG needs width and height or a viewBox: ${open}`);
  const kept = open
    .replace(/\s(width|height|xmlns)="[^"]*"/g, '')
    .replace(
      /^<svg/,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"${box ? '' : ` viewBox="0 0 ${width} ${height}"`}`,
    );
  const font = /font-family=/.test(open) ? kept : kept.replace(/^<svg/, '<svg font-family="Source Sans 3"');
  return { svg: source.slice(source.indexOf(open)).replace(open, font), width, height };
}
