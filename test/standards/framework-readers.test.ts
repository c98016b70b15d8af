import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PortalError } from '../../server/errors.ts';
import { readCasePackage } from '../../server/standards/case-reader.ts';
import { readFrameworkFile } from '../../server/standards/framework-file.ts';
import type { FrameworkPackage } from '../../server/standards/framework-package.ts';
import { translator } from '../../server/locale/locale.ts';
import { caseGuid as guid, casePackage } from '../support/case-package.ts';

const t = translator('en');

/** What a person reads when a file is refused. */
async function words(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (error) {
    if (error instanceof PortalError && error.status === 422) return t(error.key, error.params);
    throw error;
  }
  throw new Error('It was taken');
}

const kinds = (framework: FrameworkPackage) =>
  framework.warnings.map(({ kind }) => kind.replace('standards.warning.', ''));

function without(of: object, key: string): object {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name !== key));
}

describe('A CASE package', () => {
  it('comes in whole: document, items, order, links and level descriptors', () => {
    const framework = readCasePackage(casePackage());
    expect(framework.format).toBe('CASE 1.1');
    expect(framework.warnings).toEqual([]);
    expect(framework.document).toMatchObject({
      guid: guid(0),
      title: 'Test Mathematics',
      subjects: ['Mathematics'],
      licenseUri: 'https://creativecommons.org/licenses/by/4.0/',
      adoptionStatus: 'Implemented',
    });
    expect(framework.items.map((item) => item.code)).toEqual([
      'T.3',
      'T.3.NF',
      'T.3.NF.1',
      'T.3.NF.2',
      'T.3.NF.10',
    ]);
    expect(framework.items[2]).toMatchObject({ grades: ['3'], type: 'Standard' });
    expect(framework.parents.filter((one) => one.parent === guid(2)).map((one) => one.child)).toEqual(
      [3, 4, 5].map(guid),
    );
    expect(framework.associations).toMatchObject([
      { type: 'precedes', originGuid: guid(3), destinationGuid: guid(4) },
    ]);
    expect(framework.descriptors).toMatchObject([
      { standard: guid(3), level: 'Emerging', description: 'With help.' },
      { standard: guid(3), level: 'Proficient', description: 'Alone.' },
    ]);
  });

  it('may write its grade as one text, its times without a zone, its GUIDs in capitals, its subject as a text', () => {
    const pack = casePackage();
    Object.assign(pack.CFDocument, { subject: 'Mathematics', identifier: guid(0).toUpperCase() });
    const [first, second] = pack.CFItems;
    Object.assign(first ?? {}, { educationalLevel: '03', lastChangeDateTime: '2016-07-28T00:14:52' });
    delete first?.educationLevel;
    Object.assign(second ?? {}, { identifier: guid(2).toUpperCase(), educationLevel: ['03', 'wizardry'] });
    const framework = readCasePackage(pack);
    expect(framework.format).toBe('CASE (before 1.0)');
    expect(framework.document.guid).toBe(guid(0));
    expect(framework.items[0]).toMatchObject({ grades: ['3'], changedAt: '2016-07-28T00:14:52.000Z' });
    expect(framework.items[1]).toMatchObject({ guid: guid(2), grades: ['3'] });
    expect(kinds(framework).sort()).toEqual(['gradeText', 'guidSpelling', 'noZone', 'unknownGrade']);
    for (const warning of framework.warnings) expect(t(warning.kind, warning.params)).not.toBe('');
  });

  it('puts what has no parent, or an unknown one, at the top and says so', () => {
    const pack = casePackage();
    pack.CFAssociations = pack.CFAssociations.slice(0, 2);
    const framework = readCasePackage(pack);
    expect(framework.parents.filter((one) => one.parent === null).map((one) => one.child)).toEqual(
      [1, 3, 4, 5].map(guid),
    );
    expect(framework.warnings).toMatchObject([
      { kind: 'standards.warning.noParent', place: 'T.3.NF.1', count: 3 },
    ]);
  });

  it('counts children without a sequence as people do: 2 before 10', () => {
    const pack = casePackage();
    for (const link of pack.CFAssociations) delete link.sequenceNumber;
    pack.CFItems.reverse();
    const framework = readCasePackage(pack);
    const codes = new Map(framework.items.map((item) => [item.guid, item.code]));
    expect(
      framework.parents.filter((one) => one.parent === guid(2)).map((one) => codes.get(one.child)),
    ).toEqual(['T.3.NF.1', 'T.3.NF.2', 'T.3.NF.10']);
  });

  it('lets a standard stand under two parents', () => {
    const pack = casePackage();
    pack.CFAssociations.push({
      ...pack.CFAssociations[2],
      identifier: guid(90),
      destinationNodeURI: { title: 'T.3', identifier: guid(1), uri: `https://x.example/${guid(1)}` },
    });
    expect(
      readCasePackage(pack)
        .parents.filter((one) => one.child === guid(3))
        .map((one) => one.parent ?? '')
        .toSorted(),
    ).toEqual([guid(1), guid(2)]);
  });

  it('is refused when standards stand below themselves, and they are named', async () => {
    const pack = casePackage();
    pack.CFAssociations.push({
      ...pack.CFAssociations[0],
      identifier: guid(91),
      destinationNodeURI: { title: '', identifier: guid(3), uri: '' },
    });
    expect(await words(() => readCasePackage(pack))).toMatch(/stand below themselves: .*T\.3\.NF\.1/);
  });

  it('leaves out what cannot be understood and names the place', () => {
    const pack = casePackage();
    pack.CFItems.push(
      { fullStatement: 'No identifier' },
      { identifier: guid(7), lastChangeDateTime: 'soon' },
      { ...pack.CFItems[2] },
    );
    pack.CFAssociations.push({ associationType: 'isChildOf' }, { ...pack.CFAssociations[5] });
    const framework = readCasePackage(pack);
    expect(framework.items).toHaveLength(5);
    expect(framework.warnings.map(({ kind, place }) => `${kind.split('.').at(-1)} ${place}`)).toEqual([
      'noIdentifier CFItems[5]',
      'noStatement CFItems[6]',
      'itemTwice CFItems[7] T.3.NF.1',
      'linkIncomplete CFAssociations[6]',
      'linkTwice CFAssociations[7]',
    ]);
  });

  it.each([
    [{}, /no CFDocument/],
    [{ CFDocument: { title: 'x' } }, /no identifier/],
    [{ CFDocument: { identifier: guid(0), title: 'x' }, CFItems: [] }, /no standards in it/],
    [{ CFDocuments: [] }, /list of frameworks/],
    [[], /not a CASE package/],
    ['x', /not a CASE package/],
  ])('%j is refused in words', async (json, message) => {
    expect(await words(() => readCasePackage(json))).toMatch(message);
  });

  it('survives any key missing', async () => {
    const pack = casePackage();
    for (const key of ['CFItems', 'CFAssociations', 'CFDefinitions', 'CFRubrics']) {
      const read = () => readCasePackage(without(pack, key));
      if (key === 'CFItems') expect(await words(read)).toMatch(/no standards/);
      else expect(read().items).toHaveLength(5);
    }
  });
});

