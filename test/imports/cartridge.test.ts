import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { skippedRows } from '../../server/imports/run-report.ts';
import { testApp } from '../support/app.ts';
import { cartridge, manifest } from '../support/cartridges.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport, type ImportInput } from '../support/import-runs.ts';
import { rawZip } from '../support/raw-zip.ts';
import { samplePdf } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');

beforeAll(async () => {
  await seedCatalog(pool);
  await pool.query(
    `INSERT INTO license (code, name, url, open, adaptable) SELECT 'CC-BY-SA-4.0', 'CC BY-SA 4.0', 'https://creativecommons.org/licenses/by-sa/4.0/', true, true
     WHERE NOT EXISTS (SELECT 1 FROM license WHERE code = 'CC-BY-SA-4.0')`,
  );
});

const bring = (source: string, content: Buffer, more: Partial<ImportInput> = {}) =>
  runImport(deps, { districtId, source, name: 'course.imscc', content, ...more });
const shelf = async (source: string) => {
  const { rows } = await pool.query<Record<string, unknown> & { id: string }>(
    `SELECT r.external_id AS id, v.title, v.url, v.description, v.full_text, v.license, v.language, v.authors, v.minutes, r.visibility,
       ARRAY(SELECT keyword FROM version_keyword WHERE version_id = v.id ORDER BY position) AS keywords,
       ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id ORDER BY grade) AS grades,
       ARRAY(SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = v.id ORDER BY vf.position) AS files,
       ARRAY(SELECT s.code FROM alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.resource_id = r.id AND a.to_version IS NULL ORDER BY s.code) AS standards
     FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = $1 ORDER BY r.id`,
    [source],
  );
  return new Map(rows.map((row) => [row.id, row]));
};
const notTaken = async (run: { id: string }) =>
  (await skippedRows(pool, run.id, 100)).map(
    ({ key, params }) => `${key.split('.').at(-1)} ${params['name']}`,
  );
const page = (body: string, head = '') => `<html><head>${head}</head><body>${body}</body></html>`;

