import { beforeAll, describe, expect, it } from 'vitest';
import { apiFacts } from '../../server/exchange/resource-api-queries.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator, type Viewer } from '../../server/lib/viewer.ts';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { adaptResource } from '../../server/resources/adapt-service.ts';
import {
  createDraft,
  discardDraft,
  DraftConflict,
  openNextVersion,
  saveDraft,
  type DraftFields,
} from '../../server/resources/draft-service.ts';
import { draftOf } from '../../server/resources/draft-queries.ts';
import { publishDraft, restoreResource, withdrawResource } from '../../server/resources/publish-service.ts';
import { resourceCards, versionCard } from '../../server/resources/resource-card-queries.ts';
import { resourceDetails } from '../../server/resources/resource-page-queries.ts';
import { setSaved, setUsed } from '../../server/resources/reuse-service.ts';
import { differencesInWords } from '../../server/resources/version-difference-view.ts';
import { voicesOf } from '../../server/resources/voices/voice-queries.ts';
import { catalogId, catalogViewers, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const { pool } = await testDatabase();
const deps = { pool, clock: systemClock };
const { northElementary: nora, northHigh: hugo, southMiddle: sara, stateCurator: carla } = catalogViewers;
let catalog: Catalog;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
});

function educator(viewer: Viewer) {
  if (!isEducator(viewer)) throw new Error('not signed in');
  return viewer;
}
const level = (slug: string) => catalogId('level', slug);
const complete = (): DraftFields => ({
  title: 'Fraction kites',
  summary: 'Fold, compare, fly.',
  url: 'https://example.org/kites',
  type: 'lesson',
  license: 'CC-BY-4.0',
  visibility: 'public',
  subjects: ['math'],
  grades: ['4', '3'],
  keywords: ['kite'],
  alignments: [
    { guid: catalog.guid('TS.MATH.4.NF.2'), levelId: level('developing'), relation: 'teaches' },
    { guid: catalog.guid('TS.MATH.4.NF.1'), levelId: null, relation: 'teaches' },
  ],
});
async function draftBy(viewer: Viewer, fields: DraftFields = complete()) {
  return createDraft(deps, educator(viewer), { fields }, noOrigin);
}
async function revisionOf(id: string) {
  const { rows } = await pool.query<{ revision: number }>(
    'SELECT revision FROM version WHERE resource_id = $1 AND number IS NULL',
    [id],
  );
  return rows[0]?.revision ?? 0;
}
async function publish(viewer: Viewer, id: string, note = '') {
  return publishDraft(deps, viewer, { resourceId: id, revision: await revisionOf(id), note }, noOrigin);
}
const card = async (viewer: Viewer, id: string) => (await resourceCards(pool, viewer, [id])).get(id);
const waiting = async (id: string) =>
  (await pool.query('SELECT 1 FROM search_dirty WHERE resource_id = $1', [id])).rowCount;

