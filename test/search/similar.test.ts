import { beforeAll, describe, expect, it } from 'vitest';
import { canSee } from '../../server/resources/resource-policy.ts';
import { loadResource } from '../../server/resources/resource-facts-queries.ts';
import { neighboursOf } from '../../server/resources/resource-page-queries.ts';
import { similarByWords } from '../../server/search/similar-queries.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { testApp } from '../support/app.ts';
import { indexCatalog } from '../support/index-catalog.ts';

const { pool, ...database } = await testDatabase();
const { deps } = await testApp({ pool, ...database });
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
});

describe('what stands beside a resource', () => {
  it('shares the rare words of its title, never itself', async () => {
    const { viewers, id } = catalog;
    const found = catalog.keys(await similarByWords(pool, viewers.northElementary, id('forces-packet'), 6));
    expect(found.length).toBeGreaterThan(0);
    expect(found).not.toContain('forces-packet');
  });

  it('is never anything that the viewer may not open, whoever looks from wherever', async () => {
    let seen = 0;
    for (const viewer of Object.values(catalog.viewers))
      for (const { key } of catalog.resources) {
        const near = [
          ...(await similarByWords(pool, viewer, catalog.id(key), 20)),
          ...(await neighboursOf(pool, viewer, catalog.id(key), 20)).map(({ id }) => id),
        ];
        for (const id of near) {
          const resource = await loadResource(pool, id);
          expect(resource && canSee(viewer, resource), `${key} → ${catalog.keys([id])[0]}`).toBe(true);
          seen += 1;
        }
      }
    expect(seen).toBeGreaterThan(50);
  });

  it('is nothing for what is on no shelf', async () => {
    expect(await similarByWords(pool, catalog.viewers.northElementary, catalog.id('drafty'), 6)).toEqual([]);
  });
});
