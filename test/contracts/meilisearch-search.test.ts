import { randomBytes } from 'node:crypto';
import { afterAll, describe } from 'vitest';
import { createMeiliEngine } from '../../server/search/engines/meilisearch/meili-engine.ts';
import { testDatabase } from '../support/database.ts';
import { realMeilisearch } from '../support/meilisearch.ts';
import { searchEngineSuite } from './search-engine-suite.ts';

const database = await testDatabase();
const server = await realMeilisearch();
afterAll(async () => server?.stop());

// Skipped where there is no Meilisearch: set MEILI_URL, or put `meilisearch` on the PATH.
describe.skipIf(server === null)('search in Meilisearch', () => {
  searchEngineSuite(
    database,
    async () => {
      const engine = createMeiliEngine({
        url: server?.url ?? '',
        key: server?.key,
        index: `test_${randomBytes(6).toString('hex')}`,
        searchMs: 10_000,
      });
      await (await engine.startRebuild()).finish();
      return engine;
    },
    { stems: false },
  );
});
