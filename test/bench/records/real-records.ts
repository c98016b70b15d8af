import { sharedData } from '../../support/shared-data.ts';
import {
  concordInteractives,
  engageNy,
  khanExercises,
  khanTutorials,
  pradigi,
  tessa,
} from './catalog-sources.ts';
import { africanStories, bootstrapLessons, csUnplugged, openStaxPhysics } from './lesson-sources.ts';
import { readHandouts } from './handouts.ts';
import type { RealRecord } from './record.ts';
import { tateArtworks, webwork } from './scale-sources.ts';

type Source = { name: string; read: (folder: string) => AsyncGenerator<RealRecord> };

const school: Source[] = [
  { name: 'Bootstrap lessons', read: bootstrapLessons },
  { name: 'OpenStax physics', read: openStaxPhysics },
  { name: 'CS Unplugged', read: csUnplugged },
  { name: 'African Storybook', read: africanStories },
  { name: 'Khan Academy exercises', read: khanExercises },
  { name: 'Khan Academy tutorials', read: khanTutorials },
  { name: 'Concord interactives', read: concordInteractives },
  { name: 'PraDigi (en, hi, ta, ur)', read: pradigi },
  { name: 'TESSA (en, sw)', read: tessa },
  { name: 'EngageNY', read: engageNy },
];
const scale: Source[] = [
  { name: 'WeBWorK problems', read: webwork },
  { name: 'Tate artworks', read: tateArtworks },
];

/** Where the real records lie; undefined where this machine doesn't have them. */
export function recordFolders(): { resources: string; scale: string; standards: string } | undefined {
  const [resources, scaleFolder, standards] = ['resources', 'scale', 'standards'].map(sharedData);
  return resources && scaleFolder && standards ? { resources, scale: scaleFolder, standards } : undefined;
}

/** How many records the school sources have together. */
export async function schoolRecordCount(folder: string): Promise<number> {
  const sizes = await Promise.all(school.map((source) => sizeOf(source.read(folder))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * `count` real records, never one twice, the same ones each time and one in memory at a time: from every source an even
 * share when there are more than that, all of them and as many of the scale sets as it takes when there are fewer.
 * Ends early when all sources together don't have so many. Those without a document get a handout where that is asked for.
 */
export async function* realRecords(
  folders: { resources: string; scale: string },
  count: number,
  { handouts: withHandouts = true } = {},
): AsyncGenerator<{ source: string; record: RealRecord }> {
  const sizes = await Promise.all(school.map((source) => sizeOf(source.read(folders.resources))));
  const share = Math.min(1, count / sizes.reduce((sum, size) => sum + size, 0));
  const handouts = withHandouts
    ? await readHandouts(folders.resources)
    : { addTo: (record: RealRecord) => record };
  let given = 0;
  for (const source of school) {
    const seen = new Set<string>();
    for await (const record of source.read(folders.resources)) {
      if (seen.has(record.key)) continue;
      seen.add(record.key);
      if (Math.floor(seen.size * share) === Math.floor((seen.size - 1) * share)) continue;
      given += 1;
      yield { source: source.name, record: handouts.addTo(record) };
    }
  }
  for (const source of scale)
    for await (const record of source.read(folders.scale)) {
      if (given >= count) return;
      given += 1;
      yield { source: source.name, record: handouts.addTo(record) };
    }
}

async function sizeOf(records: AsyncGenerator<RealRecord>): Promise<number> {
  const keys = new Set<string>();
  for await (const { key } of records) keys.add(key);
  return keys.size;
}
