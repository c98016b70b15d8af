import { beforeAll, describe, expect, it } from 'vitest';
import { groupBy } from '../../server/lib/group-by.ts';
import { audiencesOf, isEducator, type Viewer } from '../../server/lib/viewer.ts';
import { readDocuments } from '../../server/search/search-documents.ts';
import {
  FACETS,
  searchFilters,
  type SearchEngine,
  type SearchFilters,
  type SearchRequest,
  type SearchResult,
} from '../../server/search/search-port.ts';
import type { FacetName } from '../../server/search/search-view.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import type { TestDatabase } from '../support/database.ts';

type Asked = Partial<Omit<SearchRequest, 'filters'>> & Partial<SearchFilters> & { as?: Viewer };

/**
 * What every search engine must do, on the test catalog. Filters, facets, codes and visibility are the same to the
 * last resource; for words, the hits that a teacher would expect are there and nothing hidden is.
 */
export function searchEngineSuite(
  database: TestDatabase,
  makeEngine: () => Promise<SearchEngine>,
  can: { stems: boolean } = { stems: true },
): void {
  let engine: SearchEngine;
  let catalog: Catalog;

  beforeAll(async () => {
    catalog = await seedCatalog(database.pool);
    engine = await makeEngine();
    const ids = catalog.resources.map(({ key }) => catalog.id(key));
    const upsert = await readDocuments(database.pool, ids);
    const shown = new Set(upsert.map(({ id }) => id));
    await engine.apply({ upsert, remove: ids.filter((id) => !shown.has(id)) });
  });

  const ask = async ({ as = catalog.viewers.public, ...asked }: Asked = {}): Promise<SearchResult> => {
    const chosen = Object.fromEntries(
      FACETS.filter((facet) => asked[facet]).map((facet) => [facet, asked[facet]]),
    );
    return engine.search({
      q: '',
      within: null,
      sort: 'best',
      page: 1,
      perPage: 100,
      facets: FACETS,
      audience: audiencesOf(as),
      educator: isEducator(as),
      ...asked,
      filters: searchFilters(chosen),
    });
  };
  const found = async (asked: Asked): Promise<string[]> => catalog.keys((await ask(asked)).ids).sort();
  const counts = async (facet: FacetName, asked: Asked = {}): Promise<Record<string, number>> =>
    Object.fromEntries(((await ask(asked)).facets[facet] ?? []).map(({ value, count }) => [value, count]));

  describe('what a person may see', () => {
    it('shows the public what is public, and nothing else', async () => {
      const keys = await found({});
      const expected = catalog.resources
        .filter(({ state, visibility }) => !state && (visibility ?? 'public') === 'public')
        .map(({ key }) => key);
      expect(keys).toEqual(expected.sort());
    });

    it('shows a teacher what the state, their district and their school share', async () => {
      const north = await found({ as: catalog.viewers.northElementary });
      expect(north).toEqual(expect.arrayContaining(['watershed', 'secret-garden-lab', 'state-guide']));
      expect(north).not.toContain('river-data');
      const south = await found({ as: catalog.viewers.southMiddle });
      expect(south).toEqual(expect.arrayContaining(['watershed', 'river-data', 'state-guide']));
      expect(south).not.toContain('secret-garden-lab');
    });

    it('hides the resource of one school from another school of the district', async () => {
      expect(await found({ as: catalog.viewers.northHigh })).not.toContain('secret-garden-lab');
    });

    it('shows staff of the state everything on the shelf, but no drafts and nothing withdrawn', async () => {
      const keys = await found({ as: catalog.viewers.stateCurator });
      expect(keys).toEqual(
        catalog.resources
          .filter(({ state }) => !state)
          .map(({ key }) => key)
          .sort(),
      );
    });

    it('finds nothing for someone without a key', async () => {
      const result = await ask({ audience: [] });
      expect(result.total).toBe(0);
      expect(Object.values(result.facets).flat()).toEqual([]);
    });

    it.each(['quokka', 'narwhals', 'axolotl', 'platypus'])(
      'finds nothing hidden by its words: %s',
      async (q) => {
        const result = await ask({ q });
        expect({ total: result.total, ids: result.ids, corrected: result.corrected }).toEqual({
          total: 0,
          ids: [],
          corrected: [],
        });
        expect(Object.values(result.facets).flat()).toEqual([]);
      },
    );

    it('counts only what the viewer may see in every facet', async () => {
      expect((await counts('topic', { topic: ['water'] }))['water']).toBe(2);
      expect((await counts('topic', { topic: ['water'], as: catalog.viewers.southMiddle }))['water']).toBe(4);
      expect(await counts('level', { standard: [catalog.guid('TS.SCI.5.ES.1')] })).toEqual({
        emerging: 1,
        developing: 1,
      });
    });
  });

  describe('text of educators-only files', () => {
    it.each(['zebrafish', 'wombat'])('is not searched for the public: %s', async (q) => {
      expect((await ask({ q })).total).toBe(0);
    });

    it('is searched for a teacher', async () => {
      expect(await found({ q: 'zebrafish', as: catalog.viewers.northHigh })).toEqual(['forces-packet']);
      expect(await found({ q: 'wombat', as: catalog.viewers.northHigh })).toEqual(['compare-quiz']);
    });

    it('is searched together with the rest of the resource', async () => {
      expect(await found({ q: 'fractions wombat', as: catalog.viewers.northHigh })).toEqual(['compare-quiz']);
      expect(await found({ q: 'packet zebrafish', as: catalog.viewers.northHigh })).toEqual([
        'forces-packet',
      ]);
    });

    it('counts in facets for a teacher only', async () => {
      expect(await counts('type', { q: 'zebrafish', as: catalog.viewers.northHigh })).toEqual({ unit: 1 });
      expect(await counts('type', { q: 'zebrafish' })).toEqual({});
    });

    it('keeps a resource out that has an unwanted word in it, for those who may read it', async () => {
      expect(await found({ q: 'quiz -wombat' })).toContain('compare-quiz');
      expect(await found({ q: 'quiz -wombat', as: catalog.viewers.northHigh })).not.toContain('compare-quiz');
    });
  });

  describe('filters', () => {
    it.each<[string, Asked, string[]]>([
      ['one grade', { grade: ['9'] }, ['cells', 'photosynthesis', 'poetry']],
      ['two grades: either', { grade: ['9', 'K'] }, ['cells', 'photosynthesis', 'poetry', 'voting']],
      ['grade and subject: both', { grade: ['6'], subject: ['arts'] }, ['rhythm']],
      ['a type', { type: ['video'] }, ['magnets']],
      ['a license', { license: ['CC0-1.0'] }, ['push-pull']],
      ['a language, whatever its region', { language: ['es'] }, ['ciclo-agua', 'cuerda', 'fracciones']],
      ['a district', { district: ['north'], subject: ['social'] }, ['branches', 'voting']],
      ['a setting', { setting: ['home'] }, ['water-cycle']],
      ['a time', { minutes: ['15'] }, ['compare-quiz', 'exit-ticket', 'magnets', 'self-assessment']],
      ['two times', { minutes: ['15', 'more'], subject: ['ela'] }, ['poetry', 'self-assessment']],
      [
        'checked by a district',
        { checked: ['district'] },
        ['branches', 'cuerda', 'forces-packet', 'unit-rate'],
      ],
      ['not yet checked', { checked: ['no'], subject: ['math'], grade: ['7'] }, ['equations']],
      [
        'a topic and all below it',
        { topic: ['fractions'] },
        ['compare', 'compare-quiz', 'fracciones', 'fraction-walls', 'number-line'],
      ],
      ['a topic of the top', { topic: ['science'], grade: ['5'] }, ['ciclo-agua', 'water-cycle']],
      ['a level', { level: ['extending'] }, []],
      [
        'a level that a resource without standards has',
        { level: ['proficient'], subject: ['ela'] },
        ['theme'],
      ],
      ['a value that nothing has', { grade: ['12'], subject: ['science'] }, []],
      ['a value that does not exist', { subject: ['astrology'] }, []],
      ['one that exists and one that does not', { setting: ['home', 'moon'] }, ['water-cycle']],
    ])('by %s', async (_, asked, expected) => {
      const result = await ask(asked);
      expect(catalog.keys(result.ids).sort()).toEqual(expected.sort());
      expect(result.total).toBe(expected.length);
    });

    it('by a standard and everything below it', async () => {
      expect(await found({ standard: [catalog.guid('TS.MATH.4.NF.2')] })).toEqual([
        'compare',
        'compare-quiz',
        'fifty-claims',
      ]);
      expect(await found({ standard: [catalog.guid('TS.MATH.4.NF')] })).toEqual([
        'compare',
        'compare-quiz',
        'fifty-claims',
        'fracciones',
        'fraction-walls',
      ]);
    });

    it('by a whole framework', async () => {
      const result = await ask({ standard: [catalog.guid('test-science')] });
      expect(result.total).toBe(8);
    });

    it('by several standards: any of them', async () => {
      expect(
        await found({ standard: [catalog.guid('TS.MATH.6.RP.2'), catalog.guid('TS.MATH.3.NF.2')] }),
      ).toEqual(['fifty-claims', 'number-line', 'ratio-recipes', 'unit-rate']);
    });

    it('by standard and level together: one alignment has both', async () => {
      const rp1 = catalog.guid('TS.MATH.6.RP.1');
      const rp2 = catalog.guid('TS.MATH.6.RP.2');
      // ratio-recipes is developing for RP.1 and emerging for RP.2.
      expect(await found({ standard: [rp1], level: ['developing'] })).toEqual(['ratio-recipes']);
      expect(await found({ standard: [rp1], level: ['emerging'] })).toEqual([]);
      expect(await found({ standard: [rp2], level: ['emerging', 'proficient'] })).toEqual([
        'ratio-recipes',
        'unit-rate',
      ]);
      expect(await found({ standard: [catalog.guid('TS.MATH.6.RP')], level: ['emerging'] })).toEqual([
        'ratio-recipes',
      ]);
    });

    it('by standard and level together, also when no counts are asked for', async () => {
      const asked = { standard: [catalog.guid('TS.SCI.3.PS.2')], level: ['proficient'], facets: [] };
      expect(await found(asked)).toEqual(['exit-ticket', 'forces-packet']);
    });

    it('without what is left out, in hits and counts', async () => {
      const all = await found({ grade: ['4'] });
      const [first = '', second = ''] = all;
      const without = [first, second].map(catalog.id);
      expect(await found({ without, grade: ['4'] })).toEqual(all.slice(2));
      expect(await found({ without: [], grade: ['4'] })).toEqual(all);
      const everything = await found({});
      expect(await found({ without })).toEqual(everything.filter((key) => key !== first && key !== second));
    });

    it('within a given list only', async () => {
      const within = ['compare', 'cells', 'secret-garden-lab'].map(catalog.id);
      expect(await found({ within })).toEqual(['cells', 'compare']);
      expect(await found({ within: [] })).toEqual([]);
      expect(await found({ within, grade: ['9'] })).toEqual(['cells']);
    });

    it('never reads a value as an expression', async () => {
      for (const value of [
        'x" OR grade = "9',
        "9' OR '1'='1",
        '9] OR grade EXISTS',
        '\\',
        '"',
        '{',
        '%',
        '*',
      ])
        expect((await ask({ subject: [value] })).total, value).toBe(0);
    });
  });

  describe('facets', () => {
    it('have the exact counts of the results', async () => {
      const asked = { subject: ['math'] };
      const { ids } = await ask(asked);
      const keys = new Set(catalog.keys(ids));
      const byType = groupBy(
        catalog.resources.filter(({ key }) => keys.has(key)),
        ({ type }) => type ?? '',
      );
      expect(await counts('type', asked)).toEqual(
        Object.fromEntries([...byType].map(([type, list]) => [type, list.length])),
      );
    });

    it('do not narrow themselves, but are narrowed by the others', async () => {
      const grades = await counts('grade', { grade: ['9'], subject: ['science'] });
      expect(grades['9']).toBe(2);
      expect(grades['5']).toBe(3);
      expect(grades['12']).toBeUndefined();
      expect(await counts('subject', { grade: ['9'], subject: ['science'] })).toEqual({
        science: 2,
        ela: 1,
        arts: 1,
      });
    });

    it('follow the words', async () => {
      expect(await counts('grade', { q: 'magnets' })).toEqual({ 3: 1 });
    });

    it('give each standard, all above it and the framework the number of distinct resources', async () => {
      const standards = await counts('standard', { subject: ['science'] });
      expect(standards).toEqual({
        [catalog.guid('test-science')]: 8,
        [catalog.guid('TS.SCI.3.PS')]: 6,
        [catalog.guid('TS.SCI.3.PS.2')]: 5,
        [catalog.guid('TS.SCI.5.ES')]: 2,
        [catalog.guid('TS.SCI.5.ES.1')]: 2,
      });
    });

    it('count, under a level, the standards that are met at that level', async () => {
      const standards = await counts('standard', { level: ['emerging'] });
      expect(standards).toEqual({
        [catalog.guid('test-math')]: 3,
        [catalog.guid('TS.MATH.3.NF')]: 1,
        [catalog.guid('TS.MATH.3.NF.1')]: 1,
        [catalog.guid('TS.MATH.4.NF')]: 1,
        [catalog.guid('TS.MATH.4.NF.1')]: 1,
        [catalog.guid('TS.MATH.6.RP')]: 1,
        [catalog.guid('TS.MATH.6.RP.2')]: 1,
        [catalog.guid('test-science')]: 2,
        [catalog.guid('TS.SCI.3.PS')]: 1,
        [catalog.guid('TS.SCI.3.PS.2')]: 1,
        [catalog.guid('TS.SCI.5.ES')]: 1,
        [catalog.guid('TS.SCI.5.ES.1')]: 1,
      });
    });

    it('count every standard at every level at once, as one level after the other', async () => {
      const { pairs } = await engine.search({
        q: '',
        filters: searchFilters({ subject: ['science'] }),
        within: null,
        sort: 'title',
        page: 1,
        perPage: 0,
        facets: ['standard'],
        pairs: true,
        audience: ['public'],
        educator: false,
      });
      const byLevel = new Map((pairs ?? []).map(({ value, count }) => [value, count]));
      for (const level of ['emerging', 'developing', 'proficient', 'extending']) {
        const alone = await counts('standard', { level: [level], subject: ['science'] });
        const together = [...byLevel].filter(([value]) => value.endsWith(`|${level}`));
        expect(Object.fromEntries(together.map(([value, count]) => [value.split('|')[0], count]))).toEqual(
          alone,
        );
      }
      expect(byLevel.size).toBeGreaterThan(5);
    });

    it('count a resource once that meets a standard at two of the chosen levels', async () => {
      const standards = await counts('standard', {
        level: ['developing', 'proficient'],
        subject: ['science'],
      });
      expect(standards[catalog.guid('TS.SCI.3.PS.2')]).toBe(5);
    });

    it('count, under a standard, the levels of that standard', async () => {
      expect(await counts('level', { standard: [catalog.guid('TS.SCI.3.PS.2')] })).toEqual({
        developing: 5,
        proficient: 2,
        emerging: 1,
      });
      // Its own filter doesn't narrow it.
      expect(
        await counts('level', { standard: [catalog.guid('TS.SCI.3.PS.2')], level: ['emerging'] }),
      ).toEqual({ developing: 5, proficient: 2, emerging: 1 });
    });

    it('count a resource once under two standards of the same level', async () => {
      const both = [catalog.guid('TS.MATH.3.NF.1'), catalog.guid('TS.MATH.4.NF.1')];
      expect(await counts('level', { standard: both })).toEqual({ emerging: 2, developing: 1 });
      expect(
        await counts('standard', {
          standard: both,
          level: ['emerging'],
          type: ['activity'],
          language: ['en'],
        }),
      ).toMatchObject({ [catalog.guid('TS.MATH.3.NF')]: 1 });
    });

    it('count other facets by standard and level together', async () => {
      expect(
        await counts('type', { standard: [catalog.guid('TS.SCI.3.PS.2')], level: ['proficient'] }),
      ).toEqual({ unit: 1, assessment: 1 });
    });

    it('put most hits first', async () => {
      const { facets } = await ask({});
      for (const list of Object.values(facets)) {
        const numbers = list.map(({ count }) => count);
        expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      }
    });

    it('are only counted when asked for', async () => {
      expect((await ask({ facets: [] })).facets).toEqual({});
      expect(Object.keys((await ask({ facets: ['grade'], subject: ['math'] })).facets)).toEqual(['grade']);
    });
  });

  describe('words', () => {
    it.each<[string, string, string[]]>([
      ['a word of the title', 'magnets', ['magnets']],
      ['two words, both there', 'tug war', ['tug-of-war', 'forces-packet']],
      ['a word in capitals', 'MAGNETS', ['magnets']],
      ['singular for plural', 'magnet', ['magnets']],
      ['plural for singular', 'cycles', ['water-cycle', 'rock-cycle']],
      ['a beginning', 'photosy', ['photosynthesis']],
      ['a beginning that the stem has lost', 'equatio', ['equations']],
      ['a misspelled word', 'photosinthesis', ['photosynthesis']],
      ['two letters exchanged', 'magents', ['magnets']],
      ['a letter left out', 'fracton walls', ['fraction-walls']],
      ['a missing accent', 'lluvia evaporacion', ['ciclo-agua']],
      ['an accent too many', 'wáter cycle', ['water-cycle']],
      ['an accent where English has none', 'etudes', ['accents']],
      ['Spanish words', 'ciclo del agua', ['ciclo-agua']],
      ['a word that only Spanish leaves out', 'civil war era', ['civil-war']],
      ['a keyword', 'condensation', ['water-cycle']],
      ['a word of the description', 'watch a sealed bag', ['water-cycle']],
      ['text inside a file', 'newtons rope', ['forces-packet']],
      ['the text of an import', 'cumulonimbus', ['imported-text']],
      ['the name of an author', 'okafor', ['civil-war']],
      ['the name of a topic', 'forces motion', ['tug-of-war', 'forces-packet', 'push-pull']],
      ['words of a standard', 'unbalanced investigate', ['tug-of-war', 'exit-ticket']],
      ['an exact phrase', '"one rope"', ['tug-of-war']],
      ['a hyphen', 'self-assessment', ['self-assessment']],
      ['a hyphen left out', 'self assessment', ['self-assessment']],
      ['an apostrophe', "teacher's turn", ['self-assessment']],
      ['words without an order', 'government branches', ['branches']],
    ])('find %s: %s', async (_, q, expected) => {
      const result = await ask({ q });
      expect(catalog.keys(result.ids)).toEqual(expect.arrayContaining(expected));
      expect(result.relaxed).toBe(false);
    });

    it.runIf(can.stems).each<[string, string, string[]]>([
      ['a Spanish plural', 'fracción tira', ['fracciones']],
      ['another form of a verb', 'taping a bag', ['water-cycle']],
    ])('find, where the engine knows stems, %s: %s', async (_, q, expected) => {
      expect(await found({ q })).toEqual(expect.arrayContaining(expected));
    });

    it('must all be there while something has them all', async () => {
      expect(await found({ q: 'crayon rock' })).toEqual(['rock-cycle']);
      expect(await found({ q: '"flag rope"' })).toEqual([]);
    });

    it('may be some of them when nothing has them all, and that is said', async () => {
      const result = await ask({ q: 'crayon microscope' });
      expect(result.relaxed).toBe(true);
      expect(catalog.keys(result.ids)).toEqual(expect.arrayContaining(['rock-cycle']));
    });

    it('are left out with a minus', async () => {
      const cycles = await found({ q: 'cycle' });
      expect(cycles).toContain('rock-cycle');
      expect(await found({ q: 'cycle -crayon' })).toEqual(cycles.filter((key) => key !== 'rock-cycle'));
    });

    it('stand in the title before they stand elsewhere', async () => {
      const { ids } = await ask({ q: 'tug of war' });
      expect(catalog.keys(ids)[0]).toBe('tug-of-war');
      const { ids: fractions } = await ask({ q: 'comparing fractions', subject: ['math'] });
      expect(catalog.keys(fractions).slice(0, 2).sort()).toEqual(['compare', 'compare-quiz']);
    });

    it('combine with filters', async () => {
      expect(await found({ q: 'fractions', type: ['assessment'] })).toEqual(['compare-quiz']);
    });

    it('find nothing where nobody wrote anything like them', async () => {
      expect((await ask({ q: 'zzqxv' })).total).toBe(0);
    });

    it.each([
      '',
      '   ',
      '-',
      '"',
      '""',
      '- -',
      '()',
      "'",
      '!!!',
      '\\',
      '&|!',
      '<->',
      ':*',
      '* OR 1=1',
      'a:b',
      '--',
      '-""',
      '𝕏',
      '🙂',
      '水',
      '\u202Eabc',
    ])('take anything that can be typed: %j', async (q) => {
      expect((await ask({ q })).total).toBeGreaterThanOrEqual(0);
    });

    it.each<[string, string]>([
      ['one word of 10,000 letters', 'x'.repeat(10_000)],
      ['3,000 words', 'word '.repeat(3000)],
      ['500 quotes', '"'.repeat(500)],
      ['200 words to leave out', '-a '.repeat(200)],
    ])('take %s, quickly', async (_, q) => {
      const started = performance.now();
      const result = await ask({ q });
      expect(result.total).toBeGreaterThanOrEqual(0);
      expect(performance.now() - started).toBeLessThan(1500);
    });
  });

  describe('order and pages', () => {
    it('sorts by title, without accents and capitals', async () => {
      const { ids } = await ask({ sort: 'title', subject: ['arts'] });
      expect(catalog.keys(ids)).toEqual(['accents', 'poetry', 'rhythm', 'self-portrait']);
    });

    it('sorts by newest', async () => {
      const { ids } = await ask({ sort: 'newest', topic: ['forces'] });
      const keys = catalog.keys(ids);
      expect(keys[0]).toBe('tug-of-war');
      expect(keys.at(-1)).toBe('forces-packet');
    });

    it('sorts by most used', async () => {
      const { ids } = await ask({ sort: 'used', topic: ['forces'] });
      expect(catalog.keys(ids)).toEqual([
        'push-pull',
        'tug-of-war',
        'forces-packet',
        'exit-ticket',
        'cuerda',
      ]);
    });

    it('sorts by shortest, those that do not say last', async () => {
      const { ids } = await ask({ sort: 'shortest', grade: ['5'] });
      const keys = catalog.keys(ids);
      expect(keys.slice(0, 2)).toEqual(['main-idea', 'ciclo-agua']);
      expect(keys.slice(-3).sort()).toEqual(['accents', 'fifty-claims', 'imported-text']);
    });

    it('without words puts what is checked first', async () => {
      const { ids } = await ask({ topic: ['fractions'] });
      expect(catalog.keys(ids)[0]).toBe('fraction-walls');
    });

    it.each(['best', 'newest', 'used', 'title', 'shortest'] as const)(
      'shows every hit once over the pages, sorted by %s',
      async (sort) => {
        const { total } = await ask({ sort });
        const seen: string[] = [];
        for (let page = 1; page <= Math.ceil(total / 7); page += 1)
          seen.push(...(await ask({ sort, page, perPage: 7 })).ids);
        expect(seen).toHaveLength(total);
        expect(new Set(seen).size).toBe(total);
      },
    );

    it('gives the same total on every page, and none of the hits behind the last', async () => {
      const first = await ask({ perPage: 5 });
      const behind = await ask({ perPage: 5, page: 400 });
      expect(behind.total).toBe(first.total);
      expect(behind.ids).toEqual([]);
      expect((await ask({ page: 1_000_000_000 })).ids).toEqual([]);
    });

    it('gives total and facets without hits when no hits are asked for', async () => {
      const result = await ask({ perPage: 0, subject: ['math'] });
      expect(result.ids).toEqual([]);
      expect(result.total).toBe((await ask({ subject: ['math'] })).total);
      expect(result.facets.grade?.length).toBeGreaterThan(3);
    });
  });

  describe('the index', () => {
    it('counts what it holds', async () => {
      expect(await engine.count()).toBe(catalog.resources.filter(({ state }) => !state).length);
    });

    it('says how large it is', async () => {
      const { resources, bytes, version } = await engine.facts();
      expect(resources).toBe(await engine.count());
      expect(bytes).toBeGreaterThan(0);
      expect(version ?? '1.0').toMatch(/^\d+\.\d+/);
    });

    it('takes the same documents again without any change', async () => {
      const before = await ask({});
      await engine.apply({ upsert: await readDocuments(database.pool, [catalog.id('cells')]), remove: [] });
      const after = await ask({});
      expect(after.ids).toEqual(before.ids);
      expect(after.facets).toEqual(before.facets);
    });

    it('forgets what is removed, and unknown ids are no fault', async () => {
      const [document] = await readDocuments(database.pool, [catalog.id('magnets')]);
      await engine.apply({ upsert: [], remove: [catalog.id('magnets'), catalog.id('never-was')] });
      expect((await ask({ q: 'magnets' })).ids).toEqual([]);
      expect((await ask({ type: ['video'] })).total).toBe(0);
      if (document) await engine.apply({ upsert: [document], remove: [] });
      expect(await found({ type: ['video'] })).toEqual(['magnets']);
    });

    it('is held against the shelf: what it lacks, what it has otherwise, and all that it has', async () => {
      const shelf = catalog.resources.filter(({ state }) => !state).map(({ key }) => catalog.id(key));
      const documents = await readDocuments(database.pool, shelf);
      const listed = async () => {
        const ids: string[] = [];
        for await (const some of engine.ids()) ids.push(...some);
        return ids.sort();
      };
      expect(await engine.compare(documents)).toEqual({ missing: [], outdated: [] });
      expect(await listed()).toEqual(shelf.toSorted());
      const magnets = catalog.id('magnets');
      await engine.apply({ upsert: [], remove: [magnets] });
      const changed = documents.map((document) => {
        if (document.id === catalog.id('cells')) return { ...document, title: 'Cells, once more' };
        if (document.id === catalog.id('watershed')) return { ...document, audience: ['public'] };
        return { ...document, audience: document.audience.toReversed() };
      });
      const { missing, outdated } = await engine.compare(changed);
      expect(missing).toEqual([magnets]);
      expect(catalog.keys(outdated).sort()).toEqual(['cells', 'watershed']);
      expect(await listed()).toEqual(shelf.filter((id) => id !== magnets).sort());
      await engine.apply({ upsert: documents.filter(({ id }) => id === magnets), remove: [] });
      expect(await engine.compare(documents)).toEqual({ missing: [], outdated: [] });
    });

    it('is built anew beside the old one, which answers meanwhile', { timeout: 90_000 }, async () => {
      const documents = await readDocuments(
        database.pool,
        catalog.resources.map(({ key }) => catalog.id(key)),
      );
      const before = await ask({});
      const rebuild = await engine.startRebuild();
      await rebuild.apply({ upsert: documents.slice(0, 10), remove: [] });
      expect((await ask({})).ids).toEqual(before.ids);
      await rebuild.apply({ upsert: documents.slice(10, -1), remove: [] });
      await rebuild.finish();
      const after = await ask({ as: catalog.viewers.stateCurator });
      expect(after.total).toBe(documents.length - 1);
      await engine.apply({ upsert: documents.slice(-1), remove: [] });
      expect((await ask({})).ids).toEqual(before.ids);
    });

    it('keeps the old index when the new one is given up', { timeout: 90_000 }, async () => {
      const before = await ask({});
      const rebuild = await engine.startRebuild();
      await rebuild.abandon();
      expect((await ask({})).ids).toEqual(before.ids);
    });
  });
}