describe('a course package', () => {
  it('comes in as its pages, links, discussions, assignments and files; quizzes and tools are named', async () => {
    const guid = (
      await pool.query<{ guid: string }>(`SELECT guid FROM standard WHERE code = 'TS.MATH.3.NF.1'`)
    ).rows[0]!.guid;
    const content = cartridge(
      manifest({
        rights: 'CC Attribution - http://creativecommons.org/licenses/by/4.0',
        lom: '<lomimscc:language>es</lomimscc:language><lomimscc:keyword><lomimscc:string>plants</lomimscc:string></lomimscc:keyword>',
        items: `<item identifier="I1"><title>Unit 1</title>
            <item identifier="I2" identifierref="PAGE"><title>Roots</title></item>
            <item identifier="I3" identifierref="LINK"><title>A film of roots</title></item>
            <item identifier="I4" identifierref="QUIZ"><title>Quiz</title></item></item>
          <item identifier="I5"><title>Unit 2</title><item identifier="I6" identifierref="QUIZ2"><title>Quiz</title></item>
            <item identifier="I7" identifierref="TALK"><title>What do roots do?</title></item>
            <item identifier="I8" identifierref="TASK"><title>Grow a bean</title></item>
            <item identifier="I9" identifierref="TOOL"><title>Lab simulator</title></item></item>`,
        resources: `
          <resource identifier="PAGE" type="webcontent" href="pages/roots.html">
            <metadata><lom:lom><lom:educational><lom:typicalAgeRange><lom:string>9-10</lom:string></lom:typicalAgeRange>
              <lom:typicalLearningTime><lom:duration>PT45M</lom:duration></lom:typicalLearningTime></lom:educational></lom:lom>
              <csm:curriculumStandardsMetadataSet><csm:curriculumStandardsMetadata providerId="CASE"><csm:setOfGUIDs>
                <csm:labelledGUID><csm:label>nowhere</csm:label><csm:GUID>${guid}</csm:GUID></csm:labelledGUID>
                <csm:labelledGUID><csm:label>TS.MATH.4.NF.1</csm:label><csm:GUID>00000000-0000-4000-8000-000000000000</csm:GUID></csm:labelledGUID>
              </csm:setOfGUIDs></csm:curriculumStandardsMetadata></csm:curriculumStandardsMetadataSet></metadata>
            <file href="pages/roots.html"/></resource>
          <resource identifier="SHEET" type="webcontent" href="web_resources/root%20sheet.pdf"><file href="web_resources/root%20sheet.pdf"/></resource>
          <resource identifier="ALONE" type="webcontent" href="web_resources/more_about-beans.txt"><file href="web_resources/more_about-beans.txt"/></resource>
          <resource identifier="PIC" type="webcontent" href="web_resources/logo.png"><file href="web_resources/logo.png"/></resource>
          <resource identifier="FLASH" type="webcontent" href="web_resources/old.swf"><file href="web_resources/old.swf"/></resource>
          <resource identifier="GONE" type="webcontent" href="web_resources/gone.pdf"><file href="web_resources/gone.pdf"/></resource>
          <resource identifier="LINK" type="imswl_xmlv1p3"><file href="link.xml"/></resource>
          <resource identifier="TALK" type="imsdt_xmlv1p3"><file href="talk.xml"/></resource>
          <resource identifier="TASK" type="assignment_xmlv1p0" href="task/assignment.xml"><file href="task/assignment.xml"/></resource>
          <resource identifier="TASK_fallback" type="webcontent"><cpx:variant identifier="V" identifierref="TASK"/><file href="task/task.html"/></resource>
          <resource identifier="QUIZ" type="imsqti_xmlv1p2/imscc_xmlv1p3/assessment"><file href="quiz.xml"/></resource>
          <resource identifier="QUIZ2" type="imsqti_xmlv1p2/imscc_xmlv1p3/assessment"><file href="quiz.xml"/></resource>
          <resource identifier="BANK" type="imsqti_xmlv1p2/imscc_xmlv1p3/question-bank"><file href="bank.xml"/></resource>
          <resource identifier="TOOL" type="imsbasiclti_xmlv1p0"><file href="tool.xml"/></resource>
          <resource identifier="DRAFT" type="webcontent" href="pages/draft.html"><file href="pages/draft.html"/></resource>
          <resource identifier="SETTINGS" type="associatedcontent/imscc_xmlv1p1/learning-application-resource" href="course_settings/canvas_export.txt"><file href="course_settings/canvas_export.txt"/></resource>`,
      }),
      {
        'pages/roots.html': page(
          '<h1>Roots</h1><script>alert(1)</script><p>They &amp; the <a href="https://plants.example/roots">soil</a> *hold* on.</p><ul><li>drink<li>hold</ul><img alt="A root" src="%24IMS-CC-FILEBASE%24/root%20sheet.pdf?canvas_download=1">',
          '<title>Roots page</title>',
        ),
        'pages/draft.html': page(
          '<p>Secret</p>',
          '<title>Draft</title><meta name="workflow_state" content="unpublished"/>',
        ),
        'web_resources/root sheet.pdf': await samplePdf(['Roots']),
        'web_resources/more_about-beans.txt': 'Beans.',
        'web_resources/logo.png': Buffer.from('89504e470d0a1a0a', 'hex'),
        'web_resources/old.swf': 'FWS',
        'link.xml':
          '<webLink xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3"><title>Film</title><url href="https://films.example/roots?a=1&amp;b=2"/></webLink>',
        'talk.xml':
          '<topic><title>Talk</title><text texttype="text/html">&lt;p&gt;Say what &lt;b&gt;you&lt;/b&gt; think.&lt;/p&gt;</text><attachments><attachment href="web_resources/more_about-beans.txt"/></attachments></topic>',
        'task/assignment.xml':
          '<assignment><title>Task</title><text texttype="text/plain">Grow it for a week.</text></assignment>',
        'task/task.html': page('The same again'),
        'quiz.xml': '<questestinterop/>',
        'bank.xml': '<questestinterop><objectbank title="Beans and roots"/></questestinterop>',
      },
    );
    const run = await bring('course', content);
    expect(run).toMatchObject({ state: 'done', counts: { new: 4, rejected: 0, gaps: 0, skipped: 8 } });
    const rows = await shelf('course');
    expect(rows.get('PAGE')).toMatchObject({
      title: 'Roots',
      url: null,
      description:
        '# Roots\n\nThey & the [soil](https://plants.example/roots) \\*hold\\* on.\n\n- drink\n- hold\n\nA root',
      full_text: 'Roots\nThey & the soil *hold* on.\ndrink\nhold\nA root',
      license: 'CC-BY-4.0',
      language: 'es',
      minutes: 45,
      visibility: 'public',
      keywords: ['Unit 1', 'Grade 4 science', 'plants'],
      grades: ['4'],
      files: ['root sheet.pdf'],
      standards: ['TS.MATH.3.NF.1', 'TS.MATH.4.NF.1'],
    });
    expect(rows.get('LINK')).toMatchObject({
      title: 'A film of roots',
      url: 'https://films.example/roots?a=1&b=2',
    });
    expect(rows.get('TALK')).toMatchObject({
      title: 'What do roots do?',
      full_text: 'Say what you think.',
      files: ['more_about-beans.txt'],
    });
    expect(rows.get('TASK')).toMatchObject({ title: 'Grow a bean', full_text: 'Grow it for a week.' });
    expect((await notTaken(run)).toSorted()).toEqual(
      [
        'assessment Unit 1: Quiz',
        'assessment Unit 2: Quiz',
        'kind web_resources/old.swf',
        'noFile web_resources/gone.pdf',
        'picture web_resources/logo.png',
        'questionBank Beans and roots',
        'tool Lab simulator',
        'unpublished Draft',
      ].toSorted(),
    );

    expect((await bring('course', content)).counts).toMatchObject({
      new: 0,
      changed: 0,
      unchanged: 4,
      skipped: 8,
    });
  });

  it('may be thin: nothing but links, in any version, in the manifest or beside it', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0']) {
      const type = `imswl_xmlv1p${version[2]}`;
      const run = await bring(
        `thin-${version}`,
        cartridge(
          manifest({
            thin: true,
            version,
            items:
              '<item identifier="a" identifierref="R1"><title>One</title></item><item identifier="b" identifierref="R2"><title>Two</title></item>',
            resources: `<resource identifier="R1" type="${type}"><file href="R1.xml"/></resource>
              <resource identifier="R2" type="${type}"><webLink><title>Two</title><url href="https://b.example/2"/></webLink></resource>`,
          }),
          { 'R1.xml': '<webLink><title>One</title><url href="https://a.example/1"/></webLink>' },
        ),
        { name: 'thin.zip' },
      );
      expect(run, version).toMatchObject({ state: 'done', counts: { new: 2, skipped: 0 } });
      expect([...(await shelf(`thin-${version}`)).values()].map(({ url }) => url)).toEqual([
        'https://a.example/1',
        'https://b.example/2',
      ]);
    }
  });

  it('is looked at in a dry run without leaving anything behind', async () => {
    const content = cartridge(
      manifest({
        resources:
          '<resource identifier="DRY" type="webcontent" href="dry.txt"><file href="dry.txt"/></resource>',
      }),
      { 'dry.txt': 'Only looked at, in a package' },
    );
    expect((await bring('dry', content, { dryRun: true })).counts).toMatchObject({ new: 1, gaps: 0 });
    const { rows } = await pool.query(`SELECT 1 FROM district_content WHERE name = 'dry.txt'`);
    expect(rows).toEqual([]);
  });

  it('never reads a file of the machine, whatever its manifest defines or names', async () => {
    const content = cartridge(
      `<?xml version="1.0"?><!DOCTYPE manifest [<!ENTITY passwd SYSTEM "file:///etc/passwd"><!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` +
        manifest({
          title: '&passwd;&b;',
          items: '<item identifier="i" identifierref="R"><title>A &passwd; &b; page</title></item>',
          resources:
            '<resource identifier="R" type="webcontent" href="notes.txt"><file href="notes.txt"/><file href="../../../../etc/passwd"/><file href="/etc/passwd"/></resource>',
        }).replace(/^<\?xml[^>]*>/, ''),
      { 'notes.txt': 'Plain' },
    );
    await bring('xxe', content);
    const [row] = (await shelf('xxe')).values();
    expect(row).toMatchObject({ files: ['notes.txt'] });
    expect(JSON.stringify(row)).not.toMatch(/root:|xxxxx/);
  });

  it('is refused in words where the zip is hostile or cut, or its manifest breaks off', async () => {
    const whole = cartridge(
      manifest({ resources: '<resource identifier="R" type="webcontent" href="a.txt"/>' }),
      { 'a.txt': 'a' },
    );
    const xml = manifest({ resources: '' });
    const refused = async (content: Buffer) => {
      const run = await bring('hostile', content);
      return `${run.state} ${run.reason?.key}`;
    };
    const zip = (...more: Parameters<typeof rawZip>[0]) =>
      rawZip([{ name: 'imsmanifest.xml', content: xml }, ...more]);
    expect(await refused(whole.subarray(0, whole.length - 40))).toBe('failed import.file.zip.damaged');
    expect(await refused(zip({ name: '../evil.txt', content: 'x' }))).toBe(
      'failed import.file.zip.unsafe-path',
    );
    expect(await refused(zip({ name: 'link', content: '/etc/passwd', mode: 0o120777 }))).toBe(
      'failed import.file.zip.symlink',
    );
    expect(await refused(zip({ name: 'locked.txt', content: 'x', encrypted: true }))).toBe(
      'failed import.file.zip.encrypted',
    );
    expect(await refused(zip({ name: 'b', content: 'x', sameAs: 0 }))).toBe('failed import.file.zip.overlap');
    expect(await refused(zip({ name: 'bomb.txt', content: 'x', claimedSize: 3_000_000_000 }))).toBe(
      'failed import.file.zip.bomb',
    );
    expect(await refused(cartridge(xml.slice(0, -30)))).toBe('failed import.file.noManifest');
    expect(await refused(cartridge('not XML'))).toBe('failed import.file.noManifest');
    const lying = await bring(
      'lying',
      cartridge(
        manifest({
          resources:
            '<resource identifier="P" type="webcontent" href="p.html"/><resource identifier="T" type="webcontent" href="t.txt"/>',
        }),
        {},
        [
          { name: 'p.html', content: 'x'.repeat(5000), claimedSize: 3 },
          { name: 't.txt', content: 'y'.repeat(5000), claimedSize: 3 },
        ],
      ),
    );
    expect(lying.counts).toMatchObject({ new: 0, rejected: 2 });
    expect((await importRows(deps, lying)).map(({ faults }) => faults?.[0]?.key)).toEqual([
      'import.fault.packed',
      'import.gap.fileDamaged',
    ]);
  });
});

