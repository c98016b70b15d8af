import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { readCasePackage } from '../../server/standards/case-reader.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import type { ImportOptions } from '../../server/standards/standard-service.ts';
import { caseCriterion, caseGuid as guid, caseItem, caseLink, casePackage } from '../support/case-package.ts';
import type { TestPackage } from '../support/case-package.ts';
import { testDatabase } from '../support/database.ts';
import { sharedData } from '../support/shared-data.ts';

const { pool, url } = await testDatabase();
let today = new Date('2026-11-01T08:00:00Z');
const deps = { pool, clock: { now: () => today }, config: { stateName: 'Test State' } };

const load = (pack: TestPackage, options?: ImportOptions) =>
  importFramework(deps, null, readCasePackage(pack), options);

async function rows<Row extends object>(sql: string, params: unknown[] = []): Promise<Row[]> {
  return (await pool.query<Row>(sql, params)).rows;
}
const standard = async (number: number) =>
  (
    await rows<{ code: string; retired: boolean; depth: number; child_count: number; statement: string }>(
      'SELECT code, retired_at IS NOT NULL AS retired, depth, child_count, statement FROM standard WHERE guid = $1',
      [guid(number)],
    )
  )[0];

/** A published resource aligned to a standard. */
async function resourceOn(number: number): Promise<string> {
  const [state] = await rows<{ id: string }>(
    `INSERT INTO organization (kind, name, slug) VALUES ('state', 'Test State', 'state')
     ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id`,
  );
  const [resource] = await rows<{ id: string }>(
    'INSERT INTO resource (organization_id) VALUES ($1) RETURNING id',
    [state?.id],
  );
  await pool.query('INSERT INTO alignment (resource_id, standard_guid, from_version) VALUES ($1, $2, 1)', [
    resource?.id,
    guid(number),
  ]);
  await pool.query('DELETE FROM search_dirty');
  return resource?.id ?? '';
}
const dirty = async () =>
  (await rows<{ id: string }>('SELECT DISTINCT resource_id AS id FROM search_dirty')).map(({ id }) => id);

beforeEach(async () => {
  today = new Date('2026-11-01T08:00:00Z');
  await pool.query('TRUNCATE framework, competency_scale, resource, subject CASCADE');
  await pool.query(
    `INSERT INTO subject (slug, name) VALUES ('mathematics', 'Mathematics'), ('science', 'Science')`,
  );
  const [scale] = await rows<{ id: string }>(
    `INSERT INTO competency_scale (name, is_default) VALUES ('Demo', true) RETURNING id`,
  );
  await pool.query(
    `INSERT INTO competency_level (scale_id, slug, name, position)
     SELECT $1, lower(name), name, position FROM unnest(ARRAY['Emerging', 'Developing', 'Proficient', 'Extending'])
       WITH ORDINALITY AS l (name, position)`,
    [scale?.id],
  );
});