describe('a teacher who shares', () => {
  it('finds her resource on the shelf as claimed, with grades in order, and search is told', async () => {
    const id = await draftBy(nora);
    expect(await card(sara, id)).toBeUndefined();
    expect(await publish(nora, id)).toEqual({ state: 'published', number: 1 });
    const shown = await card(sara, id);
    expect(shown?.title).toBe('Fraction kites');
    expect(shown?.grades).toEqual(['3', '4']);
    expect(shown?.standards.map((tab) => tab.code)).toEqual(['TS.MATH.4.NF.1', 'TS.MATH.4.NF.2']);
    expect(shown?.levels.map((one) => one.slug)).toEqual(['developing']);
    expect(shown?.check.status).toBe('claimed');
    expect(await waiting(id)).toBeGreaterThan(0);
  });

  it('is told everything that is missing, at once, and nothing is published', async () => {
    const id = await draftBy(nora, { license: null });
    await expect(publish(nora, id)).rejects.toMatchObject({
      status: 422,
      faults: [
        { field: 'title' },
        { field: 'files' },
        { field: 'type' },
        { field: 'subject' },
        { field: 'grade' },
        { field: 'license' },
      ],
    });
    expect(await card(nora, id)).toBeUndefined();
  });

  it('publishes once however often she presses', async () => {
    const id = await draftBy(nora);
    const revision = await revisionOf(id);
    const press = () => publishDraft(deps, nora, { resourceId: id, revision, note: '' }, noOrigin);
    const outcomes = await Promise.all([press(), press(), press()]);
    expect(outcomes.every((outcome) => outcome.number === 1)).toBe(true);
    const { rows } = await pool.query('SELECT number FROM version WHERE resource_id = $1', [id]);
    expect(rows).toEqual([{ number: 1 }]);
  });

  it('loses nothing when two tabs save: the second is told of the conflict', async () => {
    const id = await draftBy(nora);
    const revision = await revisionOf(id);
    const first = await saveDraft(deps, nora, {
      resourceId: id,
      revision,
      fields: { title: 'From the first tab' },
    });
    expect(first.revision).toBe(revision + 1);
    await expect(
      saveDraft(deps, nora, { resourceId: id, revision, fields: { title: 'From the second tab' } }),
    ).rejects.toBeInstanceOf(DraftConflict);
    expect((await versionCard(pool, nora, id, null))?.title).toBe('From the first tab');
  });

  it('starts the next resource with the license of the last one', async () => {
    await publish(nora, await draftBy(nora, { ...complete(), license: 'CC0-1.0', language: 'es' }));
    const next = await draftBy(nora, { title: 'Next' });
    const { rows } = await pool.query('SELECT license, language FROM version WHERE resource_id = $1', [next]);
    expect(rows).toEqual([{ license: 'CC0-1.0', language: 'es' }]);
  });

  it('may not share for a school where she does not work', async () => {
    await expect(
      createDraft(
        deps,
        educator(nora),
        { organizationId: catalogId('organization', 'south-middle') },
        noOrigin,
      ),
    ).rejects.toMatchObject({ status: 403 });
  });

  it('keeps her draft to herself', async () => {
    const id = await draftBy(nora);
    for (const other of [sara, hugo, carla])
      await expect(
        saveDraft(deps, other, { resourceId: id, revision: 1, fields: { title: 'x' } }),
      ).rejects.toMatchObject({
        status: 404,
      });
  });

  it('throws a draft away and nothing of it stays', async () => {
    const id = await draftBy(nora);
    await discardDraft(deps, nora, id, noOrigin);
    expect((await pool.query('SELECT 1 FROM resource WHERE id = $1', [id])).rowCount).toBe(0);
  });
});

