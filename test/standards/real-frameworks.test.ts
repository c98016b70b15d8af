import { describe, expect, it } from 'vitest';
import { codeAliases, codeFits } from '../../server/lib/standard-code.ts';
import { uuid5OfUrl } from '../../server/lib/uuid5.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import { sharedData } from '../support/shared-data.ts';

const folder = sharedData('standards');

/** file, format, items, top items, other associations, kinds of warnings */
const frameworks: [string, string, number, number, number, string][] = [
  ['ccss-math.asn.rdf.xml', 'ASN RDF/XML', 703, 17, 1326, ''],
  ['ngss.asn.rdf.xml', 'ASN RDF/XML', 1009, 64, 1874, ''],
  ['D2535156.asn.rdf.xml', 'ASN RDF/XML', 12, 12, 0, ''],
  ['ccss-math.case-early.json', 'CASE (before 1.0)', 703, 17, 0, 'addressForGuid gradeText noZone'],
  ['opensalt-what-standards-could-be.case.json', 'CASE (before 1.0)', 16, 2, 23, 'gradeText noZone'],
  ['opensalt-ordering.case.json', 'CASE 1.0', 28, 1, 0, ''],
  ['opensalt-utf8.case.json', 'CASE 1.0', 1, 1, 0, ''],
  ['opensalt-adopted.case.json', 'CASE 1.0', 1, 1, 0, ''],
  ['case-smarterbalanced/sb-math-content-spec.case.json.gz', 'CASE 1.0', 585, 23, 2797, 'linkTwice noParent'],
  ['case-smarterbalanced/sb-math-hs-claim2.case.json', 'CASE 1.0', 207, 5, 144, ''],
  ['case-smarterbalanced/sb-ela-pt-g5-informational.case.json', 'CASE 1.0', 164, 4, 76, ''],
  ['case-smarterbalanced/webb-dok.case.json', 'CASE 1.0', 15, 3, 0, ''],
  ['asn-json/DC-arts.json.gz', 'ASN RDF/JSON', 1506, 6, 0, ''],
  ['asn-json/DC-english.json.gz', 'ASN RDF/JSON', 790, 8, 0, ''],
  ['asn-json/DC-history.json.gz', 'ASN RDF/JSON', 1296, 17, 0, ''],
  ['asn-json/DC-math.json.gz', 'ASN RDF/JSON', 537, 10, 0, ''],
  ['asn-json/DC-science.json.gz', 'ASN RDF/JSON', 1036, 30, 0, ''],
  ['asn-json/PA-civics.json.gz', 'ASN RDF/JSON', 149, 1, 0, ''],
  ['asn-json/PA-economics.json.gz', 'ASN RDF/JSON', 153, 5, 0, ''],
  ['asn-json/PA-geography.json.gz', 'ASN RDF/JSON', 49, 1, 0, ''],
];

describe.skipIf(folder === undefined)(
  'Every real framework (skipped where ../shared/data is not there)',
  () => {
    it.each(frameworks)('%s is read as %s', async (file, format, items, top, associations, warnings) => {
      const framework = await readFrameworkFile(`${folder}/${file}`);
      expect(framework.format).toBe(format);
      expect(framework.document.title.length).toBeGreaterThan(3);
      expect(framework.items).toHaveLength(items);
      expect(framework.parents.filter((link) => link.parent === null)).toHaveLength(top);
      expect(framework.associations).toHaveLength(associations);
      expect(
        framework.warnings
          .map(({ kind }) => kind.replace('standards.warning.', ''))
          .sort()
          .join(' '),
      ).toBe(warnings);
      expect(new Set(framework.parents.map((link) => link.child)).size).toBe(items);
      for (const item of framework.items) {
        expect(item.statement).not.toMatch(/<\/?(?:li|ul|br|sup|sub)\b/);
        expect(item.statement.trim()).toBe(item.statement);
      }
    });

    it('Common Core statements have the same GUIDs whether they come from ASN or from an early CASE package', async () => {
      const asn = await readFrameworkFile(`${folder}/ccss-math.asn.rdf.xml`);
      const early = await readFrameworkFile(`${folder}/ccss-math.case-early.json`);
      expect(early.document.guid).toBe(asn.document.guid);
      expect(early.items.map((item) => item.guid).sort()).toEqual(asn.items.map((item) => item.guid).sort());
    });

    it('exact matches of a package that others published lead to the GUIDs made from ASN addresses', async () => {
      const asn = await readFrameworkFile(`${folder}/ccss-math.asn.rdf.xml`);
      const published = await readFrameworkFile(`${folder}/opensalt-what-standards-could-be.case.json`);
      const known = new Map(asn.items.map((item) => [item.guid, item.code]));
      const own = new Map(published.items.map((item) => [item.guid, item.code]));
      const matches = published.associations.filter((one) => one.type === 'exactMatchOf');
      expect(matches).toHaveLength(16);
      for (const { originGuid, destinationGuid } of matches)
        expect(known.get(destinationGuid ?? '')).toBe(own.get(originGuid ?? ''));
      expect(known.get(uuid5OfUrl('http://purl.org/ASN/resources/S11434CE'))).toBe(
        'CCSS.Math.Content.6.RP.A.1',
      );
    });

    it('no two Common Core standards can be mistaken for one another under any alias', async () => {
      const { items } = await readFrameworkFile(`${folder}/ccss-math.asn.rdf.xml`);
      const seen = new Map<string, string>();
      for (const { code } of items) {
        if (code === null) continue;
        for (const alias of codeAliases(code)) {
          const other = seen.get(alias);
          expect(other === undefined || !codeFits(other, code), `${alias}: ${other}, ${code}`).toBe(true);
          seen.set(alias, code);
        }
      }
      expect(seen.get('3nf1')).toBe('CCSS.Math.Content.3.NF.A.1');
      expect(seen.get('aapr7')).toBe('CCSS.Math.Content.HSA-APR.D.7');
    });

    it.each([
      'asn-jurisdictions.skos.json',
      'ngss-topics.json',
      'blooms-taxonomy.json',
      'ccss-guids.csv',
      'act-holistic-math.csv.gz',
      'oeh-topics.skos.ttl.gz',
      'asn-documents-2024-02-22.json.gz',
      'opensalt-spreadsheet-import-sample.xlsx',
      'ccss-math-0.8.0.flat.json',
      'case-smarterbalanced/sb-cfdocuments-list.case.json',
    ])('%s, which is no package of standards, is refused in words', async (file) => {
      await expect(readFrameworkFile(`${folder}/${file}`)).rejects.toMatchObject({
        status: 422,
        code: 'framework_unreadable',
      });
    });
  },
);