describe('a part of a course that is for those who teach', () => {
  it('keeps its files to educators', async () => {
    const role = (value: string) =>
      `<metadata><lom:lom><lom:educational><lom:intendedEndUserRole><lom:value>${value}</lom:value></lom:intendedEndUserRole></lom:educational></lom:lom></metadata>`;
    const content = cartridge(
      manifest({
        resources: `<resource identifier="KEY" type="webcontent" href="key.txt">${role('Instructor')}<file href="key.txt"/></resource>
          <resource identifier="SHEET" type="webcontent" href="sheet.txt">${role('Learner')}<file href="sheet.txt"/></resource>`,
      }),
      { 'key.txt': 'Four', 'sheet.txt': 'Two and two?' },
    );
    expect((await bring('roles', content)).counts).toMatchObject({ new: 2 });
    const { rows } = await pool.query(
      `SELECT r.external_id AS id, vf.educators_only AS only FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id
       WHERE r.source = 'roles' ORDER BY r.id`,
    );
    expect(rows).toEqual([
      { id: 'KEY', only: true },
      { id: 'SHEET', only: false },
    ]);
  });
});

describe('a zip of rows with their files', () => {
  it('is read like a row file, with its files from beside it and from nowhere else', async () => {
    for (const base of ['', 'catalog/']) {
      const source = `zip${base.length}`;
      const content = rawZip([
        {
          name: `${base}rows.csv`,
          content: 'external_id,title,files\n1,One,sheets/one.txt\n2,Two,../one.txt\n3,Three,none.txt\n',
        },
        { name: `${base}sheets/one.txt`, content: `One ${base}` },
        { name: `${base}sheets/other.csv`, content: 'a,b\n' },
        { name: '__MACOSX/rows.csv', content: '' },
        ...(base === '' ? [] : [{ name: 'one.txt', content: 'outside' }]),
      ]);
      const run = await bring(source, content, { name: 'rows.zip' });
      expect(run.counts).toMatchObject({ new: 1, rejected: 2 });
      expect((await shelf(source)).get('1')).toMatchObject({ files: ['one.txt'] });
    }
    const many = rawZip([
      { name: 'a.csv', content: 'x' },
      { name: 'b.csv', content: 'x' },
    ]);
    expect((await bring('zip', many, { name: 'rows.zip' })).reason).toMatchObject({
      key: 'import.file.zip.noRows',
    });
  });
});

