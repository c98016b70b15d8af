import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../server/lib/project-root.ts';
import { guidePictures } from './guide-pictures.ts';

const files = [
  'README.md',
  ...(await readdir(join(projectRoot, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const texts = new Map(
  await Promise.all(
    files.map(async (file) => [file, await readFile(join(projectRoot, file), 'utf8')] as const),
  ),
);

/** Where a page's own links and pictures lead, but for addresses of the web and places on the same page. */
function linksOf(file: string): { path: string; place: string | undefined }[] {
  const found = [...(texts.get(file) ?? '').matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
  return found
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => {
      const [path = '', place] = target.split('#');
      return { path: resolve(projectRoot, dirname(file), path), place };
    });
}

it.each(files)('%s leads only to files and headings that are there', (file) => {
  for (const { path, place } of linksOf(file)) {
    expect(existsSync(path), `${file} links to ${path}`).toBe(true);
    if (place === undefined) continue;
    const text = [...texts].find(([name]) => join(projectRoot, name) === path)?.[1] ?? '';
    const places = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    );
    expect(places, `${file} links to ${path}`).toContain(place);
  }
});

it('every picture of the guides is drawn by the script, and stands in a guide', async () => {
  const drawn = guidePictures.map(({ name }) => `${name}.png`).toSorted();
  expect((await readdir(join(projectRoot, 'docs/img'))).toSorted()).toEqual(drawn);
  const shown = files.flatMap((file) => linksOf(file).map(({ path }) => path));
  for (const name of drawn) expect(shown).toContain(join(projectRoot, 'docs/img', name));
});