describe('A file of standards', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'standards-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(content: string | Uint8Array): Promise<FrameworkPackage> {
    const path = join(folder, 'file');
    await writeFile(path, content);
    return await readFrameworkFile(path);
  }
  const json = JSON.stringify(casePackage());
  const xml = (inner: string) =>
    `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:asn="http://purl.org/ASN/schema/core/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:gemq="http://purl.org/gem/qualifiers/">${inner}</rdf:RDF>`;
  const asn = xml(
    '<asn:StandardDocument rdf:about="http://asn.jesandco.org/resources/D1"><dc:title xml:lang="en-US">Tiny</dc:title><gemq:hasChild rdf:resource="http://asn.jesandco.org/resources/S2"/><gemq:hasChild rdf:resource="http://asn.jesandco.org/resources/S1"/></asn:StandardDocument>' +
      '<asn:Statement rdf:about="http://asn.jesandco.org/resources/S1"><asn:statementNotation>A.1</asn:statementNotation><dcterms:description>Say &lt;b&gt;this&lt;/b&gt;</dcterms:description><dcterms:educationLevel rdf:resource="http://purl.org/ASN/scheme/ASNEducationLevel/Pre-K"/></asn:Statement>' +
      '<asn:Statement rdf:about="http://asn.jesandco.org/resources/S2"><dcterms:description>Do that</dcterms:description></asn:Statement>',
  );

  it.each([
    ['plain', json],
    ['packed with gzip', gzipSync(json)],
    ['with a byte order mark and white space before it', `\uFEFF \n ${json}`],
    ['as UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(json, 'utf16le')])],
    ['with raw line ends inside strings', json.replace('Test Mathematics', 'Test\nMathematics')],
  ])('is known by its content, %s', async (_, content) => {
    const framework = await read(content);
    expect(framework.document.title).toMatch(/^Test\sMathematics$/);
    expect(framework.items).toHaveLength(5);
  });

  it('may be ASN RDF/XML; its order is the order of hasChild, its GUIDs come of its addresses', async () => {
    const framework = await read(asn);
    expect(framework).toMatchObject({ format: 'ASN RDF/XML', document: { title: 'Tiny' }, warnings: [] });
    expect(framework.items.map(({ code, statement, grades }) => ({ code, statement, grades }))).toEqual([
      { code: 'A.1', statement: 'Say this', grades: ['PK'] },
      { code: null, statement: 'Do that', grades: [] },
    ]);
    const [s1, s2] = framework.items;
    expect(framework.parents).toEqual([
      { child: s2?.guid, parent: null, sequence: 0 },
      { child: s1?.guid, parent: null, sequence: 1 },
    ]);
  });

  it.each([
    ['', /empty/],
    ['   ', /neither JSON|broken|neither/],
    ['hello', /neither JSON nor XML/],
    ['{"a":', /JSON file is broken/],
    ['{"a":1}', /neither a CASE package/],
    ['[1,2]', /neither a CASE package/],
    ['<html><body>hi</body></html>', /not ASN RDF/],
    [asn.slice(0, -40), /broken at line 1/],
    [xml(''), /no ASN standards document/],
    ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', /broken|not ASN RDF/],
    ['PK\u0003\u0004', /zip file or a spreadsheet/],
    [Buffer.from('{"a":"\xff"}', 'latin1'), /not UTF-8/],
    [gzipSync(json).subarray(0, 200), /damaged or was cut short/],
  ])('is refused in words when it is %j', async (content, message) => {
    expect(await words(() => read(content))).toMatch(message);
  });
});
