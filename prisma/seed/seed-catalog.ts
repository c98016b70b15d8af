import type { PoolClient } from 'pg';
import type { CatalogEntry, CatalogFile } from './catalog.ts';
import { useNotes } from './use-notes.ts';

const day = 24 * 3600 * 1000;

type People = Map<string, { id: string; organizationId: string; districtId: string | null }>;

type World = {
  people: People;
  organizations: Map<string, { id: string; districtId: string | null }>;
  topics: Map<string, string>;
  levels: Map<string, string>;
  standards: Map<string, string>;
  stateId: string;
};

/**
 * Writes every resource of the catalog as it would be after its authors, curators and readers had used the portal:
 * versions, files, claims and checks, uses, daily counts. `contentOf` gives the SHA-256 of a file that is stored.
 * On the caller's transaction.
 * @returns the new ids by external id
 */
export async function seedCatalog(
  client: PoolClient,
  entries: CatalogEntry[],
  contentOf: (file: CatalogFile) => string,
  now: Date,
): Promise<Map<string, string>> {
  const world = await readWorld(client);
  const ids = new Map<string, string>();
  for (const entry of sourcesFirst(entries))
    ids.set(entry.external_id, await seedEntry(client, world, entry, ids, contentOf, now));
  await client.query('SELECT mark_dirty($1::uuid[])', [[...ids.values()]]);
  return ids;
}

/** What others were adapted from comes before them. */
function sourcesFirst(entries: CatalogEntry[]): CatalogEntry[] {
  const byId = new Map(entries.map((entry) => [entry.external_id, entry]));
  const ordered = new Set<CatalogEntry>();
  const add = (entry: CatalogEntry): void => {
    const source = entry.adapted_from === undefined ? undefined : byId.get(entry.adapted_from);
    if (source && !ordered.has(source)) add(source);
    ordered.add(entry);
  };
  entries.forEach(add);
  return [...ordered];
}

async function readWorld(client: PoolClient): Promise<World> {
  const pairs = async (sql: string) =>
    new Map(
      (await client.query<{ key: string; value: string }>(sql)).rows.map(({ key, value }) => [key, value]),
    );
  const { rows: people } = await client.query<{
    email: string;
    id: string;
    organization_id: string;
    district_id: string | null;
  }>(
    'SELECT p.email, p.id, p.organization_id, o.district_id FROM person p JOIN organization o ON o.id = p.organization_id ORDER BY p.email',
  );
  const { rows: organizations } = await client.query<{
    slug: string;
    id: string;
    district_id: string | null;
    kind: string;
  }>('SELECT slug, id, district_id, kind FROM organization');
  return {
    people: new Map(
      people.map((row) => [
        row.email,
        { id: row.id, organizationId: row.organization_id, districtId: row.district_id },
      ]),
    ),
    organizations: new Map(
      organizations.map((row) => [row.slug, { id: row.id, districtId: row.district_id }]),
    ),
    stateId: organizations.find((row) => row.kind === 'state')!.id,
    topics: await pairs('SELECT path AS key, id AS value FROM topic'),
    levels: await pairs('SELECT slug AS key, id AS value FROM competency_level'),
    standards: await pairs(
      'SELECT code AS key, guid AS value FROM standard WHERE code IS NOT NULL AND retired_at IS NULL',
    ),
  };
}

