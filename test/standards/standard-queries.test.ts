import { beforeAll, describe, expect, it } from 'vitest';
import { readCasePackage } from '../../server/standards/case-reader.ts';
import { findStandardsInText, resolveCode, resolveCodes } from '../../server/standards/code-queries.ts';
import { searchStandards } from '../../server/standards/picker-queries.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import {
  frameworkList,
  frameworkTree,
  standardFacts,
  standardsBelow,
  standardsByGuid,
  whatIs,
} from '../../server/standards/standard-queries.ts';
import { caseGuid as guid, caseItem, caseLink, casePackage } from '../support/case-package.ts';
import { testDatabase } from '../support/database.ts';
import { sharedData } from '../support/shared-data.ts';
import { addScale, demoFrameworks, loadFrameworks, standardDeps } from '../support/standards-database.ts';

const { pool } = await testDatabase();
const shared = sharedData('standards');
const codes = async (code: string) => (await resolveCode(pool, code)).map((match) => match.code);

beforeAll(async () => {
  await addScale(pool);
  await loadFrameworks(pool, ...demoFrameworks());
  // A framework of another state, with a retired and replaced standard, a code of old, and one in two places.
  const pack = casePackage();
  pack.CFDocument = { ...pack.CFDocument, creator: 'Test State', title: 'Test State Mathematics 2026' };
  pack.CFItems.push(
    caseItem(6, 'T.4.NF.2', 'Show which of two fractions is larger.', { educationLevel: ['04'] }),
  );
  pack.CFAssociations.push(
    caseLink(20, 'isChildOf', 6, 1, 2),
    caseLink(21, 'replacedBy', 5, 6),
    caseLink(22, 'isChildOf', 3, 1, 7),
    caseLink(23, 'exactMatchOf', 4, 999),
  );
  await importFramework(standardDeps(pool), null, readCasePackage(pack));
  pack.CFItems = pack.CFItems.filter((item) => item['identifier'] !== guid(5));
  pack.CFAssociations = pack.CFAssociations.filter(
    (link) => !JSON.stringify(link['originNodeURI']).includes(guid(5)),
  );
  Object.assign(pack.CFItems[2] ?? {}, { humanCodingScheme: 'T.3.FR.1' });
  await importFramework(standardDeps(pool), null, readCasePackage(pack));
  if (shared) await loadFrameworks(pool, `${shared}/ccss-math.asn.rdf.xml`, `${shared}/ngss.asn.rdf.xml`);
}, 120_000);

describe('A code', () => {
  it.each(['DS.MATH.4.NF.2', 'ds.math.4.nf.2', 'math 4 nf 2', 'DS 4-NF-2', '4.NF.2.', '4nf2'])(
    '%j is the state’s own first',
    async (code) => {
      const [first] = await resolveCode(pool, code);
      expect(first).toMatchObject({
        code: 'DS.MATH.4.NF.2',
        framework: { own: true },
        retired: false,
        replacedBy: [],
      });
    },
  );

  it('that is whole comes before one that is short for another', async () => {
    expect(await codes('T.4.NF.2')).toEqual(['T.4.NF.2']);
    expect((await resolveCode(pool, 'DS.MATH.4.NF.2')).map(({ by }) => by)).toEqual(['full']);
  });

  it('of a neighbor, or of nothing, finds nothing else', async () => {
    expect(await codes('DS.MATH.4.NF.22')).toEqual([]);
    expect(await codes('fractions')).toEqual([]);
    expect(await codes('')).toEqual([]);
    expect(await codes('...')).toEqual([]);
  });

  it('that was renamed still finds its standard, and says so', async () => {
    expect(await resolveCode(pool, 'T.3.NF.1')).toMatchObject([{ code: 'T.3.FR.1', by: 'previous' }]);
  });

  it('of a retired standard says what stands in its place', async () => {
    expect(await resolveCode(pool, 'T.3.NF.10')).toMatchObject([{ retired: true, replacedBy: [guid(6)] }]);
  });

  it('may be a GUID, in capitals too, or one that a framework says is the same', async () => {
    expect(await resolveCode(pool, guid(4).toUpperCase())).toMatchObject([{ code: 'T.3.NF.2', by: 'guid' }]);
    expect(await resolveCode(pool, guid(999))).toMatchObject([{ code: 'T.3.NF.2', by: 'guid' }]);
    expect(await resolveCode(pool, guid(998))).toEqual([]);
  });

  it('is looked up with many others in one go', async () => {
    const found = await resolveCodes(pool, ['4.NF.2', 'nothing', guid(4), 'T.3.NF.2']);
    expect([...found].map(([code, matches]) => [code, matches[0]?.code])).toEqual([
      ['4.NF.2', 'DS.MATH.4.NF.2'],
      ['nothing', undefined],
      [guid(4), 'T.3.NF.2'],
      ['T.3.NF.2', 'T.3.NF.2'],
    ]);
  });

  it('is found inside a query, with its place; a code nobody knows is named', async () => {
    const text = 'number lines T.3.NF.2 and 9.NF.77 please';
    const { codes: found, unknown } = await findStandardsInText(pool, text);
    expect(found.map((one) => [text.slice(one.start, one.end), one.found.map(({ code }) => code)])).toEqual([
      ['T.3.NF.2', ['T.3.NF.2']],
    ]);
    expect(unknown.map((one) => one.text)).toEqual(['9.NF.77']);
    expect(await findStandardsInText(pool, 'grade 3 fractions')).toEqual({ codes: [], unknown: [] });
  });
});

