import { beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { searchPage } from '../../server/search/search-page.ts';
import { readSearch } from '../../server/search/search-schema.ts';
import type { SearchPage } from '../../server/search/search-view.ts';
import { readCasePackage } from '../../server/standards/case-reader.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import { testApp } from '../support/app.ts';
import { caseGuid, caseItem, caseLink, casePackage } from '../support/case-package.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { deps } = await testApp(database);
const t = translator('en');
let catalog: Catalog;

/** A framework of another state whose codes end like the catalog's. */
async function loadOther(number: number, prefix: string): Promise<void> {
  const pack = casePackage();
  pack.CFDocument.identifier = caseGuid(number);
  pack.CFDocument.title = `${prefix} Mathematics`;
  pack.CFDocument.creator = `${prefix} Board`;
  pack.CFRubrics = [];
  pack.CFItems = ['4.NF.1', '4.NF.2', '9.ZZ.7', '9.ZZ.8'].map((code, index) =>
    caseItem(number + index + 1, `${prefix}.${code}`, `What ${code} asks for in ${prefix}.`),
  );
  pack.CFAssociations = pack.CFItems.map((_, index) =>
    caseLink(number + index + 1, 'isChildOf', number + index + 1, number, index + 1),
  );
  await importFramework(deps, null, readCasePackage(pack), { own: false });
}

beforeAll(async () => {
  catalog = await seedCatalog(database.pool);
  await loadOther(700, 'OT');
  await loadOther(800, 'XY');
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(database.pool, rows));
});

async function search(address: string): Promise<SearchPage> {
  const { props } = await searchPage(
    deps,
    catalog.viewers.public,
    { t, fmt: formats('en', t) },
    readSearch(Object.fromEntries(new URLSearchParams(address))),
  );
  return props;
}
const readings = ({ understood }: SearchPage) =>
  understood.flatMap((one) =>
    one.as === 'standard' ? [{ code: one.tab.code, offered: one.offered.map(({ code }) => code) }] : [],
  );

describe('a code that several frameworks have', () => {
  it('is the state’s own, and the others are offered, each by a link that means it alone', async () => {
    const page = await search('q=4.NF.2+quiz');
    expect(page.total).toBe(1);
    expect(readings(page)).toEqual([{ code: 'TS.MATH.4.NF.2', offered: ['OT.4.NF.2', 'XY.4.NF.2'] }]);
    const [code] = page.understood;
    const other = code?.as === 'standard' ? code.offered[0]! : undefined;
    expect(other).toMatchObject({ label: 'OT Mathematics' });
    expect(other?.url).toBe(`/search?q=quiz&standard=${caseGuid(702)}`);
  });

  it('of which none is the state’s own means all of them, and each by itself is offered', async () => {
    expect(readings(await search('q=9.ZZ.7'))).toEqual([
      { code: 'OT.9.ZZ.7', offered: [] },
      { code: 'XY.9.ZZ.7', offered: ['OT.9.ZZ.7', 'XY.9.ZZ.7'] },
    ]);
  });

  it('is offered nothing more when it is written out', async () => {
    expect(readings(await search('q=OT.4.NF.2'))).toEqual([{ code: 'OT.4.NF.2', offered: [] }]);
  });
});

describe('a rung that nobody has filled', () => {
  it('leads on to other levels of the standard and to what stands beside it, with counts', async () => {
    const page = await search('q=3.PS.2&level=extending');
    expect(
      page.nothing?.around.map(({ as, level, tab, count }) => [as, level?.slug ?? tab.code, count]),
    ).toEqual([
      ['level', 'emerging', 1],
      ['level', 'developing', 5],
      ['level', 'proficient', 2],
      ['above', 'TS.SCI.3.PS', 6],
    ]);
    expect(page.nothing?.around[1]?.url).toBe(
      `/search?level=developing&standard=${catalog.guid('TS.SCI.3.PS.2')}`,
    );
  });

  it('of Common Core leads on to what has its numbers in the state’s own framework', async () => {
    const pack = casePackage();
    pack.CFDocument.identifier = caseGuid(900);
    pack.CFDocument.title = 'Common Core Mathematics';
    pack.CFDocument.creator = 'Common Core';
    pack.CFRubrics = [];
    pack.CFItems = [caseItem(901, 'CCSS.Math.Content.4.NF.A.2', 'Compare two fractions.')];
    pack.CFAssociations = [caseLink(901, 'isChildOf', 901, 900, 1)];
    await importFramework(deps, null, readCasePackage(pack), { own: false });
    const page = await search('q=CCSS.Math.Content.4.NF.A.2');
    expect(page.total).toBe(0);
    expect(page.nothing?.around).toMatchObject([{ as: 'linked', tab: { code: 'TS.MATH.4.NF.2' }, count: 3 }]);
  });

  it('of a standard that has nothing at all leads on to its neighbors', async () => {
    await database.pool.query('DELETE FROM alignment WHERE standard_guid = $1', [
      catalog.guid('TS.MATH.6.RP.2'),
    ]);
    const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
    await deps.search.first.apply(await batchOf(database.pool, rows));
    const page = await search('q=6.RP.2');
    expect(page.nothing?.gap?.tab.code).toBe('TS.MATH.6.RP.2');
    expect(page.nothing?.around).toMatchObject([
      { as: 'above', tab: { code: 'TS.MATH.6.RP' } },
      { as: 'beside', tab: { code: 'TS.MATH.6.RP.1' } },
    ]);
  });
});