describe('the next version', () => {
  it('keeps the old one as it was and the checks of claims that stayed', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await pool.query(
      `UPDATE alignment SET check_state = 'checked', fit = 'full', checked_version = 1 WHERE resource_id = $1 AND standard_guid = $2`,
      [id, catalog.guid('TS.MATH.4.NF.2')],
    );
    await openNextVersion(deps, educator(nora), id, noOrigin);
    await saveDraft(deps, nora, {
      resourceId: id,
      revision: await revisionOf(id),
      fields: {
        title: 'Fraction kites, second flight',
        alignments: [
          { guid: catalog.guid('TS.MATH.4.NF.2'), levelId: level('developing'), relation: 'teaches' },
          { guid: catalog.guid('TS.MATH.3.NF.2'), levelId: level('emerging'), relation: 'teaches' },
        ],
      },
    });
    expect((await card(sara, id))?.title).toBe('Fraction kites');
    expect(await publish(nora, id, 'A windier day')).toEqual({ state: 'published', number: 2 });
    const now = await resourceDetails(pool, sara, id, 2);
    expect(now?.alignments.map((row) => [row.code, row.check_state])).toEqual([
      ['TS.MATH.3.NF.2', 'claimed'],
      ['TS.MATH.4.NF.2', 'checked'],
    ]);
    expect(now?.versions.map((row) => [row.number, row.change_note])).toEqual([
      [2, 'A windier day'],
      [1, ''],
    ]);
    const before = await resourceDetails(pool, sara, id, 1);
    expect(before?.alignments.map((row) => row.code).sort()).toEqual(['TS.MATH.4.NF.1', 'TS.MATH.4.NF.2']);
    expect((await versionCard(pool, sara, id, 1))?.title).toBe('Fraction kites');
  });

  it('names standards in their own order and levels lowest first, however they were picked', async () => {
    const id = await draftBy(nora);
    const claim = (code: string, name: string) => ({
      guid: catalog.guid(code),
      levelId: level(name),
      relation: 'teaches' as const,
    });
    await saveDraft(deps, nora, {
      resourceId: id,
      revision: await revisionOf(id),
      fields: {
        alignments: [
          claim('TS.MATH.4.NF.2', 'developing'),
          claim('TS.MATH.4.NF.2', 'emerging'),
          claim('TS.MATH.3.NF.2', 'developing'),
        ],
      },
    });
    const inOrder = [
      ['TS.MATH.3.NF.2', 'developing'],
      ['TS.MATH.4.NF.2', 'emerging'],
      ['TS.MATH.4.NF.2', 'developing'],
    ];
    expect((await draftOf(pool, nora, id))?.alignments.map((row) => [row.code, row.level])).toEqual(inOrder);
    await publish(nora, id);
    const shown = await resourceDetails(pool, sara, id, 1);
    expect(shown?.alignments.map((row) => [row.code, row.level?.slug])).toEqual(inOrder);
    const facts = await apiFacts(pool, [id]);
    expect(facts.get(id)?.alignments.map((row) => [row.code, row.level])).toEqual(inOrder);
  });

  it('says itself what changed where its author did not, three things at most', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await openNextVersion(deps, educator(nora), id, noOrigin);
    await saveDraft(deps, nora, {
      resourceId: id,
      revision: await revisionOf(id),
      fields: {
        title: 'Fraction kites, second flight',
        summary: 'Windier',
        license: 'CC0-1.0',
        alignments: [
          { guid: catalog.guid('TS.MATH.4.NF.2'), levelId: level('emerging'), relation: 'teaches' },
          { guid: catalog.guid('TS.MATH.3.NF.2'), levelId: level('emerging'), relation: 'teaches' },
        ],
      },
    });
    await publish(nora, id);
    const changed = (await resourceDetails(pool, sara, id, 2))?.versions.map((row) => row.changed);
    expect(changed?.[1]).toBeNull();
    const words = { t: translator('en'), fmt: formats('en', translator('en')) };
    expect(differencesInWords(changed?.[0] ?? [], words)).toBe(
      'Standard TS.MATH.3.NF.2 added, standard TS.MATH.4.NF.1 removed, level for TS.MATH.4.NF.2 changed, and 3 more',
    );
    expect(differencesInWords([], words)).toBe('Nothing that is listed here.');
  });

  it('asks for a new check of a resource that was checked where its content is another', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await pool.query("UPDATE resource SET check_state = 'checked' WHERE id = $1", [id]);
    await pool.query("UPDATE alignment SET check_state = 'checked', fit = 'full' WHERE resource_id = $1", [
      id,
    ]);
    const nextVersion = async (fields: Parameters<typeof saveDraft>[2]['fields']) => {
      await openNextVersion(deps, educator(nora), id, noOrigin);
      await saveDraft(deps, nora, { resourceId: id, revision: await revisionOf(id), fields });
      await publish(nora, id);
      const { rows } = await pool.query<{ checks: string[]; waits: boolean }>(
        `SELECT ARRAY(SELECT DISTINCT check_state FROM alignment WHERE resource_id = $1 AND to_version IS NULL) AS checks,
           EXISTS (SELECT 1 FROM check_wait WHERE resource_id = $1 AND 'new_version' = ANY (whys)) AS waits`,
        [id],
      );
      return { status: (await card(sara, id))?.check.status, ...rows[0] };
    };
    await pool.query('DELETE FROM check_wait WHERE resource_id = $1', [id]);
    expect(await nextVersion({ title: 'Kites again', minutes: 30 })).toEqual({
      status: 'checked',
      checks: ['checked'],
      waits: false,
    });
    expect(await nextVersion({ description: 'Fold it the other way.' })).toEqual({
      status: 'claimed',
      checks: ['claimed'],
      waits: true,
    });
  });

  it('is the same draft however often it is opened', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await Promise.all([1, 2, 3].map(() => openNextVersion(deps, educator(nora), id, noOrigin)));
    const { rowCount } = await pool.query('SELECT 1 FROM version WHERE resource_id = $1 AND number IS NULL', [
      id,
    ]);
    expect(rowCount).toBe(1);
  });
});