async function seedEntry(
  client: PoolClient,
  world: World,
  entry: CatalogEntry,
  ids: Map<string, string>,
  contentOf: (file: CatalogFile) => string,
  now: Date,
): Promise<string> {
  const owner = need(world.people.get(entry.owner), `person ${entry.owner}`);
  const home = need(world.organizations.get(entry.school), `school ${entry.school}`);
  const publishedAt = new Date(
    now.getTime() - entry.published_days_ago * day - (hash(entry.external_id) % day),
  );
  const check = checkOf(entry, world, home.districtId);
  const source =
    entry.adapted_from === undefined ? null : need(ids.get(entry.adapted_from), entry.adapted_from);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO resource (organization_id, district_id, owner_id, state, visibility, source, external_id, created_at, updated_at,
       first_published_at, published_at, check_state, checked_by, checked_for, checked_at, adapted_from_id, adapted_from_version, current_version_id)
     VALUES ($1, $2, $3, 'draft', $4, 'demo', $5, $6, $7, $6, $7, $8, $9, $10, $11, $12,
       (SELECT v.number FROM resource s JOIN version v ON v.id = s.current_version_id WHERE s.id = $12), NULL)
     RETURNING id`,
    [
      home.id,
      home.districtId,
      owner.id,
      entry.visibility,
      entry.external_id,
      new Date(publishedAt.getTime() - (entry.versions.length - 1) * 150 * day),
      publishedAt,
      check?.state ?? 'claimed',
      check?.by ?? null,
      check?.for ?? null,
      check ? new Date(Math.min(now.getTime(), publishedAt.getTime() + 6 * day)) : null,
      source,
    ],
  );
  const resourceId = rows[0]!.id;
  let versionId = '';
  for (const [index, version] of entry.versions.entries()) {
    const last = index === entry.versions.length - 1;
    const at = last
      ? publishedAt
      : new Date(publishedAt.getTime() - (entry.versions.length - 1 - index) * 150 * day);
    versionId = await seedVersion(client, world, entry, {
      resourceId,
      ownerId: owner.id,
      number: index + 1,
      note: index === 0 ? '' : version.note,
      at,
      source,
    });
    await seedFiles(client, {
      resourceId,
      versionId,
      ownerId: owner.id,
      files: version.files,
      contentOf,
      at,
    });
  }
  await client.query("UPDATE resource SET current_version_id = $2, state = 'published' WHERE id = $1", [
    resourceId,
    versionId,
  ]);
  await seedAlignments(client, world, entry, {
    resourceId,
    ownerId: owner.id,
    versions: entry.versions.length,
    publishedAt,
    now,
    districtId: home.districtId,
  });
  await seedReuse(client, world, entry, { resourceId, ownerId: owner.id, publishedAt, now });
  return resourceId;
}

async function seedVersion(
  client: PoolClient,
  world: World,
  entry: CatalogEntry,
  input: {
    resourceId: string;
    ownerId: string;
    number: number;
    note: string;
    at: Date;
    source: string | null;
  },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO version (resource_id, number, title, summary, description, url, type, license, language, authors, minutes, setting,
       visibility, change_note, created_at, updated_at, published_at, updated_by, published_by, credit)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, p.name, $10, $11, $12, $13, $14, $14, $14, $15, $15,
       coalesce((SELECT concat('“', sv.title, '” by ', sv.authors, '. ', l.name) FROM resource s JOIN version sv ON sv.id = s.current_version_id
                 JOIN license l ON l.code = sv.license WHERE s.id = $16), '')
     FROM person p WHERE p.id = $15 RETURNING id`,
    [
      input.resourceId,
      input.number,
      entry.title,
      entry.summary,
      entry.description,
      entry.url ?? null,
      entry.type,
      entry.license,
      entry.language,
      entry.minutes ?? null,
      entry.setting ?? null,
      entry.visibility,
      input.note,
      input.at,
      input.ownerId,
      input.source,
    ],
  );
  const versionId = rows[0]!.id;
  const put = (table: string, columns: string, type: string, values: string[]) =>
    client.query(
      `INSERT INTO ${table} (version_id, ${columns}, position)
       SELECT $1, value, place FROM unnest($2::${type}[]) WITH ORDINALITY given (value, place)`,
      [versionId, values],
    );
  await put('version_subject', 'subject', 'text', entry.subjects);
  await put('version_keyword', 'keyword', 'text', [...new Set(entry.keywords)]);
  await put('version_topic', 'topic_id', 'uuid', [
    ...new Set(entry.topics.map((path) => need(world.topics.get(path), `topic ${path}`))),
  ]);
  await client.query('INSERT INTO version_grade (version_id, grade) SELECT $1, unnest($2::text[])', [
    versionId,
    entry.grades,
  ]);
  return versionId;
}

async function seedFiles(
  client: PoolClient,
  input: {
    resourceId: string;
    versionId: string;
    ownerId: string;
    files: CatalogFile[];
    contentOf: (file: CatalogFile) => string;
    at: Date;
  },
): Promise<void> {
  for (const [position, file] of input.files.entries())
    await client.query(
      `WITH one AS (INSERT INTO file (resource_id, sha256, name, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id)
       INSERT INTO version_file (version_id, file_id, position, educators_only) SELECT $6, id, $7, $8 FROM one`,
      [
        input.resourceId,
        input.contentOf(file),
        file.name,
        input.ownerId,
        input.at,
        input.versionId,
        position,
        file.educators_only,
      ],
    );
}

type Check = { state: 'checked' | 'disputed'; by: string; for: string };

/** The strongest thing that was said of any alignment stands for the resource. */
function checkOf(entry: CatalogEntry, world: World, districtId: string | null): Check | null {
  const said = entry.alignments.map((alignment) => alignment.checked);
  if (said.includes('disputed')) return { ...checker('state', world, districtId), state: 'disputed' };
  if (said.includes('state')) return checker('state', world, districtId);
  return said.includes('district') || said.includes('partly') ? checker('district', world, districtId) : null;
}