describe('The picker', () => {
  const found = async (
    ...input: Parameters<typeof searchStandards> extends [unknown, ...infer Rest] ? Rest : never
  ) => (await searchStandards(pool, ...input)).map((hit) => hit.code);

  it('offers codes that begin as typed, the group itself first', async () => {
    const hits = await found('DS.MATH.4.NF');
    expect(hits[0]).toBe('DS.MATH.4.NF');
    expect(hits.length).toBeGreaterThan(2);
    expect(hits.every((code) => code?.startsWith('DS.MATH.4.NF'))).toBe(true);
    expect((await found('4.nf'))[0]).toBe('DS.MATH.4.NF');
    expect((await found('4 nf 2'))[0]).toBe('DS.MATH.4.NF.2');
  });

  it('finds standards by words, unfinished and misspelt ones too', async () => {
    for (const words of ['compare fractions', 'compare fracti', 'comparing fraction', 'fracions compare']) {
      const hits = await searchStandards(pool, words);
      expect(hits.length, words).toBeGreaterThan(0);
      expect(hits[0]?.statement, words).toMatch(/fraction/i);
    }
  });

  it('reads a grade in the words, and filters by grade, framework and subject', async () => {
    const hits = await searchStandards(pool, 'grade 4 fractions');
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.every((hit) => hit.grades.includes('4'))).toBe(true);
    const third = await searchStandards(pool, 'fractions', { grades: ['3'] });
    expect(third.length).toBeGreaterThan(0);
    expect(third.every((hit) => hit.grades.includes('3'))).toBe(true);
    const here = await searchStandards(pool, 'fractions', { framework: guid(0) });
    expect(here.map(({ framework }) => framework.guid)).toEqual(here.map(() => guid(0)));
    expect(await found('fractions', { subject: 'science', framework: guid(0) })).toEqual([]);
    expect(await found('fractions', { limit: 2 })).toHaveLength(2);
  });

  it('never offers a retired standard, unless its whole code is typed', async () => {
    expect(await found('T.3.NF.1')).toEqual(['T.3.FR.1']);
    expect(await found('T.3.NF.10')).toEqual(['T.3.NF.10']);
    expect(await found('Compare fractions of the same size of parts', { framework: guid(0) })).not.toContain(
      'T.3.NF.10',
    );
  });

  it('says where a standard stands', async () => {
    const [hit] = await searchStandards(pool, 'T.3.NF.2');
    expect(hit).toMatchObject({ path: ['T.3', 'T.3.NF'], kind: 'standard', match: 'code' });
  });

  it.each([
    '',
    ' ',
    '&|!',
    "'; drop table standard; --",
    ':*',
    '\\',
    '%',
    '🙂',
    'a'.repeat(5000),
    'x & !y | (z',
  ])('takes %j calmly', async (text) => {
    expect(Array.isArray(await searchStandards(pool, text.slice(0, 10_000)))).toBe(true);
  });
});

