import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import type { Pool } from 'pg';
import type { Role } from '../../server/lib/viewer.ts';
import type { FileStore } from '../../server/platform/file-store/file-store.ts';
import { catalogId, seedCatalog } from './catalog.ts';
import { insertRows } from './insert-rows.ts';

export const visibilities = ['public', 'state', 'district', 'school'] as const;
/** `revised`: published, and its next version is being written. `held`: published, and hidden by a flag. */
export const states = [
  'draft',
  'submitted',
  'published',
  'revised',
  'held',
  'withdrawn',
  'taken down',
  'purged',
] as const;

/** Words that are written nowhere else, by what they stand in. Whoever reads one has read that. */
export interface SecretWords {
  title: string;
  summary: string;
  /** A document that is open to whoever sees the resource: its name, its content, its pages. */
  open: string;
  /** An educators-only document. */
  key: string;
  /** A document that was open in version 1 and is educators-only in version 2. */
  late: string;
  /** Title of version 1. */
  old: string;
  /** Title and new document of the version that is being written. */
  next: string;
  /** What a colleague said who used it. */
  note: string;
}

export interface Guarded {
  id: string;
  name: string;
  visibility: (typeof visibilities)[number];
  state: (typeof states)[number];
  words: SecretWords;
  /** The files that it has, by the word that they carry. */
  files: Partial<Record<'open' | 'key' | 'late' | 'next', string>>;
  /** Only this resource has the topic; the standard also has `child`. */
  topic: string;
  standard: string;
  /** A public adaptation of it, aligned to the same standard. */
  child: string;
}

/** Words that stand in every document of their kind. */
export const commonWords = { open: 'wombat', key: 'quokka', late: 'numbat' };

/** Everyone who looks: where they work, and the roles they hold. */
export const people = {
  owner: { person: 'nora', at: 'north-elementary', role: 'teacher' },
  'co-author': { person: 'cora', at: 'south-middle', role: 'teacher' },
  'teacher of the school': { person: 'theo', at: 'north-elementary', role: 'teacher' },
  'teacher of the district': { person: 'hugo', at: 'north-high', role: 'teacher' },
  'teacher elsewhere': { person: 'sara', at: 'south-middle', role: 'teacher' },
  'importer of the district': { person: 'ivan', at: 'north', role: 'importer' },
  'curator of the district': { person: 'dana', at: 'north', role: 'curator' },
  'curator elsewhere': { person: 'otto', at: 'south', role: 'curator' },
  'state curator': { person: 'carla', at: 'state', role: 'curator' },
  'state lead': { person: 'lea', at: 'state', role: 'lead' },
  'state administrator': { person: 'adam', at: 'state', role: 'admin' },
} as const satisfies Record<string, { person: string; at: string; role: Role }>;
export type PersonName = keyof typeof people;
export const personIdOf = (name: PersonName): string => catalogId('person', people[name].person);
export const emailOf = (name: PersonName): string => `${people[name].person}@test.example`;

/** The work that all guarded resources are adaptations of: public, in Spanish, of the teacher elsewhere. */
export const sourceId = catalogId('resource', 'guarded source');

const at = '2026-01-15T12:00:00Z';
const organization = (slug: string) => catalogId('organization', slug);

/** A pronounceable word of ten letters that nothing else has. */
export function secretWord(seed: string): string {
  const bytes = createHash('sha256').update(seed).digest();
  const pick = (letters: string, index: number) => letters[bytes[index]! % letters.length]!;
  return Array.from({ length: 5 }, (_, i) => pick('bdfgklmnprtvz', 2 * i) + pick('aiou', 2 * i + 1)).join('');
}

/** Plans a resource for every visibility and state. `group` keeps several sets apart. */
export function planShelf(group: string): Guarded[] {
  return visibilities.flatMap((visibility) =>
    states.map((state): Guarded => {
      const name = `${state}, for ${visibility}`;
      const key = `${group}: ${name}`;
      const kinds = ['title', 'summary', 'open', 'key', 'late', 'old', 'next', 'note'] as const;
      const words = Object.fromEntries(kinds.map((kind) => [kind, secretWord(`${kind} of ${key}`)]));
      const files = [
        'open',
        'key',
        ...(hasVersions(state) ? ['late'] : []),
        ...(state === 'revised' ? ['next'] : []),
      ];
      return {
        id: catalogId('resource', key),
        name,
        visibility,
        state,
        words: words as unknown as SecretWords,
        files: Object.fromEntries(files.map((file) => [file, catalogId('file', `${file} of ${key}`)])),
        topic: `topic-${catalogId('topic', key).slice(0, 8)}`,
        standard: catalogId('standard', key),
        child: catalogId('resource', `child of ${key}`),
      };
    }),
  );
}