describe('Loading a framework', () => {
  it('keeps the document, the standards, their order and what is above each', async () => {
    const report = await load(casePackage());
    expect(report).toMatchObject({
      created: 5,
      updated: 0,
      unchanged: 0,
      retired: 0,
      removed: 0,
      descriptors: 2,
      warnings: [],
    });
    expect(await rows('SELECT title, slug, subject_slug, is_state_own FROM framework')).toEqual([
      {
        title: 'Test Mathematics',
        slug: 'test-mathematics',
        subject_slug: 'mathematics',
        is_state_own: true,
      },
    ]);
    expect(await rows('SELECT code, position, depth, child_count FROM standard ORDER BY position')).toEqual([
      { code: 'T.3', position: 0, depth: 0, child_count: 1 },
      { code: 'T.3.NF', position: 1, depth: 1, child_count: 3 },
      { code: 'T.3.NF.1', position: 2, depth: 2, child_count: 0 },
      { code: 'T.3.NF.2', position: 3, depth: 2, child_count: 0 },
      { code: 'T.3.NF.10', position: 4, depth: 2, child_count: 0 },
    ]);
    expect(
      await rows(
        `SELECT a.code, t.distance FROM standard_ancestor t JOIN standard a ON a.guid = t.ancestor_guid
         WHERE t.standard_guid = $1 ORDER BY distance`,
        [guid(3)],
      ),
    ).toEqual([
      { code: 'T.3.NF.1', distance: 0 },
      { code: 'T.3.NF', distance: 1 },
      { code: 'T.3', distance: 2 },
    ]);
    expect(
      await rows(
        `SELECT l.name, d.description FROM level_descriptor d JOIN competency_level l ON l.id = d.level_id ORDER BY position`,
      ),
    ).toEqual([
      { name: 'Emerging', description: 'With help.' },
      { name: 'Proficient', description: 'Alone.' },
    ]);
    expect(
      await rows(
        `SELECT object_id, detail ->> 'created' AS created FROM audit_event ORDER BY id DESC LIMIT 1`,
      ),
    ).toEqual([{ object_id: guid(0), created: '5' }]);
  });

  it('changes nothing when the same file comes again', async () => {
    await load(casePackage());
    const before = await rows('SELECT * FROM standard ORDER BY guid');
    const codes = await rows('SELECT * FROM standard_code ORDER BY 1, 2');
    today = new Date('2026-11-02T08:00:00Z');
    expect(await load(casePackage())).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 5,
      retired: 0,
      removed: 0,
    });
    expect(await rows('SELECT * FROM standard ORDER BY guid')).toEqual(before);
    expect(await rows('SELECT * FROM standard_code ORDER BY 1, 2')).toEqual(codes);
  });

  it('counts a new wording, a renamed code and a moved standard as changes, and finds the old code still', async () => {
    await load(casePackage());
    const aligned = await resourceOn(3);
    const elsewhere = await resourceOn(5);
    const pack = casePackage();
    Object.assign(pack.CFItems[2] ?? {}, { humanCodingScheme: 'T.3.FR.1' });
    Object.assign(pack.CFItems[3] ?? {}, { fullStatement: 'Show fractions on a number line.' });
    pack.CFAssociations[4] = caseLink(5, 'isChildOf', 5, 1, 9);
    const report = await load(pack);
    expect(report).toMatchObject({ created: 0, updated: 3, unchanged: 2 });
    expect(await standard(4)).toMatchObject({ statement: 'Show fractions on a number line.' });
    expect(await standard(5)).toMatchObject({ depth: 1 });
    expect(await standard(2)).toMatchObject({ child_count: 2 });
    expect(
      await rows(`SELECT kind FROM standard_code WHERE code_norm = 't3nf1' AND standard_guid = $1`, [
        guid(3),
      ]),
    ).toEqual([{ kind: 'previous' }]);
    expect((await dirty()).sort()).toEqual([aligned, elsewhere].sort());
    expect(await load(pack)).toMatchObject({ updated: 0, unchanged: 5 });
  });

  it('queues only resources of standards that changed, or that stand below one', async () => {
    await load(casePackage());
    const below = await resourceOn(3);
    const pack = casePackage();
    await load(pack);
    expect(await dirty()).toEqual([]);
    Object.assign(pack.CFItems[1] ?? {}, { fullStatement: 'Fractions as numbers' });
    await load(pack);
    expect(await dirty()).toEqual([below]);
  });

  it('retires what a resource uses, removes what nothing uses, and takes a retired one back', async () => {
    await load(casePackage());
    const aligned = await resourceOn(5);
    const pack = casePackage();
    pack.CFItems = pack.CFItems.slice(0, 3);
    pack.CFAssociations = pack.CFAssociations.slice(0, 3);
    expect(await load(pack)).toMatchObject({ unchanged: 3, retired: 1, removed: 1 });
    expect(await standard(4)).toBeUndefined();
    expect(await standard(5)).toMatchObject({ retired: true, depth: 2 });
    expect(await standard(2)).toMatchObject({ child_count: 1 });
    expect(await rows('SELECT 1 AS one FROM standard_parent WHERE child_guid = $1', [guid(5)])).toHaveLength(
      1,
    );
    expect(await dirty()).toEqual([aligned]);
    expect(await load(pack)).toMatchObject({ unchanged: 3, retired: 0, removed: 0 });
    expect(await load(casePackage())).toMatchObject({ created: 1, updated: 1, unchanged: 3 });
    expect(await standard(5)).toMatchObject({ retired: false });
  });

  it('keeps a group that went while something retired still stands below it', async () => {
    await load(casePackage());
    await resourceOn(3);
    const pack = casePackage();
    pack.CFItems = [caseItem(7, 'T.4', 'Grade 4')];
    pack.CFAssociations = [caseLink(7, 'isChildOf', 7, 0)];
    expect(await load(pack)).toMatchObject({ created: 1, retired: 3, removed: 2 });
    expect(
      await rows(
        'SELECT a.code FROM standard_ancestor t JOIN standard a ON a.guid = t.ancestor_guid WHERE t.standard_guid = $1 ORDER BY distance',
        [guid(3)],
      ),
    ).toEqual([{ code: 'T.3.NF.1' }, { code: 'T.3.NF' }, { code: 'T.3' }]);
  });

  it('keeps a standard that something replaces, though nobody uses it', async () => {
    await load(casePackage());
    const pack = casePackage();
    pack.CFItems = [...pack.CFItems.slice(0, 4), caseItem(8, 'T.3.NF.11', 'Compare fractions.')];
    pack.CFAssociations = [
      ...pack.CFAssociations.slice(0, 4),
      caseLink(8, 'isChildOf', 8, 2, 9),
      caseLink(9, 'replacedBy', 5, 8),
    ];
    expect(await load(pack)).toMatchObject({ created: 1, retired: 1, removed: 0 });
    // A later file that no longer speaks of it keeps the way from the old to the new.
    pack.CFAssociations.pop();
    expect(await load(pack)).toMatchObject({ retired: 0, removed: 0, associations: 1 });
    expect(await standard(5)).toMatchObject({ retired: true });
  });

  it('retires a standard whose last day has passed', async () => {
    const pack = casePackage();
    Object.assign(pack.CFItems[4] ?? {}, { statusEndDate: '2026-12-31' });
    await load(pack);
    expect(await standard(5)).toMatchObject({ retired: false });
    today = new Date('2027-01-01T08:00:00Z');
    expect(await load(pack)).toMatchObject({ updated: 1 });
    expect(await standard(5)).toMatchObject({ retired: true });
  });

  it('follows the rubric: new words replace the old, unknown levels are named', async () => {
    await load(casePackage());
    const pack = casePackage();
    pack.CFRubrics = [
      { CFRubricCriteria: [caseCriterion(3, { proficient: 'Alone and sure.', Mastery: 'Teaches it.' })] },
    ];
    const report = await load(pack);
    expect(report.descriptors).toBe(1);
    expect(report.warnings).toEqual([
      { kind: 'standards.warning.levelUnknown', params: { value: 'Mastery' }, place: 'CFRubrics', count: 1 },
    ]);
    expect(await rows('SELECT description FROM level_descriptor')).toEqual([
      { description: 'Alone and sure.' },
    ]);
  });

  it('leaves a standard where it is when another framework has it already', async () => {
    await load(casePackage());
    const other = casePackage();
    other.CFDocument = { ...other.CFDocument, identifier: guid(100), title: 'Other' };
    other.CFItems = [...other.CFItems.slice(0, 3), caseItem(30, 'O.1', 'Its own')];
    other.CFAssociations = [caseLink(30, 'isChildOf', 30, 2)];
    const report = await load(other, { own: false });
    expect(report).toMatchObject({ created: 1, updated: 0, unchanged: 0 });
    expect(report.warnings.filter(({ kind }) => kind === 'standards.warning.otherFramework')).toHaveLength(3);
    expect(await rows('SELECT framework_guid, depth FROM standard WHERE guid = $1', [guid(30)])).toEqual([
      { framework_guid: guid(100), depth: 0 },
    ]);
    expect(await rows('SELECT title, slug, is_state_own FROM framework ORDER BY position')).toEqual([
      { title: 'Test Mathematics', slug: 'test-mathematics', is_state_own: true },
      { title: 'Other', slug: 'other', is_state_own: false },
    ]);
  });

  it('leaves a framework among the others where an administrator has put it, unless the load says otherwise', async () => {
    const isOwn = async () =>
      (await rows<{ own: boolean }>('SELECT is_state_own AS own FROM framework'))[0]?.own;
    await load(casePackage());
    await pool.query('UPDATE framework SET is_state_own = false');
    await load(casePackage());
    expect(await isOwn()).toBe(false);
    await load(casePackage(), { own: true });
    await load(casePackage());
    expect(await isOwn()).toBe(true);
  });

  it('stores nothing at all when it fails half way', async () => {
    const pack = casePackage();
    const framework = readCasePackage(pack);
    framework.associations.push({ ...framework.associations[0], guid: 'not a guid' } as never);
    await expect(importFramework(deps, null, framework)).rejects.toThrow();
    expect(await rows('SELECT 1 FROM framework')).toEqual([]);
    expect(await rows('SELECT 1 FROM standard')).toEqual([]);
  });

  it('takes texts that PostgreSQL would choke on', async () => {
    const pack = casePackage();
    Object.assign(pack.CFItems[2] ?? {}, {
      fullStatement: 'A\u0000B \\u0000 \ud800 C',
      humanCodingScheme: 'T.\u00003',
      conceptKeywords: ['{a,b}', '"q"'],
    });
    await load(pack);
    expect(await rows('SELECT statement, code, keywords FROM standard WHERE guid = $1', [guid(3)])).toEqual([
      { statement: 'AB \\u0000 \ufffd C', code: 'T.3', keywords: ['{a,b}', '"q"'] },
    ]);
  });
});