describe('real course exports', () => {
  const packages = sharedData('packages');
  const real = async (name: string) => bring(name, await readFile(join(packages!, name)));

  it.skipIf(!packages)('come in whole, and again without any change', async () => {
    const ally = await real('allyworkshop.imscc');
    expect(ally).toMatchObject({ state: 'done', counts: { rejected: 0, gaps: 0 } });
    expect(ally.counts.new).toBeGreaterThan(15);
    const rows = [...(await shelf('allyworkshop.imscc')).values()];
    expect(rows.find(({ title }) => title === 'Accessibility FAQ')).toMatchObject({
      license: 'CC-BY-SA-4.0',
      keywords: ['Part 1: Overview: Accessibility and ALLY', 'Ally: Accessibility Workshop'],
      full_text: expect.stringContaining('accommodations') as string,
    });
    expect(rows.find(({ title }) => title === 'Accessibility in your life')).toMatchObject({
      full_text: expect.stringMatching(/^Please share the role/) as string,
    });
    expect((await real('allyworkshop.imscc')).counts).toMatchObject({
      new: 0,
      changed: 0,
      unchanged: ally.counts.new,
    });

    expect(rows.find(({ title }) => title === 'Accessibility Resources')).toMatchObject({ url: null });
    const test = await real('commonsyllabi-test_01.imscc');
    expect(test).toMatchObject({ state: 'done', counts: { rejected: 0 } });
    const skipped = await notTaken(test);
    expect(skipped.filter((text) => text.startsWith('assessment'))).toHaveLength(17);
    expect(skipped).toContain('assessment Multiple Attempt Quiz');
    expect([...(await shelf('commonsyllabi-test_01.imscc')).values()].map(({ url }) => url)).toContain(
      'http://www.google.com/',
    );

    expect((await real('canvas_cc_gem_course.imscc')).counts).toMatchObject({ rejected: 0, new: 3 });
    expect((await real('single-page.imscc')).counts).toMatchObject({ rejected: 0, new: 0, skipped: 1 });
  });
});
