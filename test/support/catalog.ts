import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { codeAliases, commonCodePrefix, normCode } from '../../server/lib/standard-code.ts';
import type { Viewer } from '../../server/lib/viewer.ts';
import { publicViewer } from '../../server/lib/viewer.ts';
import { catalogResources, type CatalogFile, type CatalogResource } from './catalog-resources.ts';
import { insertRows } from './insert-rows.ts';

/**
 * A small state for tests: two districts with schools, people, vocabularies, two frameworks, and forty resources of
 * every kind. Ids are derived from keys (`catalogId('resource', 'water-cycle')`), so tests can name everything.
 */
export interface Catalog {
  resources: readonly CatalogResource[];
  /** The id of a resource by its key. */
  id: (key: string) => string;
  /** Resource keys of ids, in the same order. */
  keys: (ids: readonly string[]) => string[];
  /** The GUID of a standard by its code, or of a framework by its slug. */
  guid: (code: string) => string;
  viewers: typeof catalogViewers;
}

/** A UUID that is always the same for a name. */
export function catalogId(kind: string, key: string): string {
  const hex = createHash('sha256').update(`${kind}:${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const organization = (slug: string): string => catalogId('organization', slug);
const person = (slug: string): string => catalogId('person', slug);

const organizations = [
  { slug: 'state', kind: 'state', parent: null, district: null, name: 'State of Testing' },
  { slug: 'north', kind: 'district', parent: 'state', district: 'north', name: 'North Fork Schools' },
  { slug: 'south', kind: 'district', parent: 'state', district: 'south', name: 'South Bay Unified' },
  { slug: 'north-elementary', kind: 'school', parent: 'north', district: 'north', name: 'Alder Elementary' },
  { slug: 'north-high', kind: 'school', parent: 'north', district: 'north', name: 'North High School' },
  { slug: 'south-middle', kind: 'school', parent: 'south', district: 'south', name: 'Harbor Middle School' },
] as const;

type OrganizationSlug = (typeof organizations)[number]['slug'];

const teacherAt = (slug: string, at: OrganizationSlug, districtSlug: 'north' | 'south'): Viewer => ({
  id: person(slug),
  name: slug,
  email: `${slug}@test.example`,
  organizationId: organization(at),
  organizationName: at,
  districtId: organization(districtSlug),
  grants: [
    {
      role: 'teacher',
      organizationId: organization(at),
      kind: 'school',
      districtId: organization(districtSlug),
    },
  ],
});

/** Who looks: the public, teachers of three schools, and a curator of the state. */
export const catalogViewers = {
  public: publicViewer,
  northElementary: teacherAt('nora', 'north-elementary', 'north'),
  northHigh: teacherAt('hugo', 'north-high', 'north'),
  southMiddle: teacherAt('sara', 'south-middle', 'south'),
  stateCurator: {
    id: person('carla'),
    name: 'carla',
    email: 'carla@test.example',
    organizationId: organization('state'),
    organizationName: 'State of Testing',
    districtId: null,
    grants: [{ role: 'curator', organizationId: organization('state'), kind: 'state', districtId: null }],
  },
} satisfies Record<string, Viewer>;

const subjects = {
  math: 'Mathematics',
  ela: 'English language arts',
  science: 'Science',
  social: 'Social studies',
  arts: 'Arts',
};
const types = {
  lesson: 'Lesson',
  activity: 'Activity',
  assessment: 'Assessment',
  worksheet: 'Worksheet',
  video: 'Video',
  unit: 'Unit',
};
const settings = { whole: 'Whole class', small: 'Small group', home: 'At home' };
const licenses = [
  { code: 'CC-BY-4.0', name: 'CC BY 4.0', adaptable: true, open: true },
  { code: 'CC0-1.0', name: 'CC0 1.0', adaptable: true, open: true },
  { code: 'CC-BY-ND-4.0', name: 'CC BY-ND 4.0', adaptable: false, open: true },
  { code: 'unknown', name: 'Not known', adaptable: false, open: false },
];
const levels = ['emerging', 'developing', 'proficient', 'extending'];
/** Slug, parent, name. */
const topics: [string, string | null, string][] = [
  ['mathematics', null, 'Mathematics'],
  ['fractions', 'mathematics', 'Fractions'],
  ['equivalent-fractions', 'fractions', 'Equivalent fractions'],
  ['ratios', 'mathematics', 'Ratios'],
  ['science', null, 'Science'],
  ['forces', 'science', 'Forces and motion'],
  ['water', 'science', 'Water on Earth'],
  ['reading', null, 'Reading'],
  ['civics', null, 'Civics'],
];

interface CatalogStandard {
  code: string;
  parent: string | null;
  statement: string;
}
const frameworks: { slug: string; title: string; own: boolean; standards: CatalogStandard[] }[] = [
  {
    slug: 'test-math',
    title: 'Testing State Standards for Mathematics',
    own: true,
    standards: [
      { code: 'TS.MATH.3.NF', parent: null, statement: 'Fractions as numbers' },
      {
        code: 'TS.MATH.3.NF.1',
        parent: 'TS.MATH.3.NF',
        statement: 'Understand a unit fraction as one part of a whole split into equal parts.',
      },
      { code: 'TS.MATH.3.NF.2', parent: 'TS.MATH.3.NF', statement: 'Place fractions on a number line.' },
      { code: 'TS.MATH.4.NF', parent: null, statement: 'Equivalence and ordering' },
      {
        code: 'TS.MATH.4.NF.1',
        parent: 'TS.MATH.4.NF',
        statement: 'Explain why two fractions are equivalent.',
      },
      {
        code: 'TS.MATH.4.NF.2',
        parent: 'TS.MATH.4.NF',
        statement: 'Compare fractions with different denominators.',
      },
      { code: 'TS.MATH.6.RP', parent: null, statement: 'Ratios and proportional relationships' },
      {
        code: 'TS.MATH.6.RP.1',
        parent: 'TS.MATH.6.RP',
        statement: 'Describe the relationship of two quantities as a ratio.',
      },
      { code: 'TS.MATH.6.RP.2', parent: 'TS.MATH.6.RP', statement: 'Understand a unit rate.' },
    ],
  },
  {
    slug: 'test-science',
    title: 'Testing State Standards for Science',
    own: true,
    standards: [
      { code: 'TS.SCI.3.PS', parent: null, statement: 'Physical science' },
      {
        code: 'TS.SCI.3.PS.2',
        parent: 'TS.SCI.3.PS',
        statement: 'Investigate the effects of balanced and unbalanced forces on an object.',
      },
      { code: 'TS.SCI.5.ES', parent: null, statement: 'Earth science' },
      {
        code: 'TS.SCI.5.ES.1',
        parent: 'TS.SCI.5.ES',
        statement: 'Model how water moves between ocean, air and land.',
      },
    ],
  },
];

/** Fills an empty, migrated database, in one transaction. Everything is marked as waiting for the index. */
export async function seedCatalog(
  pool: Pool,
  resources: readonly CatalogResource[] = catalogResources,
): Promise<Catalog> {
  const client = await pool.connect();
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(client, table, rows);
  try {
    await client.query('BEGIN');
    await seedPlaces(insert);
    await seedVocabularies(insert);
    await seedFrameworks(insert);
    await insertResources(insert, resources);
    await client.query('SELECT mark_dirty(ARRAY(SELECT id FROM resource), 1::smallint)');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await pool.query('ANALYZE');
  const byId = new Map(resources.map(({ key }) => [catalogId('resource', key), key]));
  return {
    resources,
    id: (key) => catalogId('resource', key),
    keys: (ids) => ids.map((id) => byId.get(id) ?? `unknown ${id}`),
    guid: (code) => catalogId('standard', code),
    viewers: catalogViewers,
  };
}

type Insert = (table: string, rows: Record<string, unknown>[]) => Promise<void>;

async function seedPlaces(insert: Insert): Promise<void> {
  await insert(
    'organization',
    organizations.map(({ slug, kind, parent, district, name }) => ({
      id: organization(slug),
      kind,
      parent_id: parent === null ? null : organization(parent),
      district_id: district === null ? null : organization(district),
      name,
      slug,
      publish_mode: 'at_once',
      created_at: '2024-01-01T00:00:00Z',
    })),
  );
  const people: [string, OrganizationSlug, string][] = [
    ['nora', 'north-elementary', 'Nora Adler'],
    ['hugo', 'north-high', 'Hugo Brandt'],
    ['sara', 'south-middle', 'Sara Castillo'],
    ['carla', 'state', 'Carla Duval'],
  ];
  await insert(
    'person',
    people.map(([slug, at, name]) => ({
      id: person(slug),
      email: `${slug}@test.example`,
      name,
      organization_id: organization(at),
      session_epoch: 0,
      created_at: '2024-01-01T00:00:00Z',
      updated_at: '2024-01-01T00:00:00Z',
    })),
  );
  await insert(
    'role_grant',
    people.map(([slug, at]) => ({
      person_id: person(slug),
      organization_id: organization(at),
      role: slug === 'carla' ? 'curator' : 'teacher',
      created_at: '2024-01-01T00:00:00Z',
    })),
  );
}

async function seedVocabularies(insert: Insert): Promise<void> {
  const named = (names: Record<string, string>) =>
    Object.entries(names).map(([slug, name], position) => ({ slug, name, position }));
  await insert('subject', named(subjects));
  await insert('resource_type', named(types));
  await insert('setting', named(settings));
  await insert(
    'license',
    licenses.map((license, position) => ({
      ...license,
      may: [],
      must: [],
      may_not: [],
      share_alike: false,
      noncommercial: false,
      credit: license.code !== 'CC0-1.0',
      offered: true,
      position,
    })),
  );
  const scale = catalogId('scale', 'state');
  await insert('competency_scale', [{ id: scale, name: 'State scale', is_default: true }]);
  await insert(
    'competency_level',
    levels.map((slug, index) => ({
      id: catalogId('level', slug),
      scale_id: scale,
      slug,
      name: slug.charAt(0).toUpperCase() + slug.slice(1),
      description: '',
      position: index + 1,
    })),
  );
  const parentOf = new Map(topics.map(([slug, parent]) => [slug, parent]));
  const path = (slug: string): string[] => {
    const parent = parentOf.get(slug) ?? null;
    return parent === null ? [slug] : [...path(parent), slug];
  };
  const nameOf = new Map(topics.map(([slug, , name]) => [slug, name]));
  await insert(
    'topic',
    topics.map(([slug, parent, name], position) => ({
      id: catalogId('topic', slug),
      parent_id: parent === null ? null : catalogId('topic', parent),
      name,
      slug,
      path: path(slug)
        .map((part) => nameOf.get(part))
        .join(' > '),
      position,
    })),
  );
  await insert(
    'topic_ancestor',
    topics.flatMap(([slug]) =>
      path(slug)
        .toReversed()
        .map((ancestor, distance) => ({
          topic_id: catalogId('topic', slug),
          ancestor_id: catalogId('topic', ancestor),
          distance,
        })),
    ),
  );
}

async function seedFrameworks(insert: Insert): Promise<void> {
  for (const [position, { slug, title, own, standards }] of frameworks.entries()) {
    const framework = catalogId('standard', slug);
    const prefix = commonCodePrefix(standards.map(({ code }) => code));
    await insert('framework', [
      {
        guid: framework,
        uri: `https://standards.example/${slug}`,
        title,
        creator: 'State of Testing',
        subjects: [],
        subject_slug: slug === 'test-math' ? 'math' : 'science',
        language: 'en',
        slug,
        is_state_own: own,
        visible: true,
        position,
        imported_at: '2024-01-01T00:00:00Z',
      },
    ]);
    const guid = (code: string) => catalogId('standard', code);
    await insert(
      'standard',
      standards.map(({ code, parent, statement }, index) => ({
        guid: guid(code),
        framework_guid: framework,
        uri: `https://standards.example/${code}`,
        code,
        statement,
        keywords: [],
        grades: [code.split('.')[2] ?? ''],
        position: index,
        depth: parent === null ? 0 : 1,
        child_count: standards.filter((other) => other.parent === code).length,
        updated_at: '2024-01-01T00:00:00Z',
      })),
    );
    await insert(
      'standard_parent',
      standards.flatMap(({ code, parent }, sequence) =>
        parent === null ? [] : [{ child_guid: guid(code), parent_guid: guid(parent), sequence }],
      ),
    );
    await insert(
      'standard_ancestor',
      standards.flatMap(({ code, parent }) => [
        { standard_guid: guid(code), ancestor_guid: guid(code), distance: 0 },
        ...(parent === null ? [] : [{ standard_guid: guid(code), ancestor_guid: guid(parent), distance: 1 }]),
      ]),
    );
    await insert(
      'standard_code',
      standards.flatMap(({ code }) =>
        codeAliases(code, prefix).map((norm) => ({
          standard_guid: guid(code),
          code_norm: norm,
          kind: norm === normCode(code) ? 'full' : 'alias',
        })),
      ),
    );
  }
}

