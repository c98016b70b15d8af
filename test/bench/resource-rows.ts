import { createHash } from 'node:crypto';
import { chance, pick, type RealRecord } from './records/record.ts';
import type { World } from './world.ts';

type Row = Record<string, unknown>;

/** Tables in the order in which their rows may be inserted. */
export const TABLES = [
  'resource',
  'version',
  'version_subject',
  'version_grade',
  'version_topic',
  'version_keyword',
  'version_level',
  'blob',
  'blob_page',
  'file',
  'version_file',
  'alignment',
  'use_mark',
  'daily_count',
] as const;
export type Rows = Record<(typeof TABLES)[number], Row[]>;

const DAY = 24 * 3600 * 1000;
/** The day on which the bench's state stands still; everything in it is older. */
const TODAY = Date.UTC(2026, 5, 30);

export const emptyRows = (): Rows => Object.fromEntries(TABLES.map((table) => [table, [] as Row[]])) as Rows;

/**
 * Adds the rows of one record as if a teacher had shared it, others had used it and some curator had checked it.
 * Whatever the record doesn't say is decided by its key, so the same record gives the same rows. Without `invent`
 * nothing is made up that words could find or that decides about an order: no topic, standard, level, check, use or date;
 * and everybody may see it.
 */
export function addRows(
  rows: Rows,
  record: RealRecord,
  world: World,
  { invent }: { invent: boolean } = { invent: true },
): void {
  const { key } = record;
  const school = pick(world.schools, key, 'school');
  const owner = pick(school.teachers, key, 'owner');
  const age = Math.floor(chance(key, 'age') ** 2 * 1100) * DAY + Math.floor(chance(key, 'hour') * DAY);
  const published = invent ? TODAY - age : TODAY;
  const at = new Date(published).toISOString();
  const id = idOf(published, key, 'resource');
  const versionId = idOf(published, key, 'version');
  const visibility = invent ? visibilityOf(key) : 'public';
  const check = invent ? checkOf(key, school.districtId, world) : NOBODY;
  const used = invent ? usersOf(record, visibility, school, world) : [];
  rows.resource.push({
    id,
    organization_id: school.id,
    district_id: school.districtId,
    owner_id: owner,
    state: 'published',
    visibility,
    current_version_id: versionId,
    check_state: check.state,
    checked_by: check.by,
    checked_for: check.for,
    checked_at: check.by && new Date(published + 5 * DAY).toISOString(),
    source: 'bench',
    external_id: key,
    used_count: used.length,
    created_at: at,
    first_published_at: at,
    published_at: at,
    takedown: false,
    audience: [],
    updated_at: at,
  });
  rows.version.push(versionRow(record, { id, versionId, owner, at, visibility, world }));
  rows.version_subject.push(
    ...record.subjects.map((subject, position) => ({ version_id: versionId, subject, position })),
  );
  rows.version_grade.push(...record.grades.map((grade) => ({ version_id: versionId, grade })));
  rows.version_keyword.push(
    ...[...new Set(record.keywords)]
      .slice(0, 15)
      .map((keyword, position) => ({ version_id: versionId, keyword, position })),
  );
  const topics = world.topics.get(record.subjects[0] ?? '') ?? [];
  if (invent && topics.length > 0 && chance(key, 'topics') < 0.7)
    rows.version_topic.push({ version_id: versionId, topic_id: pick(topics, key, 'topic'), position: 0 });
  addDocument(rows, record, { id, versionId, owner, at });
  addAlignments(rows, record, { id, versionId, owner, at, check, world, invent });
  rows.use_mark.push(
    ...used.map((person, index) => ({
      resource_id: id,
      person_id: person.id,
      district_id: person.districtId,
      note: index === 0 && chance(key, 'note') < 0.2 ? 'Worked well with my second group.' : '',
      created_at: new Date(published + ((index + 1) * (TODAY - published)) / (used.length + 1)).toISOString(),
    })),
  );
  if (used.length > 0)
    rows.daily_count.push({
      resource_id: id,
      organization_id: school.districtId,
      day: new Date(TODAY - Math.floor(chance(key, 'day') * 30) * DAY).toISOString().slice(0, 10),
      opened: 1 + used.length * 3,
      taken: used.length,
    });
}

function versionRow(
  record: RealRecord,
  to: { id: string; versionId: string; owner: string; at: string; visibility: string; world: World },
): Row {
  const { key } = record;
  return {
    id: to.versionId,
    resource_id: to.id,
    number: 1,
    title: record.title,
    summary: record.summary,
    description: record.description,
    url: record.url,
    full_text: record.fullText,
    type: to.world.types.has(record.type) ? record.type : null,
    license: to.world.licenses.has(record.license) ? record.license : 'unknown',
    language: record.language,
    authors: record.authors,
    publisher: record.publisher,
    credit: '',
    minutes: chance(key, 'timed') < 0.6 ? pick([10, 15, 20, 30, 45, 50, 60, 90, 180], key, 'minutes') : null,
    setting: chance(key, 'set') < 0.5 ? pick(to.world.settings, key, 'setting') : null,
    visibility: to.visibility,
    change_note: '',
    revision: 1,
    created_at: to.at,
    updated_at: to.at,
    updated_by: to.owner,
    published_at: to.at,
    published_by: to.owner,
  };
}