/** A package with a tree of `grades` × 9 × `leaves` standards below one another. */
function bigPackage(grades: number, leaves: number): TestPackage {
  const pack = casePackage();
  pack.CFRubrics = [];
  pack.CFItems = [];
  pack.CFAssociations = [];
  let next = 10_000;
  const add = (code: string, parent: number): number => {
    const number = (next += 1);
    pack.CFItems.push(caseItem(number, code, `Statement of ${code}: explain, compare and use what it says.`));
    pack.CFAssociations.push(caseLink(number, 'isChildOf', number, parent, 1));
    return number;
  };
  for (let grade = 1; grade <= grades; grade += 1) {
    const top = add(`TS.MATH.${grade}`, 0);
    for (const domain of ['NF', 'OA', 'MD', 'G', 'NBT', 'RP', 'EE', 'SP', 'NS']) {
      const middle = add(`TS.MATH.${grade}.${domain}`, top);
      for (let n = 1; n <= leaves; n += 1) add(`TS.MATH.${grade}.${domain}.${n}`, middle);
    }
  }
  return pack;
}

describe('A large package', () => {
  it('of ten thousand standards loads, and again without a change', { timeout: 120_000 }, async () => {
    const text = JSON.stringify(bigPackage(10, 110));
    expect(await importFramework(deps, null, readCasePackage(JSON.parse(text)))).toMatchObject({
      created: 10_000,
    });
    expect(await importFramework(deps, null, readCasePackage(JSON.parse(text)))).toMatchObject({
      unchanged: 10_000,
    });
  });

  it('does not read the whole table for each standard when the tables were nearly empty before', async () => {
    // One connection: it is the one that remembers how it looked things up when there was little.
    const single = new pg.Pool({ connectionString: url, max: 1 });
    try {
      const one = { ...deps, pool: single };
      const rowsRead = async () => {
        await single.query('SELECT pg_stat_force_next_flush()');
        const { rows: read } = await single.query<{ rows: number }>(
          `SELECT sum(seq_tup_read)::float8 AS rows FROM pg_stat_user_tables WHERE relname LIKE 'standard%'`,
        );
        return read[0]!.rows;
      };
      await importFramework(one, null, readCasePackage(casePackage()));
      await single.query('ANALYZE standard, standard_parent, standard_ancestor');
      const pack = bigPackage(2, 100);
      const little = structuredClone(pack);
      little.CFItems.splice(3);
      little.CFAssociations.splice(3);
      await importFramework(one, null, readCasePackage(little));
      const before = await rowsRead();
      await importFramework(one, null, readCasePackage(pack));
      const items = pack.CFItems.length;
      // Each statement may read its tables once or twice; once for each item would be millions.
      expect((await rowsRead()) - before).toBeLessThan(100 * items);
    } finally {
      await single.end();
    }
  });
});

