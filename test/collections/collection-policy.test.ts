import { beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  collectionAudience,
  COLLECTION_VISIBILITIES,
  may,
  mayBeShownTo,
  mayClose,
  mayFeature,
  RELATIONS,
  relationTo,
  type Action,
  type CollectionFacts,
  type CollectionKind,
  type Relation,
} from '../../server/collections/collection-policy.ts';
import { reordered, type Move, type Placed } from '../../server/collections/item-order.ts';
import { audiencesOf, type Role, type Viewer } from '../../server/lib/viewer.ts';
import { catalogId, catalogViewers, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const { pool } = await testDatabase();
beforeAll(() => seedCatalog(pool));

const { northElementary: nora, northHigh: hugo, southMiddle: sara, stateCurator } = catalogViewers;
const north = catalogId('organization', 'north');
const state = catalogId('organization', 'state');
const districtStaff = (role: Role): Viewer => ({
  ...hugo,
  id: catalogId('person', 'hugo'),
  grants: [{ role, organizationId: north, kind: 'district', districtId: north }],
});
const stateStaffer = (role: Role): Viewer => ({
  ...stateCurator,
  grants: [{ role, organizationId: state, kind: 'state', districtId: null }],
});

const facts = (more: Partial<CollectionFacts> = {}): CollectionFacts => ({
  id: catalogId('collection', 'policy'),
  kind: 'list',
  visibility: 'private',
  ownerId: nora.id ?? '',
  organization: { id: catalogId('organization', 'north-elementary'), kind: 'school', districtId: north },
  editorIds: [],
  featured: false,
  deleted: false,
  ...more,
});

/** Who may do what, written down once more from the point of view of people. Columns: saved, by hand, by rule. */
const expected: Record<Action, Partial<Record<Relation, [boolean, boolean, boolean]>>> = {
  see: {
    owner: [true, true, true],
    editor: [false, true, true],
    keeper: [false, true, true],
    reader: [false, true, true],
    link: [false, true, true],
  },
  copy: {
    owner: [true, true, true],
    editor: [false, true, true],
    keeper: [false, true, true],
    reader: [false, true, true],
    link: [false, true, true],
  },
  arrange: { owner: [true, true, true], editor: [false, true, true], keeper: [false, true, true] },
  describe: { owner: [false, true, true], editor: [false, true, true], keeper: [false, true, true] },
  share: { owner: [false, true, true], keeper: [false, true, true] },
  invite: { owner: [false, true, true], keeper: [false, true, true] },
  leave: { editor: [false, true, true] },
  delete: { owner: [false, true, true], keeper: [false, true, true] },
};

describe('who may do what with a collection', () => {
  const kinds: CollectionKind[] = ['saved', 'list', 'rule'];

  it('is as the table says, in every cell, and nothing but taking back is left of a deleted one', () => {
    for (const action of ACTIONS)
      for (const relation of RELATIONS)
        for (const [index, kind] of kinds.entries())
          for (const visibility of COLLECTION_VISIBILITIES)
            for (const deleted of [false, true]) {
              const cell = expected[action][relation]?.[index] ?? false;
              expect(
                may(action, relation, facts({ kind, visibility, deleted })),
                `${relation} ${action} ${kind} ${visibility} ${deleted}`,
              ).toBe(cell && (!deleted || action === 'delete'));
            }
  });

  it('depends on who one is to it', () => {
    const came = { reader: true, link: true };
    const nothing = { reader: false, link: false };
    const editorIds = [hugo.id ?? ''];
    for (const visibility of COLLECTION_VISIBILITIES) {
      const one = facts({ visibility, editorIds });
      expect(relationTo(nora, one, nothing)).toBe('owner');
      expect(relationTo(nora, { ...one, deleted: true }, nothing)).toBe('owner');
      expect(relationTo(hugo, one, nothing)).toBe('editor');
      expect(relationTo(hugo, { ...one, deleted: true }, came)).toBe('stranger');
      expect(relationTo(sara, one, { reader: true, link: false })).toBe('reader');
      expect(relationTo(catalogViewers.public, one, { reader: false, link: true })).toBe(
        visibility === 'link' ? 'link' : 'stranger',
      );
      expect(relationTo(sara, one, nothing)).toBe('stranger');
      for (const role of ['curator', 'lead', 'admin', 'teacher', 'importer'] as const) {
        const ofState = facts({ visibility, organization: { id: state, kind: 'state', districtId: null } });
        const keeps = visibility === 'public' && ['curator', 'lead', 'admin'].includes(role);
        expect(relationTo(stateStaffer(role), ofState, nothing), `${role} ${visibility}`).toBe(
          keeps ? 'keeper' : 'stranger',
        );
        expect(relationTo(stateStaffer(role), one, nothing)).toBe('stranger');
        expect(relationTo(districtStaff(role), { ...ofState, editorIds: [] }, nothing)).toBe('stranger');
      }
    }
  });

  it('lets only staff of its place show it to everyone, and only staff of the state feature it', () => {
    const shown = (viewer: Viewer, one = facts()) => mayBeShownTo(viewer, one);
    expect(shown(nora)).toEqual(['private', 'link', 'school', 'district']);
    for (const role of ['curator', 'lead', 'admin'] as const) {
      expect(shown(districtStaff(role))).toContain('public');
      expect(shown(stateStaffer(role))).toContain('public');
    }
    for (const role of ['teacher', 'importer'] as const) {
      expect(shown(districtStaff(role))).not.toContain('public');
      expect(shown(stateStaffer(role))).not.toContain('public');
    }
    expect(
      shown(stateCurator, facts({ organization: { id: state, kind: 'state', districtId: null } })),
    ).toEqual(['private', 'link', 'public']);
    expect(
      shown(
        districtStaff('curator'),
        facts({ organization: { id: north, kind: 'district', districtId: north } }),
      ),
    ).toEqual(['private', 'link', 'district', 'public']);
    for (const visibility of COLLECTION_VISIBILITIES)
      for (const role of ['curator', 'lead', 'admin', 'teacher', 'importer'] as const) {
        const isStaff = ['curator', 'lead', 'admin'].includes(role);
        const one = facts({ visibility });
        expect(mayFeature(stateStaffer(role), one)).toBe(isStaff && visibility === 'public');
        expect(mayFeature(districtStaff(role), one)).toBe(false);
        const isShared = ['school', 'district', 'public'].includes(visibility);
        expect(mayClose(districtStaff(role), one)).toBe(isStaff && isShared);
        expect(mayClose(stateStaffer(role), one)).toBe(isStaff && isShared);
        expect(mayClose(nora, one)).toBe(false);
      }
  });

  it('is the same rule in the database, for every visibility', async () => {
    for (const kind of ['list', 'rule'] as const)
      for (const visibility of COLLECTION_VISIBILITIES)
        for (const at of ['north-elementary', 'north', 'state'])
          for (const deleted of [false, true]) {
            const organizationId = catalogId('organization', at);
            const { rows } = await pool.query<{ id: string }>(
              `INSERT INTO collection (owner_id, organization_id, kind, title, visibility, rule) VALUES ($1, $2, $3, 'x', $4, $5) RETURNING id`,
              [nora.id, organizationId, kind, visibility, kind === 'rule' ? '/search' : null],
            );
            const id = rows[0]!.id;
            await pool.query('INSERT INTO collection_editor (collection_id, person_id) VALUES ($1, $2)', [
              id,
              sara.id,
            ]);
            if (deleted) await pool.query('UPDATE collection SET deleted_at = now() WHERE id = $1', [id]);
            const { rows: kept } = await pool.query<{ audience: string[] }>(
              'SELECT audience FROM collection WHERE id = $1',
              [id],
            );
            const organization = {
              id: organizationId,
              kind: at === 'state' ? 'state' : at === 'north' ? 'district' : 'school',
              districtId: at === 'state' ? null : north,
            } as const;
            const one = facts({ kind, visibility, organization, editorIds: [sara.id ?? ''], deleted });
            expect(kept[0]?.audience.toSorted(), `${visibility} ${at}`).toEqual(
              collectionAudience(one).toSorted(),
            );
            const holds = (viewer: Viewer) =>
              audiencesOf(viewer).some((key) => kept[0]?.audience.includes(key));
            if (visibility === 'private' || visibility === 'link') expect(holds(stateCurator)).toBe(false);
            if (visibility !== 'public' || deleted) expect(holds(catalogViewers.public)).toBe(false);
          }
  });
});

describe('moving an item', () => {
  const items: Placed[] = [
    { resourceId: 'a', sectionId: null },
    { resourceId: 'b', sectionId: 's1' },
    { resourceId: 'c', sectionId: 's1' },
    { resourceId: 'd', sectionId: 's3' },
  ];
  const move = (id: string, how: Move, seen: string[] | null = null): string =>
    reordered(items, ['s1', 's2', 's3'], id, how, seen && new Set(seen))
      .map((item) => `${item.sectionId ?? '-'}:${item.resourceId}`)
      .join(' ');

  it.each([
    ['c', 'up', '-:a s1:c s1:b s3:d'],
    ['b', 'up', '-:a -:b s1:c s3:d'],
    ['b', 'down', '-:a s1:c s1:b s3:d'],
    ['c', 'down', '-:a s1:b s2:c s3:d'],
    ['d', 'up', '-:a s1:b s1:c s2:d'],
    ['a', 'up', '-:a s1:b s1:c s3:d'],
    ['d', 'down', '-:a s1:b s1:c s3:d'],
    ['c', 'first', '-:a s1:c s1:b s3:d'],
    ['b', 'last', '-:a s1:c s1:b s3:d'],
    ['a', { section: 's1', before: 'c' }, 's1:b s1:a s1:c s3:d'],
    ['a', { section: 's2', before: null }, 's1:b s1:c s2:a s3:d'],
    // What it should stand before, or in, has gone meanwhile.
    ['a', { section: 's1', before: 'x' }, 's1:b s1:c s1:a s3:d'],
    ['b', { section: 'x', before: null }, '-:a s1:c s1:b s3:d'],
    ['x', 'up', '-:a s1:b s1:c s3:d'],
  ] as [string, Move, string][])('%s %j', (id, how, after) => {
    expect(move(id, how)).toBe(after);
  });

  it('steps past what the mover can’t see', () => {
    expect(move('c', 'up', ['a', 'c', 'd'])).toBe('-:a -:c s1:b s3:d');
    expect(move('b', 'down', ['a', 'b', 'd'])).toBe('-:a s1:c s2:b s3:d');
  });
});