const hasVersions = (state: Guarded['state']): boolean => state !== 'draft' && state !== 'submitted';

/** Places, vocabularies, frameworks and everyone who looks. North checks before it publishes. */
export async function seedPeople(pool: Pool): Promise<void> {
  await seedCatalog(pool, []);
  await pool.query(`UPDATE organization SET publish_mode = 'check_first' WHERE slug = 'north-elementary'`);
  const all = Object.values(people);
  const { rows: known } = await pool.query<{ id: string }>('SELECT id FROM person');
  const there = new Set(known.map(({ id }) => id));
  await insertRows(
    pool,
    'person',
    all
      .filter(({ person }) => !there.has(catalogId('person', person)))
      .map(({ person, at: place }) => ({
        id: catalogId('person', person),
        email: `${person}@test.example`,
        name: person,
        organization_id: organization(place),
        session_epoch: 0,
        created_at: at,
        updated_at: at,
      })),
  );
  await pool.query('DELETE FROM role_grant');
  await insertRows(
    pool,
    'role_grant',
    all.map(({ person, at: place, role }) => ({
      person_id: catalogId('person', person),
      organization_id: organization(place),
      role,
      created_at: at,
    })),
  );
}

/** Writes planned resources of North's elementary school, straight into the tables; drafts hold what publishing asks for. */
export async function insertShelf(pool: Pool, shelf: Guarded[], files?: FileStore): Promise<void> {
  const contents = new Map<string, string>();
  if (files) for (const one of shelf) await storeFiles(files, one, contents);
  const client = await pool.connect();
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(client, table, rows);
  try {
    await client.query('BEGIN');
    await insertPlaces(insert, shelf);
    await insert('resource', shelf.map(resourceRow));
    const versions = shelf.flatMap(versionsOf);
    await insert(
      'version',
      versions.map(({ row }) => row),
    );
    const each = (row: Record<string, unknown>, of: typeof versions = versions) =>
      of.map(({ row: { id } }) => ({ version_id: id, ...row }));
    await insert('version_subject', each({ subject: 'math', position: 0 }));
    await insert('version_grade', each({ grade: '4' }));
    await insert(
      'version_topic',
      versions.map(({ row, one }) => ({
        version_id: row.id,
        topic_id: catalogId('topic', one.topic),
        position: 0,
      })),
    );
    await insert(
      'co_author',
      shelf.map(({ id }) => ({ resource_id: id, person_id: personIdOf('co-author') })),
    );
    await insertClaims(insert, shelf);
    await insertFiles(insert, shelf, contents);
    await insert(
      'version_file',
      versions.flatMap(({ row, files: of }) =>
        of.map(([file_id, educators_only], position) => ({
          version_id: row.id,
          file_id,
          position,
          educators_only,
        })),
      ),
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** The common source, an adaptation of each resource, what colleagues said, and everyone's own shelf. */
export async function insertNeighbours(pool: Pool, shelf: Guarded[]): Promise<void> {
  const others = [
    { id: sourceId, title: 'La fuente', language: 'es', from: null },
    ...shelf.map((one) => ({ id: one.child, title: 'A public adaptation', language: 'en', from: one.id })),
  ];
  const version = (id: string) => catalogId('version', id);
  const client = await pool.connect();
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(client, table, rows);
  try {
    await client.query('BEGIN');
    await insert(
      'resource',
      others.map(({ id, from }) => ({
        ...basics,
        id,
        organization_id: organization('south-middle'),
        district_id: organization('south'),
        owner_id: personIdOf('teacher elsewhere'),
        state: 'published',
        visibility: 'public',
        current_version_id: version(id),
        adapted_from_id: from,
        adapted_from_version: from === null ? null : 2,
        published_at: at,
        first_published_at: at,
      })),
    );
    await insert(
      'version',
      others.map(({ id, title, language }) => ({
        ...versionBasics,
        id: version(id),
        resource_id: id,
        number: 1,
        title,
        language,
        visibility: 'public',
        published_at: at,
      })),
    );
    await insert(
      'alignment',
      shelf.map((one) => alignment(one.child, one.standard)),
    );
    await client.query(
      'UPDATE resource SET adapted_from_id = $1, adapted_from_version = 1 WHERE id = ANY ($2::uuid[])',
      [sourceId, shelf.map(({ id }) => id)],
    );
    await insert(
      'use_mark',
      shelf.map(({ id, words }) => ({
        resource_id: id,
        person_id: personIdOf('teacher of the district'),
        district_id: organization('north'),
        note: `It went well: ${words.note}.`,
        created_at: at,
      })),
    );
    const names = Object.keys(people) as PersonName[];
    const saved = (name: PersonName) => catalogId('collection', name);
    await insert(
      'collection',
      names.map((name) => ({
        id: saved(name),
        owner_id: personIdOf(name),
        kind: 'saved',
        title: '',
        created_at: at,
      })),
    );
    await insert(
      'collection_item',
      names.flatMap((name) =>
        shelf.map(({ id }) => ({
          collection_id: saved(name),
          resource_id: id,
          position: 0,
          note: '',
          added_at: at,
        })),
      ),
    );
    // A collection for everyone that holds it and what was made from it, and another whose rule finds it.
    const collections = shelf.flatMap((one) => [
      { id: collectionWith(one), rule: null, one },
      { id: ruleWith(one), rule: `/search?topic=${one.topic}`, one },
    ]);
    await insert(
      'collection',
      collections.map(({ id, rule }) => ({
        id,
        owner_id: personIdOf('state curator'),
        kind: rule === null ? 'list' : 'rule',
        title: 'Held together',
        visibility: 'public',
        rule,
        created_at: at,
      })),
    );
    await insert(
      'collection_item',
      collections.flatMap(({ id, rule, one }) =>
        [one.child, ...(rule === null ? [one.id] : [])].map((resourceId) => ({
          collection_id: id,
          resource_id: resourceId,
          position: 0,
          note: '',
          added_at: at,
          added_by: personIdOf('state curator'),
        })),
      ),
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

/** A collection of the state that holds a resource, and one whose rule finds it. */
export const collectionWith = ({ id }: Pick<Guarded, 'id'>): string => catalogId('collection', `with ${id}`);
export const ruleWith = ({ id }: Pick<Guarded, 'id'>): string => catalogId('collection', `rule for ${id}`);

type Insert = (table: string, rows: Record<string, unknown>[]) => Promise<void>;

async function insertPlaces(insert: Insert, shelf: Guarded[]): Promise<void> {
  await insert(
    'topic',
    shelf.map(({ topic }, position) => ({
      id: catalogId('topic', topic),
      name: topic,
      slug: topic,
      path: topic,
      position: 100 + position,
    })),
  );
  await insert(
    'topic_ancestor',
    shelf.map(({ topic }) => ({
      topic_id: catalogId('topic', topic),
      ancestor_id: catalogId('topic', topic),
      distance: 0,
    })),
  );
  await insert(
    'standard',
    shelf.map(({ standard }, position) => ({
      guid: standard,
      framework_guid: catalogId('standard', 'test-math'),
      uri: `https://standards.example/${standard}`,
      code: `GUARD.${standard.slice(0, 8)}`,
      statement: 'Keep to oneself what is not for all.',
      keywords: [],
      grades: ['4'],
      position: 100 + position,
      depth: 0,
      child_count: 0,
      updated_at: at,
    })),
  );
  await insert(
    'standard_ancestor',
    shelf.map(({ standard }) => ({ standard_guid: standard, ancestor_guid: standard, distance: 0 })),
  );
}

const basics = {
  check_state: 'claimed',
  source: 'main',
  used_count: 0,
  takedown: false,
  audience: [],
  created_at: at,
  updated_at: at,
};

function resourceRow({ id, visibility, state }: Guarded): Record<string, unknown> {
  const versions = hasVersions(state);
  const stored =
    state === 'revised' || state === 'held' ? 'published' : state === 'taken down' ? 'withdrawn' : state;
  return {
    ...basics,
    id,
    organization_id: organization('north-elementary'),
    district_id: organization('north'),
    owner_id: personIdOf('owner'),
    state: stored,
    visibility,
    current_version_id: versions ? catalogId('version', `${id} 2`) : null,
    published_at: versions ? at : null,
    first_published_at: versions ? at : null,
    withdrawn_at: stored === 'withdrawn' ? at : null,
    held_at: state === 'held' ? at : null,
    takedown: state === 'taken down',
    purged_at: state === 'purged' ? at : null,
  };
}

const versionBasics = {
  summary: '',
  description: '',
  full_text: '',
  type: 'lesson',
  license: 'CC-BY-4.0',
  language: 'en',
  authors: 'A. Teacher',
  publisher: '',
  credit: '',
  change_note: '',
  revision: 1,
  created_at: at,
  updated_at: at,
};

interface PlannedVersion {
  one: Guarded;
  row: Record<string, unknown> & { id: string };
  /** Each file with whether it is educators-only. */
  files: [string | undefined, boolean][];
}

function versionsOf(one: Guarded): PlannedVersion[] {
  const { id, words, files, visibility, state } = one;
  const version = (
    number: number | null,
    title: string,
    of: [string | undefined, boolean][],
  ): PlannedVersion => ({
    one,
    files: of,
    row: {
      ...versionBasics,
      id: catalogId('version', `${id} ${number ?? 'draft'}`),
      resource_id: id,
      number,
      title: `All about ${title}`,
      summary: title === words.title ? `In short: ${words.summary}.` : '',
      visibility,
      published_at: number === null ? null : at,
    },
  });
  if (!hasVersions(state))
    return [
      version(null, words.title, [
        [files.open, false],
        [files.key, true],
      ]),
    ];
  return [
    version(1, words.old, [
      [files.open, false],
      [files.late, false],
    ]),
    version(2, words.title, [
      [files.open, false],
      [files.key, true],
      [files.late, true],
    ]),
    ...(state === 'revised'
      ? [
          version(null, words.next, [
            [files.open, false],
            [files.next, false],
          ]),
        ]
      : []),
  ];
}

const alignment = (resource: string, standard: string) => ({
  id: catalogId('alignment', `${resource} ${standard}`),
  resource_id: resource,
  standard_guid: standard,
  relation: 'teaches',
  level_id: catalogId('level', 'developing'),
  claimed_as: 'author',
  from_version: 1,
  check_state: 'claimed',
  created_at: at,
});

async function insertClaims(insert: Insert, shelf: Guarded[]): Promise<void> {
  await insert(
    'alignment',
    shelf.filter(({ state }) => hasVersions(state)).map(({ id, standard }) => alignment(id, standard)),
  );
  await insert(
    'draft_alignment',
    shelf
      .filter(({ state }) => !hasVersions(state) || state === 'revised')
      .map(({ id, standard }) => ({
        id: catalogId('draft alignment', id),
        version_id: catalogId('version', `${id} draft`),
        standard_guid: standard,
        relation: 'teaches',
        level_id: catalogId('level', 'developing'),
        position: 0,
      })),
  );
}

const contentOf = (kind: string, one: Guarded): string =>
  `Page one: the ${commonWords[kind as 'open'] ?? 'vole'} and the ${one.words[kind as 'open']} swim.`;
const shaOf = (content: string): string => createHash('sha256').update(content).digest('hex');

async function storeFiles(store: FileStore, one: Guarded, contents: Map<string, string>): Promise<void> {
  for (const [kind, id] of Object.entries(one.files)) {
    const { sha256 } = await store.receive(Readable.from([Buffer.from(contentOf(kind, one))]), {
      maxBytes: 1000,
    });
    const picture = await sharp({ create: { width: 32, height: 40, channels: 3, background: '#eee' } })
      .webp()
      .toBuffer();
    await store.putDerived(sha256, 'page-1.webp', Readable.from([picture]));
    contents.set(id, sha256);
  }
}

async function insertFiles(insert: Insert, shelf: Guarded[], stored: Map<string, string>): Promise<void> {
  const files = shelf.flatMap((one) =>
    Object.entries(one.files).map(([kind, id]) => {
      const content = contentOf(kind, one);
      return { one, kind, id, content, sha256: stored.get(id) ?? shaOf(content) };
    }),
  );
  await insert(
    'blob',
    files.map(({ sha256, content }) => ({
      sha256,
      size: content.length,
      kind: 'pdf',
      mime: 'application/pdf',
      scan_state: 'clean',
      text_state: 'done',
      preview_state: 'done',
      page_count: 1,
      created_at: at,
    })),
  );
  await insert(
    'blob_page',
    files.map(({ sha256, content }) => ({ sha256, page: 1, label: 'page', text: content })),
  );
  await insert(
    'blob_preview',
    files.map(({ sha256 }) => ({ sha256, page: 1, width: 320, height: 400, name: 'page-1.webp' })),
  );
  await insert(
    'file',
    files.map(({ one, kind, id, sha256 }) => ({
      id,
      resource_id: one.id,
      sha256,
      name: `${one.words[kind as 'open']}.pdf`,
      created_at: at,
    })),
  );
}