/** Four of five are for everyone. */
function visibilityOf(key: string): 'public' | 'state' | 'district' | 'school' {
  const share = chance(key, 'visibility');
  return share < 0.8 ? 'public' : share < 0.9 ? 'state' : share < 0.96 ? 'district' : 'school';
}

type Check = { state: string; by: string | null; for: string | null };

const NOBODY: Check = { state: 'claimed', by: null, for: null };

function checkOf(key: string, districtId: string, world: World): Check {
  const share = chance(key, 'check');
  if (share < 0.65) return { state: 'claimed', by: null, for: null };
  if (share < 0.85) return { state: 'checked', by: world.stateCurator, for: world.stateId };
  if (share < 0.97)
    return { state: 'checked', by: world.curatorOf.get(districtId) ?? world.stateCurator, for: districtId };
  return { state: share < 0.985 ? 'in_check' : 'disputed', by: null, for: null };
}

/** Most are used by nobody yet, a few by many; only people who may see a resource use it. */
function usersOf(
  { key }: RealRecord,
  visibility: string,
  school: World['schools'][number],
  world: World,
): World['people'] {
  const many = Math.floor(60 * chance(key, 'uses') ** 6);
  const start = Math.floor(chance(key, 'users') * world.people.length);
  const people = Array.from(
    { length: many },
    (_, index) => world.people[(start + index * 7) % world.people.length]!,
  );
  return [...new Set(people)].filter(
    (person) =>
      (visibility !== 'district' || person.districtId === school.districtId) &&
      (visibility !== 'school' || person.organizationId === school.id),
  );
}

/** A document's text as it is after it was read; its bytes are nowhere. */
function addDocument(
  rows: Rows,
  { key, document }: RealRecord,
  to: { id: string; versionId: string; owner: string; at: string },
): void {
  if (!document) return;
  const sha256 = createHash('sha256').update(key).digest('hex');
  const fileId = idOf(Date.parse(to.at), key, 'file');
  const characters = document.pages.reduce((sum, page) => sum + page.length, 0);
  const mime =
    document.kind === 'pdf'
      ? 'application/pdf'
      : 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  rows.blob.push({
    sha256,
    size: 20_000 + characters * 3,
    kind: document.kind,
    mime,
    scan_state: 'unscanned',
    text_state: 'done',
    preview_state: 'none',
    page_count: document.pages.length,
    created_at: to.at,
  });
  rows.blob_page.push(
    ...document.pages.map((text, index) => ({ sha256, page: index + 1, label: 'page', text })),
  );
  rows.file.push({
    id: fileId,
    resource_id: to.id,
    sha256,
    name: document.name.slice(0, 200),
    uploaded_by: to.owner,
    created_at: to.at,
  });
  rows.version_file.push({
    version_id: to.versionId,
    file_id: fileId,
    position: 0,
    educators_only: chance(key, 'staff') < 0.03,
  });
}

/** What the authors claim; without any, one to three standards of the subject and grade. One in eight has none. */
function addAlignments(
  rows: Rows,
  record: RealRecord,
  to: {
    id: string;
    versionId: string;
    owner: string;
    at: string;
    check: Check;
    world: World;
    invent: boolean;
  },
): void {
  const { key } = record;
  const { world, check, invent } = to;
  const claimed = record.codes.flatMap((code) => world.byCode(code) ?? []);
  const made = Array.from(
    { length: !invent || chance(key, 'aligned') < 1 / 8 ? 0 : pick([1, 1, 2, 3], key, 'many') },
    (_, index) => world.standardFor(record.subjects.at(-1) ?? '', record.grades, `${key} ${index}`),
  );
  const standards = new Set(claimed.length > 0 ? claimed : made.filter((guid) => guid !== undefined));
  const level = (name: string): string => pick(world.levels, key, name);
  for (const guid of standards) {
    const checked = check.state === 'checked';
    rows.alignment.push({
      id: idOf(Date.parse(to.at), key, guid),
      resource_id: to.id,
      standard_guid: guid,
      relation: record.type === 'assessment' || record.type === 'exit-ticket' ? 'assesses' : 'teaches',
      level_id: invent && chance(key, guid, 'leveled') < 0.8 ? level(guid) : null,
      claimed_by: to.owner,
      claimed_as: 'author',
      from_version: 1,
      check_state: check.state,
      fit: checked ? 'full' : null,
      checked_by: check.by,
      checked_for: check.for,
      checked_at: checked ? to.at : null,
      checked_version: checked ? 1 : null,
      created_at: to.at,
    });
  }
  if (invent && standards.size === 0)
    rows.version_level.push({ version_id: to.versionId, level_id: level('own') });
}

/** A UUIDv7 (RFC 9562, section 5.7) whose random bits come from a key. */
function idOf(time: number, ...key: string[]): string {
  const bits = createHash('sha256').update(key.join('\u0000')).digest('hex');
  const clock = time.toString(16).padStart(12, '0');
  return `${clock.slice(0, 8)}-${clock.slice(8)}-7${bits.slice(0, 3)}-8${bits.slice(3, 6)}-${bits.slice(6, 18)}`;
}
