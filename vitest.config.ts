import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** What takes longest goes first, so that no worker ends with a long file alone. */
const LONGEST = [
  'browser/',
  'security/doors',
  'security/room-doors',
  'faults/kill',
  'faults/portal',
  'files/file-jobs',
  'files/extract-document',
  'security/actions',
  'files/file-routes',
  'files/render-previews',
  'imports/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Processes, because tests hold real files and servers. Two of them take the files one after the other, so that the
    // portal's modules are loaded twice and not for each file; so a test leaves settings and clocks as it found them.
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    env: { NODE_ENV: 'test' },
  },
});