function checker(scope: 'state' | 'district', world: World, districtId: string | null): Check {
  const state = need(world.people.get('curator@state.example'), 'curator@state.example').id;
  if (scope === 'state' || districtId === null) return { state: 'checked', by: state, for: world.stateId };
  const curator = world.people.get('curator@north.example');
  return { state: 'checked', by: curator?.districtId === districtId ? curator.id : state, for: districtId };
}

async function seedAlignments(
  client: PoolClient,
  world: World,
  entry: CatalogEntry,
  input: {
    resourceId: string;
    ownerId: string;
    versions: number;
    publishedAt: Date;
    now: Date;
    districtId: string | null;
  },
): Promise<void> {
  for (const [index, alignment] of entry.alignments.entries()) {
    const check =
      alignment.checked === undefined
        ? null
        : checker(alignment.checked === 'district' ? 'district' : 'state', world, input.districtId);
    await client.query(
      `INSERT INTO alignment (resource_id, standard_guid, relation, level_id, claimed_by, from_version, check_state, fit, checked_by, checked_for, checked_at, checked_version, created_at)
       VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
      [
        input.resourceId,
        need(world.standards.get(alignment.code), `standard ${alignment.code}`),
        alignment.relation ?? 'teaches',
        alignment.level === undefined ? null : need(world.levels.get(alignment.level), alignment.level),
        input.ownerId,
        alignment.checked === undefined
          ? 'claimed'
          : alignment.checked === 'disputed'
            ? 'disputed'
            : 'checked',
        alignment.checked === undefined
          ? null
          : alignment.checked === 'partly'
            ? 'part'
            : alignment.checked === 'disputed'
              ? 'other_level'
              : 'full',
        check?.by ?? null,
        check?.for ?? null,
        check ? new Date(Math.min(input.now.getTime(), input.publishedAt.getTime() + 6 * day)) : null,
        check ? input.versions : null,
        new Date(input.publishedAt.getTime() + index),
      ],
    );
  }
}

async function seedReuse(
  client: PoolClient,
  world: World,
  entry: CatalogEntry,
  input: { resourceId: string; ownerId: string; publishedAt: Date; now: Date },
): Promise<void> {
  const start = hash(entry.external_id);
  const readers = [...world.people.values()].filter(
    (person) => person.id !== input.ownerId && mayUse(entry, person, world),
  );
  const notes = useNotes[entry.language];
  const users =
    readers.length === 0
      ? []
      : Array.from(
          { length: Math.min(entry.uses, readers.length) },
          (_, index) => readers[(start + index * 7) % readers.length]!,
        );
  const age = input.now.getTime() - input.publishedAt.getTime();
  const marks = [...new Set(users)].map((person, index) => ({
    person_id: person.id,
    district_id: person.districtId,
    note: index < 2 && entry.uses >= 4 ? notes[(start + index) % notes.length] : '',
    created_at: new Date(input.publishedAt.getTime() + (age * (index + 1)) / (users.length + 2)),
  }));
  await client.query(
    `INSERT INTO use_mark (resource_id, person_id, district_id, note, created_at)
     SELECT $1, person_id, district_id, note, created_at
     FROM json_to_recordset($2) AS m (person_id uuid, district_id uuid, note text, created_at timestamptz)
     ON CONFLICT DO NOTHING`,
    [input.resourceId, JSON.stringify(marks)],
  );
  const districts = [...new Set(readers.flatMap((person) => person.districtId ?? []))];
  const days = Math.min(30, entry.published_days_ago);
  for (const [index, district] of districts.entries())
    await client.query(
      `INSERT INTO daily_count (resource_id, organization_id, day, opened, taken)
       SELECT $1, $2, current_date - d, 1 + (($3 + d * 5) % 7), ($3 + d) % 3 FROM generate_series(1, $4::int, 3) d
       ON CONFLICT DO NOTHING`,
      [input.resourceId, district, (start + index) % 11, days],
    );
}

/** Only people who may see a resource have used it. */
const mayUse = (
  entry: CatalogEntry,
  person: { organizationId: string; districtId: string | null },
  world: World,
): boolean => {
  const home = world.organizations.get(entry.school);
  if (entry.visibility === 'school') return person.organizationId === home?.id;
  if (entry.visibility === 'district') return person.districtId === home?.districtId;
  return true;
};

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the demo catalog names ${what}, which is not there`);
  return value;
}

/** A number from a text, the same each time. */
function hash(text: string): number {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