describe('where the state checks first', () => {
  it('waits as submitted until a curator puts it on the shelf', async () => {
    await pool.query("UPDATE organization SET publish_mode = 'check_first' WHERE slug = 'north-high'");
    const id = await draftBy(hugo);
    expect(await publish(hugo, id)).toEqual({ state: 'submitted', number: 1 });
    expect(await card(hugo, id)).toBeUndefined();
    await expect(publish(sara, id)).rejects.toMatchObject({ status: 404 });
    expect(await publish(carla, id)).toEqual({ state: 'published', number: 1 });
    expect(await card(sara, id)).toBeDefined();
    const { rows } = await pool.query<{ claimed_by: string }>(
      'SELECT claimed_by FROM alignment WHERE resource_id = $1',
      [id],
    );
    expect(new Set(rows.map((row) => row.claimed_by))).toEqual(new Set([hugo.id]));
  });
});

describe('taking off the shelf', () => {
  it('hides it from every list and brings it back as it was', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await withdrawResource(deps, nora, { resourceId: id, reason: 'An error on page 2' }, noOrigin);
    expect(await card(nora, id)).toBeUndefined();
    await restoreResource(deps, nora, id, noOrigin);
    expect((await card(sara, id))?.title).toBe('Fraction kites');
  });

  it('is for its authors and for staff: a colleague is refused, an outsider of a hidden one finds nothing', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await expect(
      withdrawResource(deps, sara, { resourceId: id, reason: '' }, noOrigin),
    ).rejects.toMatchObject({ status: 403 });
    const hidden = await draftBy(nora, { ...complete(), visibility: 'school' });
    await publish(nora, hidden);
    await expect(
      withdrawResource(deps, sara, { resourceId: hidden, reason: '' }, noOrigin),
    ).rejects.toMatchObject({ status: 404 });
    await withdrawResource(deps, carla, { resourceId: hidden, reason: '' }, noOrigin);
  });

  it('comes back after a takedown only by staff', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await withdrawResource(deps, nora, { resourceId: id, reason: '' }, noOrigin);
    await pool.query('UPDATE resource SET takedown = true WHERE id = $1', [id]);
    await expect(restoreResource(deps, nora, id, noOrigin)).rejects.toMatchObject({ status: 409 });
  });
});