const folder = sharedData('standards');
describe.skipIf(folder === undefined)(
  'Real frameworks in the database (skipped where ../shared/data is not there)',
  () => {
    it(
      'Common Core loads from ASN, then from an early CASE package over it, and its domains are found by code',
      { timeout: 60_000 },
      async () => {
        const asn = await readFrameworkFile(`${folder}/ccss-math.asn.rdf.xml`);
        expect(await importFramework(deps, null, asn)).toMatchObject({ created: 703, removed: 0 });
        expect(await importFramework(deps, null, asn)).toMatchObject({
          unchanged: 703,
          created: 0,
          updated: 0,
        });
        const early = await readFrameworkFile(`${folder}/ccss-math.case-early.json`);
        expect(await importFramework(deps, null, early)).toMatchObject({
          created: 0,
          removed: 0,
          retired: 0,
        });
        const found = await rows<{ code: string }>(
          `SELECT s.code FROM standard_code c JOIN standard s ON s.guid = c.standard_guid WHERE c.code_norm = '4nf' ORDER BY s.position`,
        );
        expect(found.map(({ code }) => code)).toEqual(
          ['A', 'B', 'C'].map((cluster) => `CCSS.Math.Content.4.NF.${cluster}`),
        );
      },
    );

    it('every other framework loads, and again without a change', { timeout: 120_000 }, async () => {
      for (const file of [
        'ngss.asn.rdf.xml',
        'D2535156.asn.rdf.xml',
        'opensalt-what-standards-could-be.case.json',
        'opensalt-ordering.case.json',
        'opensalt-utf8.case.json',
        'opensalt-adopted.case.json',
        'case-smarterbalanced/sb-math-content-spec.case.json.gz',
        'case-smarterbalanced/sb-math-hs-claim2.case.json',
        'case-smarterbalanced/sb-ela-pt-g5-informational.case.json',
        'case-smarterbalanced/webb-dok.case.json',
        ...[
          'DC-arts',
          'DC-english',
          'DC-history',
          'DC-math',
          'DC-science',
          'PA-civics',
          'PA-economics',
          'PA-geography',
        ].map((name) => `asn-json/${name}.json.gz`),
      ]) {
        const framework = await readFrameworkFile(`${folder}/${file}`);
        const first = await importFramework(deps, null, framework);
        expect(first.created + first.updated + first.unchanged, file).toBe(
          framework.items.length -
            first.warnings.filter(({ kind }) => kind === 'standards.warning.otherFramework').length,
        );
        expect(await importFramework(deps, null, framework), file).toMatchObject({
          created: 0,
          updated: 0,
          removed: 0,
        });
      }
    });
  },
);