describe('A standard', () => {
  it('knows its place, its own words for the levels, and what is around it', async () => {
    const facts = await standardFacts(pool, guid(4));
    expect(facts).toMatchObject({
      standard: { code: 'T.3.NF.2', framework: { title: 'Test State Mathematics 2026', own: false } },
      parent: { code: 'T.3.NF' },
      children: [],
      replacedBy: [],
    });
    expect(facts?.path.map(({ code }) => code)).toEqual(['T.3', 'T.3.NF']);
    expect(facts?.siblings.map(({ code }) => code)).toEqual(['T.3.FR.1', 'T.3.NF.2']);
    expect(facts?.neighbors.map(({ type, direction, standard }) => [type, direction, standard.code])).toEqual(
      [['precedes', 'in', 'T.3.FR.1']],
    );
    expect(facts?.levels.map(({ label, description }) => [label, description])).toEqual([
      ['Emerging', 'Emerging in the words of the scale'],
      ['Developing', 'Developing in the words of the scale'],
      ['Proficient', 'Proficient in the words of the scale'],
      ['Extending', 'Extending in the words of the scale'],
    ]);
    const own = await standardFacts(pool, guid(3));
    expect(own?.levels.map(({ description }) => description)).toEqual([
      'With help.',
      'Developing in the words of the scale',
      'Alone.',
      'Extending in the words of the scale',
    ]);
  });

  it('under two parents shows the way by the higher one', async () => {
    const facts = await standardFacts(pool, guid(3));
    expect(facts?.path.map(({ code }) => code)).toEqual(['T.3']);
  });

  it('that is retired leads to what replaces it', async () => {
    expect(await standardFacts(pool, guid(5))).toMatchObject({
      standard: { retired: true },
      replacedBy: [{ code: 'T.4.NF.2' }],
    });
  });

  it('at the top has its framework’s other tops beside it', async () => {
    const facts = await standardFacts(pool, guid(1));
    expect(facts).toMatchObject({ path: [], parent: null, siblings: [{ code: 'T.3' }] });
    expect(facts?.children.map(({ code }) => code)).toEqual(['T.3.NF', 'T.4.NF.2', 'T.3.FR.1']);
  });

  it('that nobody has is nothing', async () => {
    expect(await standardFacts(pool, guid(998))).toBeUndefined();
    expect(await whatIs(pool, { guid: guid(998), slug: 'x' })).toBeUndefined();
    expect(await whatIs(pool, { guid: guid(4), slug: 'x' })).toMatchObject({
      kind: 'standard',
      guid: guid(4),
    });
    expect(await whatIs(pool, { guid: null, slug: 'test-state-mathematics-2026' })).toMatchObject({
      kind: 'framework',
      guid: guid(0),
    });
  });

  it('is read with others by GUID', async () => {
    expect([...(await standardsByGuid(pool, [guid(4), guid(998)])).keys()]).toEqual([guid(4)]);
    expect((await standardsBelow(pool, guid(0))).map(({ code }) => code)).toEqual(['T.3']);
    expect((await standardsBelow(pool, guid(2))).map(({ code }) => code)).toEqual(['T.3.FR.1', 'T.3.NF.2']);
  });
});

describe('A framework', () => {
  it('is listed with its standards counted, the state’s own first', async () => {
    const list = await frameworkList(pool);
    expect(list[0]).toMatchObject({ own: true });
    expect(list.find(({ guid: one }) => one === guid(0))).toMatchObject({
      standards: 3,
      retiredStandards: 1,
      subject: 'Mathematics',
    });
  });

  it('is browsed whole, by grade, or by domain', async () => {
    const whole = await frameworkTree(pool, guid(0), {});
    expect(whole?.items.map(({ code }) => code)).toEqual([
      'T.3',
      'T.3.NF',
      'T.3.FR.1',
      'T.3.NF.2',
      'T.4.NF.2',
    ]);
    expect(whole?.grades.toSorted((a, b) => a.grade.localeCompare(b.grade))).toEqual([
      { grade: '3', count: 2 },
      { grade: '4', count: 1 },
    ]);
    expect(whole?.domains).toMatchObject([{ code: 'T.3', count: 3 }]);
    const fourth = await frameworkTree(pool, guid(0), { grade: '4' });
    expect(fourth?.items.map(({ code }) => code)).toEqual(['T.3', 'T.4.NF.2']);
    const domain = await frameworkTree(pool, guid(0), { domain: guid(2) });
    expect(domain?.items.map(({ code }) => code)).toEqual(['T.3.NF', 'T.3.FR.1', 'T.3.NF.2']);
    expect((await frameworkTree(pool, guid(0), { all: 2 }))?.items.map(({ code }) => code)).toEqual([
      'T.3',
      'T.3.NF',
      'T.3.FR.1',
      'T.4.NF.2',
    ]);
    expect(await frameworkTree(pool, guid(998), {})).toBeUndefined();
  });
});

describe.skipIf(!shared)('Beside Common Core and NGSS (skipped where ../shared/data is not there)', () => {
  it('a short code means the state’s own standard first, then Common Core’s', async () => {
    expect(await codes('4.NF.2')).toEqual(['DS.MATH.4.NF.2', 'CCSS.Math.Content.4.NF.A.2']);
    expect(await codes('CCSS 4.NF.2')).toEqual(['CCSS.Math.Content.4.NF.A.2']);
    expect(await codes('MS-PS1-2')).toEqual(['MS-PS1-2']);
  });

  it('the official GUID of Common Core finds its standard, as do published UUIDs', async () => {
    expect(await codes('0B6BD52C0EA74590992EF4972FC805FA')).toEqual(['CCSS.Math.Content.6.RP.A.1']);
  });

  it('NGSS leads to the Common Core standards that it names by address, and back', async () => {
    const [ngss] = await resolveCode(pool, '2-PS1-2');
    const facts = await standardFacts(pool, ngss?.guid ?? '');
    expect(facts?.neighbors.map(({ standard }) => standard.code)).toContain('CCSS.Math.Content.2.MD.D.10');
    const [ccss] = await resolveCode(pool, 'CCSS.Math.Content.2.MD.D.10');
    const back = await standardFacts(pool, ccss?.guid ?? '');
    expect(back?.neighbors.map(({ standard }) => standard.code)).toContain('2-PS1-2');
  });
});
