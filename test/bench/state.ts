import type { PoolClient } from 'pg';
import { pick } from './records/record.ts';

/** A state of a bench: 40 districts with schools and people beside the demo's own. */

const DISTRICTS = 40;
const TEACHERS_PER_SCHOOL = 5;

const places =
  'Alder,Aspen,Badger,Bear Creek,Cedar,Clearwater,Cottonwood,Crow River,Deer Park,Eagle,Elkhorn,Fairview,Fox Hollow,Granite,Grove,Hawthorn,Hickory,Iron Range,Juniper,Kettle,Lakeview,Larkspur,Maple,Meadow,Millbrook,Oakdale,Osprey,Otter Tail,Pine Bluff,Prairie,Quarry,Redwood,Ridge,River Bend,Sandhill,Spruce,Stillwater,Sumac,Thornton,Willow'.split(
    ',',
  );
const kinds = [
  ['Elementary', 'elementary'],
  ['Middle School', 'middle'],
  ['High School', 'high'],
  ['Academy', 'academy'],
  ['Primary School', 'primary'],
  ['Community School', 'community'],
] as const;
const first =
  'Ada,Ben,Cora,Dev,Elena,Farid,Grace,Hugo,Ines,Jonah,Kira,Liam,Mina,Noor,Oscar,Priya,Quinn,Rosa,Sam,Tara,Uma,Victor,Wen,Ximena,Yusuf,Zoe'.split(
    ',',
  );
const last =
  'Abbott,Baker,Castillo,Dahl,Edwards,Flores,Gupta,Hansen,Ito,Jensen,Khan,Larson,Moreno,Nguyen,Olsen,Park,Quist,Ramirez,Silva,Tran,Underwood,Vang,Weber,Xiong,Young,Zeller'.split(
    ',',
  );

/** Adds the districts, their schools and people (teachers, and a curator for each district) in three statements. */
export async function addDistricts(client: PoolClient): Promise<void> {
  const districts = places.slice(0, DISTRICTS).map((place) => ({
    slug: slugOf(place),
    name: `${place} School District`,
    schools: kinds
      .slice(0, 3 + pick([0, 1, 2, 3], place))
      .map(([kind, suffix]) => ({ slug: `${slugOf(place)}-${suffix}`, name: `${place} ${kind}` })),
  }));
  await client.query(
    `INSERT INTO organization (id, kind, parent_id, district_id, name, slug)
     SELECT n.id, 'district', s.id, n.id, n.name, n.slug
     FROM (SELECT uuidv7() AS id, * FROM unnest($1::text[], $2::text[]) AS g (slug, name)) n
       CROSS JOIN (SELECT id FROM organization WHERE kind = 'state') s`,
    [districts.map(({ slug }) => slug), districts.map(({ name }) => name)],
  );
  const schools = districts.flatMap((district) =>
    district.schools.map((school) => ({ ...school, district: district.slug })),
  );
  await client.query(
    `INSERT INTO organization (kind, parent_id, district_id, name, slug)
     SELECT 'school', d.id, d.id, g.name, g.slug
     FROM unnest($1::text[], $2::text[], $3::text[]) AS g (slug, name, district) JOIN organization d ON d.slug = g.district`,
    [
      schools.map(({ slug }) => slug),
      schools.map(({ name }) => name),
      schools.map(({ district }) => district),
    ],
  );
  const people = [
    ...schools.flatMap(({ slug }) =>
      Array.from({ length: TEACHERS_PER_SCHOOL }, (_, index) => ({
        at: slug,
        role: 'teacher',
        key: `${slug}-${index}`,
      })),
    ),
    ...districts.map(({ slug }) => ({ at: slug, role: 'curator', key: `${slug}-curator` })),
  ];
  await client.query(
    `WITH given AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS g (email, name, at, role)),
     made AS (INSERT INTO person (email, name, organization_id)
              SELECT g.email, g.name, o.id FROM given g JOIN organization o ON o.slug = g.at RETURNING id, email, organization_id)
     INSERT INTO role_grant (person_id, organization_id, role)
     SELECT m.id, m.organization_id, g.role FROM made m JOIN given g USING (email)`,
    [
      people.map(({ key }) => `${key}@bench.example`),
      people.map(({ key }) => `${pick(first, key, 'first')} ${pick(last, key, 'last')}`),
      people.map(({ at }) => at),
      people.map(({ role }) => role),
    ],
  );
}

const slugOf = (place: string): string => place.toLowerCase().replaceAll(' ', '-');
