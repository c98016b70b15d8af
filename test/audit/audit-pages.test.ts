import { parse } from 'csv-parse/sync';
import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../../server/audit/audit-service.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app } = await testApp(database);
type Browser = Awaited<ReturnType<typeof signedIn>>;
let state: Browser;
let district: Browser;
const north = catalogId('organization', 'north');
const nora = catalogId('person', 'nora');
const hugo = catalogId('person', 'hugo');

beforeAll(async () => {
  await seedCatalog(pool);
  await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin')`, [
    nora,
    north,
  ]);
  state = await signedIn(app, database, await makeCarlaAdministrator(pool));
  district = await signedIn(app, database, 'nora@test.example');
  for (const [organizationId, objectId] of [
    [north, 'mine'],
    [catalogId('organization', 'south'), 'theirs'],
  ])
    await audit(pool, {
      actorId: null,
      action: 'organization.renamed',
      objectType: 'organization',
      objectId: objectId ?? '',
      organizationId: organizationId ?? '',
      ip: '10.1.2.3',
      detail: { before: '=cmd|calc', after: ['a', 'b'] },
    });
});

const text = (html: string): string => load(html)('main').text().replaceAll(/\s+/g, ' ');
const rowsOf = (html: string) => load(html)('tbody tr').length;

describe('the log', () => {
  it('shows an administrator of the state who did what, narrowed as they like, and every line of it as CSV', async () => {
    const all = (await state.get('/admin/audit').expect(200)).text;
    expect(text(all)).toContain('Person signed in');
    expect(text(all)).toContain('Organization renamed');
    const renamed = (await state.get('/admin/audit?action=organization.renamed').expect(200)).text;
    expect(rowsOf(renamed)).toBe(2);
    expect(text(renamed)).toContain('10.1.2.3');
    expect(rowsOf((await state.get('/admin/audit?object=theirs')).text)).toBe(1);
    expect(rowsOf((await state.get('/admin/audit?who=nora@test')).text)).toBeGreaterThan(0);
    expect(rowsOf((await state.get('/admin/audit?to=2001-01-01')).text)).toBe(0);
    const csv = await state.get('/admin/audit.csv?action=organization.renamed').expect(200);
    const rows = parse(csv.text, { columns: true, bom: true }) as Record<string, string>[];
    expect(rows.map(({ object_id: object }) => object)).toEqual(['theirs', 'mine']);
    expect(JSON.parse(rows[0]?.['detail'] ?? '')).toEqual({ before: '=cmd|calc', after: ['a', 'b'] });
    expect(text((await state.get('/admin/audit?action=audit.exported')).text)).toContain('Audit exported');
  });

  it('goes on page by page, without a gap and without a line twice', async () => {
    await pool.query(
      `INSERT INTO audit_event (action, object_type, object_id) SELECT 'thing.done', 'thing', n::text FROM generate_series(1, 120) n`,
    );
    const seen: string[] = [];
    for (let url: string | undefined = '/admin/audit?action=thing.done'; url;) {
      const page = load((await state.get(url).expect(200)).text);
      seen.push(
        ...page('tbody tr td:nth-of-type(3) a')
          .toArray()
          .map((one) => page(one).text()),
      );
      url = page('.pager a[rel=next]').attr('href');
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => String(120 - n)));
    const csv = parse((await state.get('/admin/audit.csv?action=thing.done')).text, { bom: true, from: 2 });
    expect(csv).toHaveLength(120);
  });

  it('shows a district’s administrator what happened in the district and what its people did, nothing else', async () => {
    const page = load((await district.get('/admin/audit').expect(200)).text)('tbody').text();
    expect(page).toContain('mine');
    expect(page).not.toContain('theirs');
    expect(page).not.toContain('thing done');
    const { text: csv } = await district.get('/admin/audit.csv').expect(200);
    expect(csv).toContain('mine');
    expect(csv).not.toContain('theirs');
    await district.get('/admin/operation').expect(403);
  });

  it('shows of somebody who came from another district, or went to one, what they did while they were the district’s', async () => {
    const [sara, south] = [catalogId('person', 'sara'), catalogId('organization', 'south')];
    const did = (objectId: string) =>
      audit(pool, { actorId: sara, action: 'thing.done', objectType: 'thing', objectId });
    const { rows } = await pool.query<{ place: string }>(
      'SELECT organization_id AS place FROM person WHERE id = $1',
      [sara],
    );
    const worksAt = (place: string) =>
      pool.query('UPDATE person SET organization_id = $2 WHERE id = $1', [sara, place]);
    const seen = async () =>
      load((await district.get('/admin/audit?action=thing.done').expect(200)).text)(
        'tbody tr td:nth-of-type(3)',
      )
        .text()
        .match(/\w+-one/g);
    await worksAt(south);
    await did('south-one');
    await worksAt(north);
    await did('north-one');
    expect(await seen()).toEqual(['north-one']);
    await worksAt(rows[0]!.place);
    await did('late-one');
    expect(await seen()).toEqual(['north-one']);
  });

  it('says in words whose invitation, which file of which catalog and which list it was, to those whose it is', async () => {
    const south = catalogId('organization', 'south');
    const invite = async (email: string, place: string): Promise<string> => {
      const { rows } = await pool.query<{ id: string }>(
        `INSERT INTO invitation (email, organization_id, roles, expires_at) VALUES ($1, $2, '{teacher}', now()) RETURNING id`,
        [email, place],
      );
      const id = rows[0]!.id;
      const event = { actorId: nora, objectType: 'invitation', objectId: id, organizationId: place };
      await audit(pool, { ...event, action: 'invitation.made' });
      return id;
    };
    await invite('waits@new.example', north);
    await invite('theirs@new.example', south);
    const accepted = await invite('before@new.example', north);
    const withdrawn = await invite('gone@new.example', north);
    await audit(pool, {
      actorId: hugo,
      action: 'invitation.accepted',
      objectType: 'person',
      objectId: hugo,
      organizationId: north,
      detail: { invitation: accepted },
    });
    await pool.query('DELETE FROM invitation WHERE id = ANY ($1)', [[accepted, withdrawn]]);
    const invitations = async (browser: Browser) =>
      text((await browser.get('/admin/audit?action=invitation.made').expect(200)).text);
    for (const words of ['waits@new.example', 'hugo@test.example', withdrawn, `Id${accepted}`])
      expect(await invitations(district)).toContain(words);
    // An address that nobody accepted is gone with its invitation.
    expect(await invitations(state)).not.toContain('gone@new.example');
    expect(await invitations(state)).toContain('theirs@new.example');
    expect(await invitations(district)).not.toContain('theirs@new.example');

    const { rows: sources } = await pool.query<{ id: string }>(
      `INSERT INTO import_source (district_id, name) VALUES ($1, 'library') RETURNING id`,
      [north],
    );
    const { rows: runs } = await pool.query<{ id: string }>(
      `INSERT INTO import_run (source_id, door, input_sha256, input_name, input_size) VALUES ($1, 'command', repeat('a', 64), 'lessons.csv', 1) RETURNING id`,
      [sources[0]!.id],
    );
    const { rows: lists } = await pool.query<{ id: string }>(
      `INSERT INTO staff_file (organization_id, file_name, columns, rows, plan, digest, counts)
       VALUES ($1, 'teachers.csv', '{}', '[]', '{}', '', '{}') RETURNING id`,
      [north],
    );
    const about = { actorId: null, organizationId: north };
    await audit(pool, {
      ...about,
      action: 'import.begun',
      objectType: 'import_run',
      objectId: runs[0]!.id,
    });
    await audit(pool, {
      ...about,
      action: 'staff_list.applied',
      objectType: 'staff_list',
      objectId: lists[0]!.id,
    });
    const log = text((await district.get('/admin/audit').expect(200)).text);
    expect(log).toContain('library: lessons.csv');
    expect(log).toContain('teachers.csv');
    const csv = parse((await district.get('/admin/audit.csv?action=import.begun')).text, {
      columns: true,
      bom: true,
    }) as Record<string, string>[];
    expect(csv).toEqual([
      expect.objectContaining({ object: 'library: lessons.csv', object_id: runs[0]!.id }),
    ]);
  });

  it('can be changed by nobody, the database’s owner included', async () => {
    for (const sql of [
      'UPDATE audit_event SET action = $$x$$',
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
    ])
      await expect(pool.query(sql)).rejects.toThrow('append-only');
  });

  it('answers what nobody typed with a page', async () => {
    for (const query of [
      'before=x',
      'from=tomorrow',
      'who=%00',
      'outcome=perhaps',
      'action=a&action=b',
      `object=${'x'.repeat(5000)}`,
    ])
      expect([200, 400]).toContain((await state.get(`/admin/audit?${query}`)).status);
  });
});
