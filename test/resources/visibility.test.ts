import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { audiencesOf, publicViewer, type Grant, type Role, type Viewer } from '../../server/lib/viewer.ts';
import { resourceCards } from '../../server/resources/resource-card-queries.ts';
import { loadResource } from '../../server/resources/resource-facts-queries.ts';
import { audienceOf, canSee, type Visibility } from '../../server/resources/resource-policy.ts';
import { catalogId, catalogViewers, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const { pool } = await testDatabase();
beforeAll(async () => {
  await seedCatalog(pool);
});

const organization = (slug: string) => catalogId('organization', slug);
const at = (slug: string, kind: Grant['kind'], district: string | null, role: Role): Viewer => ({
  ...catalogViewers.northElementary,
  id: catalogId('person', `${role}-${slug}`),
  organizationId: organization(slug),
  districtId: district === null ? null : organization(district),
  grants: [
    {
      role,
      organizationId: organization(slug),
      kind,
      districtId: district === null ? null : organization(district),
    },
  ],
});

/** Who looks, by name. */
const viewers: Record<string, Viewer> = {
  public: publicViewer,
  owner: catalogViewers.northElementary,
  'teacher of the same school': at('north-elementary', 'school', 'north', 'teacher'),
  'teacher of the same district': at('north-high', 'school', 'north', 'teacher'),
  'teacher elsewhere': at('south-middle', 'school', 'south', 'teacher'),
  'importer of the district': at('north', 'district', 'north', 'importer'),
  'curator of the district': at('north', 'district', 'north', 'curator'),
  'curator elsewhere': at('south', 'district', 'south', 'curator'),
  'state curator': at('state', 'state', null, 'curator'),
  'state administrator': at('state', 'state', null, 'admin'),
  'state office without a role for checking': at('state', 'state', null, 'teacher'),
};

const everyone = Object.keys(viewers);
const signedIn = everyone.filter((name) => name !== 'public');
const staff = ['curator of the district', 'state curator', 'state administrator'];

/** A published resource of North's elementary school, by visibility: who sees it. Read it as the policy. */
const expected: Record<Visibility, string[]> = {
  public: everyone,
  state: signedIn,
  district: [
    'owner',
    'teacher of the same school',
    'teacher of the same district',
    'importer of the district',
    ...staff,
  ],
  school: ['owner', 'teacher of the same school', ...staff],
};

async function publishedAs(visibility: Visibility, state = 'published'): Promise<string> {
  const id = catalogId('resource', 'tug-of-war');
  await pool.query(
    'UPDATE resource SET visibility = $2, state = $3, withdrawn_at = CASE $3 WHEN $4 THEN now() END WHERE id = $1',
    [id, visibility, state, 'withdrawn'],
  );
  return id;
}

describe.each(Object.keys(expected) as Visibility[])('a published resource for %s', (visibility) => {
  it.each(everyone)('is seen by the right people: %s', async (name) => {
    const id = await publishedAs(visibility);
    const viewer = viewers[name]!;
    const facts = await loadResource(pool, id);
    const sees = expected[visibility].includes(name);
    expect(canSee(viewer, facts!), 'by the policy').toBe(sees);
    expect((await resourceCards(pool, viewer, [id])).has(id), 'in a list').toBe(sees);
  });

  it('is seen by nobody once it is withdrawn', async () => {
    const id = await publishedAs(visibility, 'withdrawn');
    for (const viewer of Object.values(viewers))
      expect((await resourceCards(pool, viewer, [id])).size).toBe(0);
  });
});

it('the database and the policy write the same keys for every resource', async () => {
  const organizations = ['state', 'north', 'south', 'north-elementary', 'north-high', 'south-middle'];
  const people = ['nora', 'hugo', 'sara', 'carla'];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Visibility>('public', 'state', 'district', 'school'),
      fc.constantFrom(...organizations),
      fc.option(fc.constantFrom(...people)),
      fc.uniqueArray(fc.constantFrom(...people), { maxLength: 3 }),
      async (visibility, slug, owner, coAuthors) => {
        const { rows } = await pool.query<{ id: string }>(
          `INSERT INTO resource (organization_id, district_id, owner_id, visibility)
           SELECT id, district_id, $2, $3 FROM organization WHERE slug = $1 RETURNING id`,
          [slug, owner === null ? null : catalogId('person', owner), visibility],
        );
        const id = rows[0]!.id;
        for (const name of coAuthors)
          await pool.query('INSERT INTO co_author (resource_id, person_id) VALUES ($1, $2)', [
            id,
            catalogId('person', name),
          ]);
        const facts = await loadResource(pool, id);
        const { rows: kept } = await pool.query<{ audience: string[] }>(
          'SELECT audience FROM resource WHERE id = $1',
          [id],
        );
        expect(kept[0]!.audience.toSorted()).toEqual(audienceOf(facts!).toSorted());
      },
    ),
    { numRuns: 60 },
  );
});

it('nobody holds a key that their grants do not give', () => {
  expect(audiencesOf(publicViewer)).toEqual(['public']);
  for (const [name, viewer] of Object.entries(viewers))
    expect(audiencesOf(viewer).includes('staff:state'), name).toBe(
      ['state curator', 'state administrator'].includes(name),
    );
});