describe('adapting', () => {
  it('begins a draft of one’s own that remembers its source and names whom to credit', async () => {
    const source = await draftBy(nora);
    await publish(nora, source);
    const outcome = await adaptResource(deps, educator(sara), source, noOrigin);
    if (!('resourceId' in outcome)) throw new Error(outcome.refused);
    await publish(sara, outcome.resourceId, 'In Spanish');
    const copy = await resourceDetails(pool, sara, outcome.resourceId, 1);
    expect(copy?.from.map((row) => row.title)).toEqual(['Fraction kites']);
    expect(copy?.credit).toContain('Fraction kites');
    expect(copy?.alignments).toHaveLength(2);
    const original = await resourceDetails(pool, sara, source, 1);
    expect(original?.children.map((row) => row.id)).toEqual([outcome.resourceId]);
    expect((await card(sara, outcome.resourceId))?.organization.label).toBe('Harbor Middle School');
  });

  it('is refused in words where the license forbids changes or nobody knows it', async () => {
    const fixed = await draftBy(nora, { ...complete(), license: 'CC-BY-ND-4.0' });
    await publish(nora, fixed);
    expect(await adaptResource(deps, educator(sara), fixed, noOrigin)).toEqual({ refused: 'no-derivatives' });
    const unknown = await draftBy(nora, { ...complete(), license: 'unknown' });
    await publish(nora, unknown);
    expect(await adaptResource(deps, educator(sara), unknown, noOrigin)).toEqual({ refused: 'ask-first' });
  });

  it('of something hidden finds nothing, and a hidden source shows no title in the family', async () => {
    const source = await draftBy(nora, { ...complete(), title: 'Only for our school', visibility: 'school' });
    await publish(nora, source);
    await expect(adaptResource(deps, educator(sara), source, noOrigin)).rejects.toMatchObject({
      status: 404,
    });
    const outcome = await adaptResource(deps, educator(nora), source, noOrigin);
    if (!('resourceId' in outcome)) throw new Error(outcome.refused);
    await saveDraft(deps, nora, {
      resourceId: outcome.resourceId,
      revision: 1,
      fields: { visibility: 'public', title: 'For all' },
    });
    await publish(nora, outcome.resourceId);
    const seen = await resourceDetails(pool, sara, outcome.resourceId, 1);
    expect(seen?.from.map((row) => row.visible)).toEqual([false]);
    expect((await card(sara, outcome.resourceId))?.adaptedFrom).toBeNull();
  });
});

describe('saving and using', () => {
  it('counts a person once, and taking it back counts down', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await setUsed(deps, educator(sara), { resourceId: id, used: true, note: 'Worked well' }, noOrigin);
    await setUsed(deps, educator(sara), { resourceId: id, used: true, note: '' }, noOrigin);
    expect((await card(nora, id))?.used.people).toBe(1);
    expect((await voicesOf(pool, id, true)).voices.map(({ body }) => body)).toEqual(['Worked well']);
    await setUsed(deps, educator(sara), { resourceId: id, used: false, note: '' }, noOrigin);
    expect((await card(nora, id))?.used.people).toBe(0);
  });

  it('keeps what was saved on one’s own shelf only', async () => {
    const id = await draftBy(nora);
    await publish(nora, id);
    await setSaved(deps, educator(sara), { resourceId: id, saved: true });
    await setSaved(deps, educator(sara), { resourceId: id, saved: true });
    expect((await card(sara, id))?.saved).toBe(true);
    expect((await card(hugo, id))?.saved).toBe(false);
    await setSaved(deps, educator(sara), { resourceId: id, saved: false });
    expect((await card(sara, id))?.saved).toBe(false);
  });
});

it('every change leaves an audit row that the database refuses to change', async () => {
  const id = await draftBy(nora);
  await publish(nora, id);
  const { rows } = await pool.query<{ action: string }>(
    'SELECT action FROM audit_event WHERE object_id = $1 ORDER BY id',
    [id],
  );
  expect(rows.map((row) => row.action)).toEqual(['resource.begun', 'resource.published']);
  await expect(pool.query('DELETE FROM audit_event')).rejects.toThrow(/append-only/);
  await expect(pool.query("UPDATE audit_event SET action = 'x'")).rejects.toThrow(/append-only/);
  await expect(pool.query('TRUNCATE audit_event')).rejects.toThrow(/append-only/);
});