const fileKey = (resource: CatalogResource, file: CatalogFile): string => `${resource.key}/${file.name}`;
const shaOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Inserts resources; `seedCatalog` has filled the rest before. */
async function insertResources(insert: Insert, resources: readonly CatalogResource[]): Promise<void> {
  const version = (resource: CatalogResource) => catalogId('version', resource.key);
  const place = (resource: CatalogResource) => organizations.find(({ slug }) => slug === resource.at);
  await insert(
    'resource',
    resources.map((resource) => ({
      id: catalogId('resource', resource.key),
      organization_id: organization(resource.at),
      district_id: place(resource)?.district ? organization(place(resource)?.district ?? '') : null,
      owner_id: resource.owner === undefined ? null : person(resource.owner),
      state: resource.state ?? 'published',
      visibility: resource.visibility ?? 'public',
      current_version_id: resource.state === 'draft' ? null : version(resource),
      check_state: resource.checkedBy ? 'checked' : 'claimed',
      checked_for: resource.checkedBy ? organization(resource.checkedBy) : null,
      checked_at: resource.checkedBy ? '2026-02-03T10:00:00Z' : null,
      source: 'main',
      used_count: resource.used ?? 0,
      published_at: resource.state === 'draft' ? null : (resource.published ?? '2026-01-15T12:00:00Z'),
      first_published_at: resource.state === 'draft' ? null : (resource.published ?? '2026-01-15T12:00:00Z'),
      withdrawn_at: resource.state === 'withdrawn' ? '2026-03-01T00:00:00Z' : null,
      takedown: false,
      audience: [],
      created_at: '2025-12-01T00:00:00Z',
      updated_at: '2025-12-01T00:00:00Z',
    })),
  );
  await insert(
    'version',
    resources.map((resource) => ({
      id: version(resource),
      resource_id: catalogId('resource', resource.key),
      number: resource.state === 'draft' ? null : 1,
      title: resource.title,
      summary: resource.summary ?? '',
      description: resource.description ?? '',
      full_text: resource.fullText ?? '',
      type: resource.type ?? null,
      license: resource.license ?? 'CC-BY-4.0',
      language: resource.language ?? 'en',
      authors: resource.authors ?? '',
      publisher: '',
      credit: '',
      minutes: resource.minutes ?? null,
      setting: resource.setting ?? null,
      visibility: resource.visibility ?? 'public',
      change_note: '',
      revision: 1,
      created_at: '2025-12-01T00:00:00Z',
      updated_at: '2025-12-01T00:00:00Z',
      published_at: resource.state === 'draft' ? null : (resource.published ?? '2026-01-15T12:00:00Z'),
    })),
  );
  const each = (list: (resource: CatalogResource) => Record<string, unknown>[]) =>
    resources.flatMap((resource) => list(resource).map((row) => ({ version_id: version(resource), ...row })));
  await insert(
    'version_subject',
    each((r) => (r.subjects ?? []).map((subject, position) => ({ subject, position }))),
  );
  await insert(
    'version_grade',
    each((r) => (r.grades ?? []).map((grade) => ({ grade }))),
  );
  await insert(
    'version_keyword',
    each((r) => (r.keywords ?? []).map((keyword, position) => ({ keyword, position }))),
  );
  await insert(
    'version_topic',
    each((r) => (r.topics ?? []).map((slug, position) => ({ topic_id: catalogId('topic', slug), position }))),
  );
  await insert(
    'version_level',
    each((r) => (r.levels ?? []).map((slug) => ({ level_id: catalogId('level', slug) }))),
  );
  await insert(
    'alignment',
    resources
      .filter(({ state }) => state !== 'draft')
      .flatMap((resource) =>
        (resource.standards ?? []).map(([code, level]) => ({
          id: catalogId('alignment', `${resource.key} ${code} ${level}`),
          resource_id: catalogId('resource', resource.key),
          standard_guid: catalogId('standard', code),
          relation: 'teaches',
          level_id: level === null ? null : catalogId('level', level),
          claimed_as: 'author',
          from_version: 1,
          check_state: 'claimed',
          created_at: '2025-12-01T00:00:00Z',
        })),
      ),
  );
  const files = resources.flatMap((resource) => (resource.files ?? []).map((file) => ({ resource, file })));
  await insert(
    'blob',
    files.map(({ resource, file }) => ({
      sha256: shaOf(fileKey(resource, file)),
      size: 1000,
      kind: 'pdf',
      mime: 'application/pdf',
      scan_state: file.scan ?? 'clean',
      text_state: 'done',
      preview_state: 'none',
      page_count: file.pages.length,
      created_at: '2025-12-01T00:00:00Z',
    })),
  );
  await insert(
    'blob_page',
    files.flatMap(({ resource, file }) =>
      file.pages.map((text, index) => ({
        sha256: shaOf(fileKey(resource, file)),
        page: index + 1,
        label: 'page',
        text,
      })),
    ),
  );
  await insert(
    'file',
    files.map(({ resource, file }) => ({
      id: catalogId('file', fileKey(resource, file)),
      resource_id: catalogId('resource', resource.key),
      sha256: shaOf(fileKey(resource, file)),
      name: file.name,
      created_at: '2025-12-01T00:00:00Z',
    })),
  );
  await insert(
    'version_file',
    files.map(({ resource, file }, position) => ({
      version_id: version(resource),
      file_id: catalogId('file', fileKey(resource, file)),
      position,
      educators_only: file.educatorsOnly ?? false,
    })),
  );
}
