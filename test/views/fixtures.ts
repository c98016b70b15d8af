import type { RegistrationPage } from '../../server/accounts/registration/registration-view.ts';
import type { StaffFilePage } from '../../server/imports/staff/staff-view.ts';
import type { InvitationPage } from '../../server/accounts/invitations/invitation-view.ts';
import type { CallForm, CallItem } from '../../server/curation/call-view.ts';
import type { ChangePage, TagsPage } from '../../server/curation/tags/tag-view.ts';
import type { CoverageCell, CoveragePage, CoverageRow } from '../../server/curation/coverage-view.ts';
import type { ImportColumnsPage } from '../../server/imports/browser/columns-view.ts';
import type { ImportsPage } from '../../server/imports/browser/imports-view.ts';
import type { ImportRowPage, ImportRunPage } from '../../server/imports/browser/run-view.ts';
import type { CollectionCard, CollectionEditPage, CollectionPage, EditedItem, RuleForm } from '../../server/collections/collection-view.ts';
import { renderMarkdown } from '../../server/lib/markdown.ts';
import { markSafe } from '../../server/lib/safe-html.ts';
import type { MyResource } from '../../server/pages/shelf-view.ts';
import type { CheckPage, ShareFormPage } from '../../server/resources/share-view.ts';
import type { Option } from '../../server/web/page-parts.ts';
import type { Facet, FacetOption, SearchPage } from '../../server/search/search-view.ts';
import type { FrameworkCard, LevelCount, StandardListItem, StandardPage } from '../../server/standards/standard-view.ts';
import type { ShelfItem } from '../../server/resources/resource-view.ts';
import { pager } from '../../server/web/pager.ts';
import type { AboutPage } from '../../server/web/error-view.ts';
import type { Views } from '../../server/web/views.ts';
import { adminFixtures } from './admin-fixtures.ts';
import { curateFixtures } from './curate-fixtures.ts';
import { vocabularyFixtures } from './vocabulary-fixtures.ts';
import { bareCard, bareResourcePage, bareShelfItem, card, ccBy, checked, claimed, day, draftFile, file, image, level, levels, long, longCard, nf1, nf2, nf3, resourcePage, shelf, shelfItem, spanishCard, tab, unknownLicense } from './parts.ts';

/** One rendering of a view: its props, and the status where it isn't 200. */
export interface Fixture<Props> {
  props: Props;
  status?: number;
}

/** At least two renderings of every view: full and empty, with long words and Spanish among them. */
export type Fixtures = { [Name in keyof Views]: Record<string, Fixture<Views[Name]>> };

const tags = (more: Partial<TagsPage> = {}): TagsPage => ({
  all: 12_345,
  missing: [{ label: 'No license', count: 12, url: '/curate/tags?what=license', current: true }, { label: 'No level', count: 0, url: '/curate/tags?what=level', current: false }],
  gaps: Array.from({ length: 14 }, (_, place) => ({ field: 'Standard', value: place === 0 ? long.title : `4.NF.9${place}`, count: 3, url: `/curate/tags?what=gap-standards&value=${place}`, current: place === 13 })),
  filter: { what: [{ value: '', label: 'Anything', chosen: true }], value: '', districts: [{ value: '', label: 'All', chosen: true }], subjects: [{ value: '', label: 'All', chosen: true }], grades: [{ value: '', label: 'All', chosen: true }], words: '', fields: [{ value: 'license', label: 'License', chosen: true }] },
  rows: [{ id: 'r1', title: long.title, url: '/resources/r1', language: 'en', organization: long.name, has: ['Lesson', 'Grade 4', 'DS.MATH.4.NF.1'], gaps: [long.word] }, { id: 'r2', title: 'B', url: '/resources/r2', language: 'es', organization: 'North', has: [], gaps: [] }],
  total: 120,
  tooMany: null,
  pager: pager(1, 3, (page) => `/curate/tags?page=${page}`),
  form: { field: 'license', options: [{ value: 'CC0-1.0', label: 'CC0', chosen: false }], many: false, typed: '', levels: [], modes: [{ value: 'fill', label: 'fill', chosen: true }, { value: 'replace', label: 'instead', chosen: false }], hidden: [{ name: 'set', value: 'license' }], ticked: ['r1'], which: 'all', errors: [] },
  changes: [{ url: '/curate/tags/changes/c1', words: 'License: CC0', state: 'done', by: long.name, at: day('2026-11-03'), count: 12 }, { url: '/curate/tags/changes/c2', words: long.word, state: 'planned', by: null, at: day('2026-11-04'), count: 0 }],
  ...more,
});
const change = (more: Partial<ChangePage> = {}): ChangePage => ({ url: '/curate/tags/changes/c1', words: `License: ${long.word}`, state: 'planned', by: long.name, at: day('2026-11-03'), total: 12, planned: { change: 10, same: 1, refuse: 1 }, outcome: { changed: 0, same: 0, refused: 0 }, undone: { done: 0, left: 0 }, percent: null, reasons: [{ text: 'It is gone.', count: 1 }], tabs: [{ kind: 'change', label: 'Will change', count: 10, url: '/curate/tags/changes/c1?show=change', current: true }, { kind: 'refuse', label: 'Can’t', count: 1, url: '/curate/tags/changes/c1?show=refuse', current: false }], items: [{ title: long.title, url: '/resources/r1', language: 'en', before: 'nothing', after: 'CC0', note: '' }, { title: 'B', url: '/resources/r2', language: 'es', before: 'unknown', after: '', note: 'It is gone.' }], pager: null, moves: ['start', 'drop'], moveUrl: '/curate/tags/changes/c1/move', listUrl: '/curate/tags', ...more });
const coverageCell = (more: Partial<CoverageCell> = {}): CoverageCell => ({ column: 'Emerging', count: 0, checked: 0, fill: 'gap', shade: 0, url: '/search?standard=x', wanted: 3, elsewhere: { count: 9, url: '/search?standard=y' }, call: { open: false, url: '/curate/calls/new?standard=x' }, ...more });
const coverageRow = (more: Partial<CoverageRow> = {}): CoverageRow => ({ tab: nf1, kind: 'standard', depth: 2, language: 'en', cells: [coverageCell(), coverageCell({ column: long.name, count: 2, checked: null, fill: 'thin', shade: 1, wanted: 0, elsewhere: null, call: { open: true, url: '/calls/1' } })], all: coverageCell({ column: '', count: 12_345, fill: 'enough', shade: 4, call: null }), ...more });
const coverage = (more: Partial<CoveragePage> = {}): CoveragePage => ({
  framework: { label: 'Mathematics', url: '/standards/math' },
  frameworks: [{ value: 'math', label: long.word, chosen: true, language: 'de' }],
  grades: [{ value: '', label: 'All grades', chosen: true }],
  strands: [{ value: '', label: 'All parts', chosen: true }, { value: 'a', label: 'A', chosen: false }, { value: 'b', label: 'B', chosen: false }],
  axes: [{ value: 'level', label: 'Level of the student', chosen: true }],
  axis: 'level',
  checked: false,
  enough: 3,
  districts: [],
  district: null,
  tally: { rungs: 10, enough: 5, thin: 3, gaps: 2 },
  columns: [{ label: 'Emerging', level: level(1), language: null }, { label: long.name, level: null, language: 'es' }],
  rows: [coverageRow({ kind: 'group', tab: tab('Fractions', long.title) }), coverageRow(), coverageRow({ tab: nf2, cells: [coverageCell({ call: null, elsewhere: null, wanted: 0 }), coverageCell({ count: 4, checked: 1, fill: 'enough', shade: 2, call: null, elsewhere: null })] })],
  total: 300,
  csvUrl: '/curate/coverage.csv',
  pager: pager(1, 3, (page) => `/curate/coverage?page=${page}`),
  wanted: [{ tab: nf3, level: null, searches: 4, asks: 1, count: 0, url: '/search?standard=z', call: null }, { tab: nf1, level: level(1), searches: 0, asks: 2, count: 3, url: '/search?standard=y', call: { open: false, url: '/curate/calls/new?standard=y' } }],
  elsewhere: [],
  asksUrl: '/curate/search#asks',
  ...more,
});

const option = (value: string, count: number, more: Partial<FacetOption> = {}): FacetOption => ({
  value,
  label: value,
  count,
  chosen: false,
  level: null,
  code: null,
  language: null,
  children: [],
  open: false,
  ...more,
});

const facets: Facet[] = [
  { name: 'level', shown: 8, options: levels.map((one, index) => option(one.slug, 11 * (4 - index), { level: one, label: one.label, chosen: index === 1 })) },
  {
    name: 'standard',
    shown: 8,
    options: [
      option('g1', 27, {
        label: 'Mathematics',
        open: true,
        children: [
          option('g2', 25, { label: 'Grade 4', open: true, children: [option('g3', 6, { label: 'Explain why two fractions are equal', code: 'NF.1' }), option('g4', 19, { label: 'Compare two fractions', code: 'NF.2', chosen: true })] }),
          option('g5', 2, { label: 'Grade 5', children: [option('g6', 2, { label: 'Add fractions', code: 'NF.1' })] }),
        ],
      }),
    ],
  },
  { name: 'grade', shown: 3, options: ['K', '1', '2', '3', '4'].map((grade, index) => option(grade, index * 7, { label: grade === 'K' ? 'Kindergarten' : `Grade ${grade}`, chosen: grade === '4' })) },
  { name: 'language', shown: 8, options: [option('en', 17, { label: 'English', language: 'en' }), option('es', 2, { label: 'español', language: 'es' })] },
  { name: 'district', shown: 8, options: [option('long', 1, { label: long.name })] },
  { name: 'setting', shown: 8, options: [] },
];

const staffCounts = { created: 12, changed: 3, same: 100, refused: 2, gone: 1, closed: 1 };
const staffFilePage = (more: Partial<StaffFilePage> = {}): StaffFilePage => ({ fileName: long.word, organization: long.name, by: 'Imani Brooks', state: 'tried', at: day('2026-11-20'), counts: staffCounts, changed: false, unread: [long.word, 'Phone'], show: 'refused', filters: (['refused', 'created', 'changed', 'same'] as const).map((outcome) => ({ outcome, url: `/f?show=${outcome}#rows`, count: staffCounts[outcome] })), entries: [{ line: 1234, email: '', name: long.name, place: null, roles: '', changes: [], fault: { column: 'Grade', message: long.title } }, { line: 3, email: `${long.word}@example.org`, name: '', place: null, roles: '', changes: [], fault: { column: null, message: 'Twice.' } }], pager: null, gone: [{ id: 'p1', name: long.name, email: `${long.word}@example.org`, place: long.name, roles: 'Teacher' }], nameless: 0, mails: null, digest: 'abc', closed: false, applyUrl: '/f/apply', dropUrl: '/f/drop', rejectedUrl: '/f/rejected.csv', ...more });
const registrationOf = (more: Partial<RegistrationPage['districts'][number]> = {}): RegistrationPage['districts'][number] => ({ id: '1', name: long.name, actionUrl: '/r/1', open: true, domains: ['a.example', `${long.word}.example`], people: 3, updatedAt: day('2026-11-20'), by: 'Imani Brooks', ...more });
const invitation = (more: Partial<InvitationPage> = {}): InvitationPage => ({ step: 'new', invitation: { email: 'sam@example.org', organization: long.name, mergedFrom: null, roles: ['teacher', 'curator'], by: long.word }, token: 'abc', values: { name: '' }, actionUrl: '/invitation', acceptUrl: '/invitation/accept', signInUrl: '/sign-in?next=%2Finvitation', minLength: 12, errors: [], ...more });

const callItem = (more: Partial<CallItem> = {}): CallItem => ({ url: '/calls/c1', tab: nf1, language: 'en', level: level(1), descriptor: 'Splits a shape into equal parts.', words: `${long.title}\nSecond line.`, by: long.name, state: 'open', closesOn: day('2027-01-31'), madeAt: day('2026-11-01'), answers: 0, shareUrl: '/resources/new?standard=x&level=emerging&call=c1', ...more });
const callOver = callItem({ state: 'accepted', closesOn: null, level: null, descriptor: null, words: '', answers: 2, shareUrl: null });
const rungCall = { url: '/calls/c1', words: long.word, by: long.name, closesOn: day('2027-01-31'), shareUrl: '/resources/new?call=c1' };
const callForm: CallForm = { actionUrl: '/curate/calls', existing: null, standard: null, values: { standard: '', words: '', closesOn: '' }, levels: [{ value: '', label: 'Any level', chosen: true }], organizations: [], hidden: [], ask: null, errors: [] };

const search = (more: Partial<SearchPage> = {}): SearchPage => ({
  query: 'tug of war 4.NF.2',
  total: 190,
  from: 1,
  to: 3,
  hits: [
    { ...card(), found: null, why: { points: '1,234', words: ['“tug” is in the title.', '“war” is in the summary, as “wars”.'], parts: [{ label: 'Where the words are', points: '+1,000' }, { label: 'Others of the same name stand above', points: '−30' }] } },
    { ...spanishCard(), found: null, why: null },
    { ...card({ title: 'Forces and motion, the whole packet', thumb: image('packet12'), files: 1, pages: 38 }), found: { fileName: 'forces.pdf', page: 12, url: '/files/301/pages#page-12', language: 'en', snippet: [{ text: '… both teams pull the rope with five newtons. In this ', mark: false }, { text: 'tug of war', mark: true }, { text: ' the flag does not move …', mark: false }] }, why: null },
    { ...longCard(), found: null, why: null },
    { ...bareCard(), found: null, why: null },
  ],
  understood: [{ as: 'standard', text: '4.NF.2', tab: nf2, offered: [{ code: 'CCSS.Math.Content.4.NF.A.2', label: 'Common Core Mathematics', url: '/search?standard=2' }], removeUrl: '/search?q=tug+of+war', wordsUrl: '/search?q=tug+of+war+4.NF.2&code=no' }],
  relaxed: null,
  noCode: null,
  didYouMean: null,
  filters: [
    { facet: 'grade', value: '4', label: 'Grade 4', level: null, tab: null, language: null, removeUrl: '/search?q=tug' },
    { facet: 'level', value: 'developing', label: 'Developing', level: level(2), tab: null, language: null, removeUrl: '/search?q=tug' },
    { facet: 'standard', value: 'g4', label: 'Compare', level: null, tab: nf2, language: null, removeUrl: '/search?q=tug' },
    { facet: 'language', value: 'es', label: 'español', level: null, tab: null, language: 'es', removeUrl: '/search?q=tug' },
  ],
  clearUrl: '/search?q=tug',
  collection: { title: 'Ropes', url: '/collections/1/ropes', removeUrl: '/search?q=tug' },
  facets,
  filterHidden: [{ name: 'q', value: 'tug of war 4.NF.2' }, { name: 'sort', value: 'used' }],
  sortHidden: [{ name: 'q', value: 'tug of war 4.NF.2' }, { name: 'grade', value: '4' }],
  sort: 'best',
  sorts: ['best', 'newest', 'used', 'title', 'shortest'],
  pager: pager(5, 10, (page) => `/search?q=tug&page=${page}`),
  nothing: null,
  errors: [],
  engineNotice: false,
  unexplained: false,
  apiUrl: '/api/v1/resources?q=tug',
  feedUrl: '/search.atom?q=tug',
  keep: { search: 'q=tug', name: 'tug of war', mail: 'weekly', kept: false },
  ...more,
});

const collectionCard = (more: Partial<CollectionCard> = {}): CollectionCard => ({
  id: '0190c1f0-0000-7000-8000-000000000701',
  url: '/collections/701/halves',
  title: 'Halves and quarters',
  kind: 'list',
  visibility: 'school',
  featured: false,
  summary: 'For the third week.',
  owner: 'Dana Whitcomb',
  organization: { label: 'Sandstone', url: '/schools/sandstone' },
  count: 7,
  cover: image('frac1'),
  updatedAt: day('2026-11-02'),
  mine: true,
  ...more,
});

const collection = (more: Partial<CollectionPage> = {}): CollectionPage => ({
  id: '0190c1f0-0000-7000-8000-000000000701',
  title: long.title,
  language: 'en',
  kind: 'list',
  visibility: 'link',
  featured: false,
  description: markSafe('<p>For the <em>third</em> week.</p>'),
  owner: 'Dana Whitcomb',
  organization: { label: 'Sandstone', url: '/schools/sandstone' },
  copiedFrom: { title: long.title, owner: long.name, url: null },
  updatedAt: day('2026-11-02'),
  total: 45,
  parts: [
    { id: null, title: null, items: [{ ...card(), found: null, why: null, note: markSafe('<p>Begin with this.</p>') }] },
    { id: '1', title: 'Second <i>week</i>', items: [{ ...spanishCard(), found: null, why: null, note: null }, { ...longCard(), found: null, why: null, note: null }] },
  ],
  rule: null,
  pager: pager(1, 3, (page) => `/collections/701?page=${page}`),
  taken: 45,
  actions: { zipUrl: '/collections/701/files.zip', printUrl: '/collections/701/print', searchUrl: '/search?collection=701', editUrl: '/collections/701/edit', copyUrl: '/collections/701/copy', key: 'k', signInUrl: '/sign-in', featureUrl: '/collections/701/feature', closeUrl: '/collections/701/close', leaveUrl: '/collections/701/editors/1/remove' },
  permalink: 'http://localhost:3000/collections/701?key=k',
  ...more,
});

const ruledCollection = (): CollectionPage =>
  collection({ kind: 'rule', visibility: 'public', featured: true, total: 190, taken: 100, rule: { words: 'tug', chips: search().filters, searchUrl: '/search?q=tug', shown: 188, engineNotice: false }, parts: [...collection().parts.slice(0, 1), { id: 'rule', title: null, items: [{ ...bareCard(), found: null, why: null, note: null }] }], copiedFrom: null });

const emptyCollection = (): CollectionPage =>
  collection({ title: 'Saved', kind: 'saved', visibility: 'private', description: null, copiedFrom: null, total: 0, taken: 0, parts: [], pager: null, actions: { ...collection().actions, zipUrl: null, printUrl: null, searchUrl: null, copyUrl: null, key: null, signInUrl: null, featureUrl: null, closeUrl: null, leaveUrl: null } });

const edited = (id: string, more: Partial<EditedItem> = {}): EditedItem => ({ id, title: 'Fraction strips', language: 'en', url: '/resources/1', thumb: image('frac1'), kind: 'document', about: 'Lesson, grade 4, Sandstone', note: 'Begin <i>here</i>.', revision: 2, section: '', actionUrl: '/collections/701/items/1', first: true, last: false, ...more });

const editedCollection = (more: Partial<CollectionEditPage> = {}): CollectionEditPage => ({
  id: '701',
  kind: 'list',
  title: long.title,
  url: '/collections/701',
  values: { title: long.title, description: '*for* the third week', visibility: 'link' },
  revision: 3,
  visibilities: [{ value: 'private', label: 'Only me', hint: 'You.', chosen: false }, { value: 'link', label: 'Whoever has the link', hint: 'Also without an account.', chosen: true }],
  mayShare: true,
  mayDescribe: true,
  covers: [{ value: '1', label: long.title, language: 'en', thumb: image('frac1'), chosen: true }],
  sections: [
    { id: null, title: null, revision: 0, actionUrl: null, first: false, last: false, items: [edited('a')] },
    { id: 's1', title: 'First <i>week</i>', revision: 1, actionUrl: '/collections/701/sections/s1', first: true, last: false, items: [edited('b', { title: long.title, note: '', section: 's1', thumb: null, first: false })] },
    { id: 's2', title: long.name, revision: 1, actionUrl: '/collections/701/sections/s2', first: false, last: true, items: [] },
  ],
  sectionOptions: [{ value: '', label: 'No section' }, { value: 's1', label: 'First <i>week</i>' }, { value: 's2', label: long.name }],
  count: 2,
  most: 500,
  gone: 2,
  rule: null,
  link: { url: 'http://localhost:3000/collections/701?key=k', actionUrl: '/collections/701/link' },
  editors: [{ id: '1', name: long.name, email: 'a@example.org', organization: 'Sandstone', active: true, removeUrl: '/collections/701/editors/1/remove' }, { id: '2', name: 'Gone', email: 'b@example.org', organization: 'Sandstone', active: false, removeUrl: null }],
  owner: 'Dana Whitcomb',
  mayInvite: true,
  typed: { section: '', resource: '', email: '' },
  actionUrl: '/collections/701',
  itemsUrl: '/collections/701/items',
  sectionsUrl: '/collections/701/sections',
  editorsUrl: '/collections/701/editors',
  goneUrl: '/collections/701/gone',
  deleteUrl: '/collections/701/delete',
  feature: { url: '/collections/701/feature', featured: true },
  errors: [],
  ...more,
});

const ruleForm = (more: Partial<RuleForm> = {}): RuleForm => ({
  words: 'tug <i>of</i> war',
  keptWords: 'tug of war',
  standards: 'DS.MATH.4.NF.2',
  sorts: [{ value: 'best', label: 'Best match', chosen: true }, { value: 'newest', label: 'Newest', chosen: false }],
  facets: facets.filter(({ name, options }) => name !== 'standard' && options.length > 0),
  preview: { total: 12, all: 300, warning: null, chips: search().filters, words: 'tug', first: [{ label: long.title, url: '/resources/1', language: 'en' }], unknown: ['9.Z.9'], address: '/search?q=tug' },
  ...more,
});

const framework: FrameworkCard = {
  guid: '0190c1f0-0000-7000-8000-000000000401',
  title: 'Demo State Mathematics',
  url: '/standards/0190c1f0-0000-7000-8000-000000000401',
  publisher: 'Demo State',
  subject: 'Mathematics',
  year: '2024',
  standards: 140,
  resources: 82,
  status: 'adopted',
};

const levelCounts = (counts: number[]): LevelCount[] =>
  counts.map((count, index) => ({ ...level(index + 1), count, checked: Math.floor(count / 2), url: `/search?standard=x&level=${index}` }));

const standardItem = (more: Partial<StandardListItem> = {}): StandardListItem => ({
  tab: nf2,
  kind: 'standard',
  grades: ['4'],
  depth: 1,
  resources: 44,
  checked: 30,
  levels: levelCounts([9, 14, 21, 0]),
  language: 'en',
  ...more,
});

const standard = (more: Partial<StandardPage<ShelfItem>> = {}): StandardPage<ShelfItem> => ({
  tab: nf2,
  crumbs: [
    { label: 'Standards', url: '/standards' },
    { label: 'Demo State Mathematics', url: '/standards/401' },
    { label: 'Fractions', url: '/standards/402' },
  ],
  framework: { label: 'Demo State Mathematics', url: '/standards/401' },
  language: 'en',
  kind: 'standard',
  notes: 'With a common denominator, a common numerator, or a landmark such as one half.',
  grades: ['4'],
  total: 44,
  checked: 30,
  searchUrl: '/search?standard=402',
  rungs: levels.map((one, index) => ({
    level: one,
    count: [9, 14, 3, 0][index] ?? 0,
    checked: [6, 9, 1, 0][index] ?? 0,
    items: index === 3 ? [] : shelf.slice(index, index + 4),
    allUrl: `/search?standard=402&level=${one.slug}`,
    shareUrl: `/resources/new?standard=402&level=${one.slug}`,
    adaptFrom: { label: 'Proficient', url: '/search?standard=402&level=proficient' },
    call: index === 3 ? rungCall : null,
  })),
  call: { ...rungCall, words: '', closesOn: null },
  unplaced: { count: 5, items: shelf.slice(0, 2), allUrl: '/search?standard=402' },
  sort: 'used',
  checkedOnly: false,
  parent: { tab: tab('DS.MATH.4.NF', 'Fractions') },
  siblings: [
    { tab: nf1, count: 37, current: false },
    { tab: nf2, count: 44, current: true },
  ],
  children: [{ tab: tab('DS.MATH.4.NF.2.a', 'With strips'), count: 3 }],
  buildsOn: [nf1],
  leadsTo: [nf3],
  crosswalk: [{ framework: 'Common Core', tab: tab('4.NF.A.2', 'Compare two fractions'), match: 'Same' }],
  replacedBy: [],
  ...more,
});

const shareForm = (more: Partial<ShareFormPage> = {}): ShareFormPage => ({
  noFrameworks: false,
  resourceId: '0190c1f0-0000-7000-8000-000000000101',
  revision: 7,
  versionNumber: 1,
  publishedUrl: null,
  values: { title: 'Which is more? with <measuring> cups', summary: 'Students fold, shade and argue.', description: 'You need paper.\n\nAnd cups.', url: 'https://example.org/page', minutes: '50', keywords: 'cups, fractions', authors: '', publisher: '', find: '4nf2' },
  errors: [],
  files: [
    draftFile(),
    draftFile({ id: '0190c1f0-0000-7000-8000-000000000302', name: `${long.word}.docx`, format: 'Word', main: false, educatorsOnly: true, state: 'waiting' }),
    draftFile({ id: '0190c1f0-0000-7000-8000-000000000303', name: 'bad.pdf', main: false, state: 'refused', pages: null }),
  ],
  refused: [],
  accept: '.pdf,.docx,.pptx',
  maxBytes: 1073741824,
  options: {
    types: [{ value: 'lesson', label: 'Lesson', chosen: false }, { value: 'activity', label: 'Activity', chosen: true }],
    subjects: [{ value: 'mathematics', label: 'Mathematics', chosen: true }, { value: 'science', label: 'Science', chosen: false }],
    grades: ['PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'].map((grade) => ({ value: grade, label: grade, chosen: grade === '4' || grade === '5' })),
    topics: [
      { label: 'Mathematics', options: [{ value: 'fractions', label: 'Fractions', chosen: true }, { value: 'measurement', label: 'Measurement', chosen: false }] },
      { label: 'Science', options: [{ value: 'forces', label: 'Forces', chosen: false }] },
      { label: 'Empty', options: [] },
    ],
    settings: [{ value: 'whole-class', label: 'Whole class', chosen: true }],
    languages: [{ value: 'en', label: 'English', chosen: true, language: 'en' }, { value: 'es', label: 'español', chosen: false, language: 'es' }],
    licenses: [
      { license: ccBy, chosen: true, possible: true },
      { license: { ...ccBy, code: 'CC-BY-ND-4.0', name: 'CC BY-ND 4.0', adaptable: false, mayNot: ['Share a changed version'] }, chosen: false, possible: false },
      { license: { ...ccBy, code: 'CC0-1.0', name: 'CC0 1.0', credit: false, must: [] }, chosen: false, possible: true },
      { license: { ...ccBy, code: 'STATE', name: 'All rights reserved', adaptable: false, open: false }, chosen: false, possible: true },
    ],
    visibilities: [{ value: 'public', chosen: true, possible: true }, { value: 'state', chosen: false, possible: true }, { value: 'district', chosen: false, possible: true }, { value: 'school', chosen: false, possible: false }],
  },
  standards: [
    { tab: nf2, level: 'developing', levels, own: levels, relation: 'teaches' },
    { tab: tab(long.word, long.title), level: '', levels, own: [], relation: 'assesses' },
  ],
  finder: {
    query: '4nf',
    found: [
      { tab: nf1, framework: 'Demo State Mathematics', path: ['Grade 4', 'Fractions'], picked: false },
      { tab: nf2, framework: 'Demo State Mathematics', path: [], picked: true },
    ],
    unknown: [],
  },
  levels,
  adaptedFrom: { title: 'Which is more?', language: 'en', url: '/resources/101', authors: 'Mai Lin Tran', organization: 'Port Haven', on: null, note: null, license: ccBy },
  savedAt: day('2026-11-20'),
  card: { title: 'Which is more? with measuring cups', summary: 'Students fold, shade and argue.', language: 'en', type: 'Activity', grades: ['4', '5'], levels: [level(2)], standards: [nf2], minutes: 50, thumb: image('frac2'), kind: 'document', authors: 'Dana Whitcomb', organization: 'Sandstone Middle School' },
  organization: 'Sandstone Middle School',
  district: 'Sandstone County Schools',
  afterwards: 'at_once',
  actions: { save: '/resources/101/edit', upload: '/resources/101/draft/files', preview: '/resources/101/check' },
  ...more,
});

/** A draft that somebody has just begun. */
const emptyShareForm = (): ShareFormPage => {
  const form = shareForm();
  const none = (options: Option[]): Option[] => options.map((one) => ({ ...one, chosen: false }));
  return {
    ...form,
    values: { title: '', summary: '', description: '', url: '', minutes: '', keywords: '', authors: '', publisher: '', find: '' },
    files: [],
    options: { ...form.options, types: none(form.options.types), subjects: none(form.options.subjects), grades: none(form.options.grades), topics: [], settings: [], licenses: form.options.licenses.map((one) => ({ ...one, chosen: false, possible: true })) },
    standards: [],
    finder: null,
    levels: [],
    adaptedFrom: null,
    savedAt: null,
    card: { ...form.card, title: '', summary: '', type: null, grades: [], levels: [], standards: [], minutes: null, thumb: null },
  };
};

const checkPage = (more: Partial<CheckPage> = {}): CheckPage => ({
  card: card({ saveUrl: null, saved: null, check: claimed, used: { people: 0, districts: null } }),
  license: 'stated',
  versionNumber: 1,
  files: [draftFile(), draftFile({ educatorsOnly: true, state: 'waiting' })],
  link: null,
  standards: [{ tab: nf2, level: 'developing', levels, own: [], relation: 'teaches' }, { tab: nf1, level: '', levels, own: [], relation: 'teaches' }],
  topics: ['Fractions', 'Measurement'],
  problems: [],
  hints: [{ message: 'A level for DS.MATH.4.NF.1', url: '/resources/1/edit#level-1' }],
  changeNote: '',
  errors: [],
  revision: 7,
  afterwards: 'at_once',
  editUrl: '/resources/1/edit',
  students: [],
  publishUrl: '/resources/1/publish',
  ...more,
});

const mine = (more: Partial<MyResource> = {}): MyResource => ({
  id: '0190c1f0-0000-7000-8000-000000000501',
  title: 'Which is more? Comparing fractions with strips and stories',
  language: 'en',
  url: '/resources/501',
  thumb: image('frac1'),
  kind: 'document',
  type: 'Lesson',
  visibility: 'public',
  check: checked,
  version: 3,
  on: day('2026-10-14'),
  draftUrl: null,
  editUrl: '/resources/501/edit',
  withdrawUrl: null,
  restoreUrl: null,
  discardUrl: null,
  reuse: null,
  checksUrl: '/resources/3/checks',
  mend: markSafe('<p>The graph has no units.</p>'),
  ...more,
});

const about: Record<string, Fixture<AboutPage>> = {
  full: { props: { contact: 'shelf@state.example', state: 'Demo State', maxBytes: 1073741824, own: null } },
  'without contact': { props: { contact: null, state: long.name, maxBytes: 1048576, own: renderMarkdown('## A heading\n\nSomething of our own.') } },
};

const importRuns: ImportsPage['runs'] = [
  { url: '/imports/r1', fileName: 'catalog-2026-11.csv', source: 'main', district: null, state: 'done', dryRun: false, door: 'browser', by: 'Tomasz Zielinski', at: day('2026-11-20'), counts: [{ name: 'new', count: 1206 }, { name: 'rejected', count: 173 }] },
  ...(['planned', 'running', 'paused', 'cancelled', 'done', 'failed', 'undoing', 'undone'] as const).map((state) => ({ url: `/imports/${state}`, fileName: `${long.word}.csv`, source: 'library', district: long.name, state, dryRun: true, door: 'command' as const, by: null, at: day('2026-11-19'), counts: [] })),
];

const importWords: ImportColumnsPage['words'] = [
  { index: 0, field: 'subjects', word: 'Maths', rows: 1200, choice: '', near: ['Mathematics'], all: ['Mathematics', 'Science'] },
  { index: 1, field: 'license', word: `free "for" ${long.word}`, rows: 0, choice: '-', near: [], all: ['CC BY 4.0'] },
  { index: 2, field: 'standards', word: '3.XX.1', rows: 4, choice: '=3.NF.A.1', near: [], all: [] },
];

const importColumns: ImportColumnsPage = {
  fileName: 'catalog.csv', source: 'library', district: 'Sandstone County', facts: ['CSV', 'UTF-8', 'semicolons between the cells', '3 columns'], read: 6, more: false,
  actionUrl: '/imports/files/f1', yamlUrl: '/imports/files/f1/mapping.yml', yamlActionUrl: '/imports/files/f1/mapping', removeUrl: '/imports/files/f1/remove', based: 2, conflict: false, from: 'guess',
  idColumns: [{ value: '0', label: 'Item No.', chosen: true }, { value: '1', label: long.word, chosen: false }, { value: '2', label: 'Tags', chosen: false }],
  columns: [{ index: 0, name: 'Item No.', samples: ['K-1', 'K-2'], field: '', split: '', list: false }, { index: 1, name: long.word, samples: [], field: 'title', split: '', list: false }, { index: 2, name: 'Tags', samples: [long.name], field: 'keywords', split: ',', list: true }],
  hiddenColumns: 0, fields: ['title', 'url', 'keywords'], written: [],
  fallback: [{ field: 'license', value: 'CC BY 4.0', options: ['CC BY 4.0', 'CC0 1.0'] }, { field: 'visibility', value: '', options: ['public', 'state'] }, { field: 'type', value: 'Other', options: ['Lesson'] }, { field: 'language', value: '', options: null }],
  understood: [{ word: 'Math', label: 'Mathematics' }], words: importWords, yaml: 'fields:\n  title: Name\n', yamlErrors: [],
  preview: [{ title: long.name, externalId: 'K-1', language: 'es', facts: [{ field: 'url', value: 'https://a.example/b' }, { field: 'claims', value: 'DS.MATH.3.NF.1' }], gaps: ['Subjects: “Sci” is not known here.'] }],
  rejected: [], rejectedCount: 0, errors: [],
};

const importRun: ImportRunPage = {
  fileName: 'catalog-2026-11.csv', source: 'main', district: 'Prairie Union School District', state: 'done', dryRun: false, door: 'browser', by: 'Tomasz Zielinski', at: day('2026-11-20'), took: { minutes: 3, seconds: 48, waited: 12 }, mappingVersion: 4, strict: false, withdraws: false,
  takenBackAt: null, alone: false, arrived: 12_258, total: 12_431, progress: null, reason: null, asks: false,
  tally: [{ name: 'unchanged', count: 10_209, shade: 'f3', url: null }, { name: 'new', count: 1206, shade: 'f1', url: '/imports/r1/rows?outcome=new' }, { name: 'changed', count: 843, shade: 'f2', url: '/imports/r1/rows?outcome=changed' }, { name: 'rejected', count: 173, shade: 'f4', url: '/imports/r1/rows?outcome=rejected' }, { name: 'gaps', count: 12, shade: null, url: '/imports/r1/rows?outcome=gaps' }],
  rejectedUrl: '/imports/r1/rejected.csv', gapsUrl: '/imports/r1/gaps.csv',
  causes: [{ title: 'The title is missing', count: 88, url: '/imports/r1/rows?outcome=rejected&cause=x', rows: [{ line: 214, url: '/imports/r1/rows/213', externalId: 'PU-00871', read: '', reasons: ['Title: There is no title.'] }, { line: null, url: '/imports/r1/rows/215', externalId: null, read: long.word, reasons: [] }] }, { title: 'The same id stands twice in the file', count: 1, url: '/imports/r1/rows?outcome=rejected&cause=y', rows: [] }],
  words: importWords, understood: [{ word: 'Math', label: 'Mathematics', rows: 12 }], gaps: [{ text: 'Minutes: “a while” can’t be read.', rows: 3 }], moreGaps: 9, likely: [{ externalId: 'PU-9', url: '/resources/b', title: long.name, organization: long.name, why: 'link' }], likelyUrl: '/imports/r1/likely.csv', changes: [{ field: 'title', count: 297 }, { field: 'claims', count: 134 }], takenBack: 0, leftAsIs: 0, leftUrl: '/imports/r1/rows?outcome=left',
  actions: { here: '/imports/r1', run: null, cancel: null, resume: null, undo: '/imports/r1/undo', words: '/imports/r1/words', columns: '/imports/r1/columns' },
  undoUntil: day('2026-12-20'), key: 'k', earlier: [{ url: '/imports/r0', fileName: long.word, at: day('2026-11-19'), changes: 22, dryRun: false, undone: false }, { url: '/imports/r00', fileName: 'a.csv', at: day('2026-11-18'), changes: 0, dryRun: true, undone: false }, { url: '/imports/r000', fileName: 'a.csv', at: day('2026-11-18'), changes: 4, dryRun: false, undone: true }],
};

const importRow: ImportRowPage = { runUrl: '/imports/r1', fileName: 'catalog.csv', line: 8, position: 7, externalId: 'K-7', outcome: 'rejected', dryRun: false, resource: null, reasons: ['Title: There is no title.'], gaps: [], changes: [], raw: null, mend: null };

export const fixtures: Fixtures = {
  'home/index': {
    full: {
      props: {
        resources: 41260,
        districts: 212,
        checked: 312,
        aligned: true,
        tries: [
          { label: 'tug of war 3.PS.2', url: '/search?q=tug+of+war+3.PS.2' },
          { label: 'fracciones grado 4', url: '/search?q=fracciones+grado+4', language: 'es' },
        ],
        subjects: [
          { slug: 'mathematics', label: 'Mathematics' },
          { slug: 'science', label: 'Science' },
        ],
        grades: ['PK', 'K', '1', '2', '3', '4'],
        levels,
        shelf: { kind: 'checked', items: shelf, allUrl: '/search?checked=state', teaching: { subjects: [{ slug: 'math', label: long.word }], grades: ['K', '4', '5'], first: true, found: 2, url: '/search?subject=math&grade=4' } },
        collections: [collectionCard({ mine: false, featured: true, visibility: 'public' }), collectionCard({ mine: false, kind: 'rule', count: null, title: long.title })],
        bySubject: [
          { label: 'Arts', url: '/search?subject=arts', count: 2914 },
          { label: 'Career and technical', url: '/search?subject=cte', count: 3108 },
          { label: 'English language arts', url: '/search?subject=ela', count: 9870 },
          { label: 'Mathematics', url: '/search?subject=mathematics', count: 10246 },
        ],
        calls: [callItem(), callOver],
        gaps: [
          { tab: nf2, level: { ...level(4), description: 'Argues which strategy is best for a pair of fractions.' }, shareUrl: '/resources/new?standard=1&level=extending' },
          { tab: nf3, level: { ...level(1), description: null }, shareUrl: '/resources/new?standard=2&level=emerging' },
        ],
      },
    },
    empty: {
      props: { resources: 0, districts: 0, checked: 0, aligned: false, tries: [], subjects: [], grades: [], levels: [], shelf: { kind: 'newest', items: [], allUrl: '/search' , teaching: { subjects: [], grades: ['4'], first: false, found: 0, url: '/search?grade=4' } }, collections: [], bySubject: [], calls: [], gaps: [] },
    },
    long: {
      props: { resources: 1, districts: 1, checked: 0, aligned: false, tries: [{ label: long.word, url: '/search' }], subjects: [{ slug: 'long', label: long.word }], grades: ['4'], levels, shelf: { kind: 'newest', items: [bareShelfItem(), ...shelf], allUrl: '/search' , teaching: null }, collections: [], bySubject: [{ label: long.word, url: '/search', count: 10246000 }], calls: [callItem({ words: '' })], gaps: [{ tab: tab(long.word, long.title), level: level(1), shareUrl: '/resources/new' }] },
    },
  },
  'search/index': {
    full: { props: search() },
    plain: { props: search({ query: '', understood: [], filters: [], pager: null, engineNotice: true, total: 1, from: 1, to: 1, hits: [{ ...card(), found: null, why: null }] }) },
    understood: {
      props: search({
        understood: [
          { as: 'filter', facet: 'grade', text: '3rd grade', label: 'Grade 3', level: null, removeUrl: '/search?q=tug', wordsUrl: '/search?q=tug+3rd+grade&words=3rd+grade' },
          { as: 'filter', facet: 'level', text: 'developing', label: 'Developing', level: level(2), removeUrl: '/search?q=tug', wordsUrl: '/search?q=tug+developing&words=developing' },
          { as: 'filter', facet: 'license', text: 'free to adapt', label: long.title, level: null, removeUrl: '/search?q=tug', wordsUrl: '/search?q=tug+free+to+adapt&words=free+to+adapt' },
          { as: 'words', texts: ['grade 12', 'quiz'], label: 'Grade 12 and Assessment' },
          { as: 'preferred', label: 'Emerging and Worksheet', count: 2, onlyUrl: '/search?q=fractions&level=emerging' },
        ],
      }),
    },
    unknown: {
      props: search({ query: long.word, understood: [{ as: 'unknown', facet: 'standard', text: '4.NQ.2', removeUrl: '/search', near: [{ label: '4.NF.2', url: '/search?standard=4.NF.2' }] }, { as: 'unknown', facet: 'topic', text: 'fractoins', removeUrl: '/search', near: [] }], didYouMean: { text: 'fractions', url: '/search?q=fractions', count: null, asTyped: [{ label: 'fractoins', url: '/search?q=%22fractoins%22' }] } }),
    },
    nothing: {
      props: search({
        query: 'balancing forcs', total: 0, from: 0, to: 0, hits: [], pager: null,
        didYouMean: { text: 'balancing forces', url: '/search?q=balancing+forces', count: 12, asTyped: [] },
        nothing: {
          looser: [
            { without: 'words', label: 'rope lab', url: '/search?a', count: 3 },
            { without: 'level', label: 'Extending', url: '/search?b', count: 5 },
            { without: 'grade', label: 'Grade 3', url: '/search?c', count: 1 },
            { without: 'checked', label: '', url: '/search?d', count: 2 },
            { without: 'language', label: 'español', url: '/search?e', count: 9 },
            { without: 'everything-but-standard', label: '3.PS.2', url: '/search?f', count: 38 },
          ],
          near: shelf.slice(0, 2),
          gap: { tab: nf2, level: level(4), shareUrl: '/resources/new?standard=1' },
          around: [
            { as: 'level', level: level(2), tab: nf2, url: '/search?g', count: 3 },
            { as: 'beside', level: null, tab: nf2, url: '/search?h', count: 1 },
          ],
        },
      }),
    },
    'nothing at all': { props: search({ query: 'x', total: 0, from: 0, to: 0, hits: [], pager: null, understood: [], filters: [], nothing: { looser: [], near: [], gap: null, around: [] } }) },
    bad: { status: 400, props: search({ errors: [{ field: 'q', message: 'The page must be a number.' }] }) },
  },
  'standards/index': {
    full: { props: { frameworks: [framework, { ...framework, title: long.title, publisher: null, subject: null, year: null }], retired: [{ ...framework, title: 'Demo State Mathematics 2015', status: 'retired' }], lookup: null } },
    found: { props: { frameworks: [framework], retired: [], lookup: { query: '4nf2', found: [standardItem(), standardItem({ tab: tab(long.word, long.title) })] } } },
    'not found': { props: { frameworks: [framework], retired: [], lookup: { query: long.word, found: [] } } },
    empty: { props: { frameworks: [], retired: [], lookup: null } },
  },
  'standards/framework': {
    full: {
      props: {
        framework,
        crumbs: [{ label: 'Standards', url: '/standards' }],
        description: 'What every student in the state should come to know and do.',
        license: { label: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
        language: 'en',
        grades: ['K', '1', '2', '3', '4'].map((grade) => ({ grade, url: `/standards/401?grade=${grade}`, count: 9, current: grade === '4' })),
        domains: [{ label: 'Fractions', code: 'NF', url: '/standards/401?domain=nf', count: 82, current: true }, { label: 'Geometry', code: null, url: '/standards/401?domain=g', count: 20, current: false }],
        allUrl: '/standards/401',
        items: [standardItem({ kind: 'group', depth: 0, tab: tab('DS.MATH.4.NF', 'Fractions'), levels: [] }), standardItem(), standardItem({ tab: nf1, levels: levelCounts([0, 0, 2, 0]) }), standardItem({ depth: 2, tab: tab('DS.MATH.4.NF.2.a', long.title) })],
        levels,
        searchUrl: '/search?standard=401',
        caseUrl: '/ims/case/v1p1/CFPackages/401',
      },
    },
    empty: { props: { framework: { ...framework, status: 'retired', publisher: null, year: null, resources: 0 }, crumbs: [], description: null, license: null, language: 'es', grades: [], domains: [], allUrl: null, items: [], levels: [], searchUrl: '/search', caseUrl: null } },
  },
  'standards/show': {
    full: { props: standard() },
    retired: { props: standard({ tab: { ...nf2, retired: true }, replacedBy: [nf3], notes: null, unplaced: null, sort: 'newest', checkedOnly: true }) },
    empty: { props: standard({ kind: 'group', total: 0, checked: 0, notes: null, rungs: [], unplaced: null, parent: null, siblings: [], children: [], buildsOn: [], leadsTo: [], crosswalk: [], crumbs: [], grades: [] }) },
    long: { props: standard({ tab: tab(`DS.${long.word.toUpperCase()}`, long.title), language: 'es', rungs: standard().rungs.map((rung) => ({ ...rung, count: 0, items: [], adaptFrom: null })) }) },
  },
  'resources/show': {
    full: { props: resourcePage() },
    bare: { props: bareResourcePage() },
    mine: { props: resourcePage({ card: { ...spanishCard() }, draftUrl: '/resources/101/edit', publisher: long.name, actions: { ...resourcePage().actions, take: { url: '/files/301/a.pdf', label: 'file', format: 'PDF', bytes: 900 }, adaptUrl: null, adaptRefused: 'no-derivatives', save: { url: '/resources/101/save', saved: true }, use: { url: '/resources/101/use', used: true, said: true }, editUrl: '/resources/101/edit', withdrawUrl: '/resources/101/withdraw', restoreUrl: '/resources/101/restore' } }) },
    long: { props: resourcePage({ card: longCard(), files: [file({ name: `${long.word}.pdf`, state: 'refused', url: null })], look: { fileName: `${long.word}.mp4`, totalPages: 0, pages: [], pagesUrl: '/p', textUrl: null, media: { kind: 'video', url: '/files/1/a.mp4', type: 'video/mp4', captionsUrl: '/files/1/a.vtt' } } }) },
  },
  'resources/version': {
    old: { props: resourcePage({ version: { number: 1, publishedAt: new Date('2025-09-09'), note: null, current: false, currentUrl: '/resources/101' } }) },
    picture: { props: resourcePage({ look: { fileName: 'map.png', totalPages: 1, pages: [{ number: 1, image: image('shed', 440, 320), text: null, url: '/files/1' }], pagesUrl: '/p', textUrl: null, media: { kind: 'image', url: '/files/1/map.png', type: 'image/png', captionsUrl: null } } }) },
    sound: { props: resourcePage({ look: { fileName: 'song.mp3', totalPages: 0, pages: [], pagesUrl: '/p', textUrl: null, media: { kind: 'audio', url: '/files/1/song.mp3', type: 'audio/mpeg', captionsUrl: null } } }) },
  },
  'resources/pages': {
    images: { props: { resource: { title: card().title, url: card().url, language: 'en' }, file: file(), mode: 'images', otherUrl: '/files/301/text', pages: [{ number: 1, image: image('frac1', 680, 880), text: 'Which is more?' }, { number: 2, image: null, text: null }] } },
    text: { props: { resource: { title: long.title, url: card().url, language: 'es' }, file: file({ name: `${long.word}.pdf` }), mode: 'text', otherUrl: null, pages: [{ number: 1, image: null, text: `Uno\ndos\n\n${long.word}` }, { number: 2, image: null, text: null }] } },
    none: { props: { resource: { title: 'A', url: '/resources/1', language: 'en' }, file: file({ pages: null, url: null, openUrl: null }), mode: 'images', otherUrl: null, pages: [] } },
  },
  'resources/new': {
    full: {
      props: {
        actionUrl: '/resources/new',
        drafts: [{ title: 'Which is more?', url: '/resources/1/edit', savedAt: day('2026-11-20') }, { title: '', url: '/resources/2/edit', savedAt: day('2026-11-19') }],
        organizations: [{ value: 'a', label: 'Sandstone Middle School', chosen: true }, { value: 'b', label: long.name, chosen: false }],
        preset: { tab: nf2, level: level(4) },
        hidden: [{ name: 'standard', value: nf2.guid }, { name: 'level', value: 'extending' }],
        values: { url: 'exa mple' },
        errors: [{ field: 'url', message: 'This is not a web address.' }, { field: 'files', message: 'Choose a file or give a link.' }],
        refused: [{ name: `${long.word}.pages`, reason: 'Others cannot open this kind of file.' }],
        accept: '.pdf,.docx',
        maxBytes: 1073741824,
      },
      status: 422,
    },
    empty: { props: { actionUrl: '/resources/new', drafts: [], organizations: [], preset: null, hidden: [], values: { url: '' }, errors: [], refused: [], accept: '.pdf', maxBytes: 104857600 } },
  },
  'resources/edit': {
    full: { props: shareForm() },
    empty: { props: emptyShareForm() },
    faults: {
      status: 422,
      props: shareForm({
        versionNumber: 3,
        publishedUrl: '/resources/101',
        errors: ['title', 'summary', 'description', 'url', 'minutes', 'keywords', 'authors', 'publisher', 'type', 'subject', 'grade', 'topic', 'license', 'files', 'standard'].map((field) => ({ field, message: `Something about ${field}.` })),
        refused: [{ name: 'cups.pages', reason: 'Others cannot open this kind of file. Save it as PDF or Word and add it again.' }],
        finder: { query: long.word, found: [], unknown: [{ text: '4.NQ.2', near: [nf2] }, { text: 'x', near: [] }] },
        afterwards: 'check_first',
      }),
    },
    'no standards': { props: shareForm({ noFrameworks: true, finder: null, standards: [] }) },
    'nothing found': { props: shareForm({ finder: { query: 'zzz', found: [], unknown: [] }, adaptedFrom: null }) },
  },
  'resources/check': {
    ready: { props: checkPage() },
    faults: {
      status: 422,
      props: checkPage({ card: bareCard(), license: 'none', versionNumber: 2, files: [], link: 'https://example.org/page', standards: [], topics: [], problems: [{ message: 'Give it a title.', url: '/resources/1/edit#title' }], hints: [{ message: 'A summary', url: '/resources/1/edit#summary' }], errors: [],
        afterwards: 'check_first' }),
    },
    bare: {
      status: 422,
      props: checkPage({ card: longCard(), license: 'unknown', versionNumber: 2, files: [], link: null, hints: [], errors: [{ field: 'note', message: 'This may have at most 500 characters.' }] }),
    },
  },
  'resources/conflict': {
    full: { props: { title: 'Which is more?', theirsSavedAt: day('2026-11-20'), revision: 9, fields: [{ name: 'title', label: 'Title', mine: 'Which is more?', theirs: long.title }, { name: 'description', label: 'Before you teach it', mine: 'One\n\ntwo', theirs: '' }], actionUrl: '/resources/1/edit', hidden: [{ name: 'mine-title', value: 'Which is more?' }], theirsUrl: '/resources/1/edit' } },
    untitled: { props: { title: '', theirsSavedAt: day('2026-11-20'), revision: 2, fields: [], actionUrl: '/resources/1/edit', hidden: [], theirsUrl: '/resources/1/edit' } },
  },
  'resources/adapt': {
    several: { props: { resource: { title: card().title, url: card().url, language: 'en' }, actionUrl: '/resources/101/adapt', key: 'a-key', license: ccBy, licenses: ['CC BY 4.0', 'CC BY-SA 4.0', 'CC BY-NC 4.0'] } },
    one: { props: { resource: { title: long.title, url: card().url, language: 'es' }, actionUrl: '/resources/101/adapt', key: 'a-key', license: ccBy, licenses: ['CC BY-SA 4.0'] } },
  },
  'resources/adapt-refused': {
    full: { status: 403, props: { resource: { title: card().title, url: card().url, language: 'en' }, reason: 'no-derivatives', license: ccBy, organization: { label: 'Port Haven City Schools', url: '/districts/port-haven' }, next: shelf } },
    bare: { status: 403, props: { resource: { title: long.title, url: card().url, language: 'es' }, reason: 'ask-first', license: unknownLicense, organization: { label: long.name, url: '/districts/long' }, next: [] } },
  },
  'resources/withdrawn': {
    mine: { status: 410, props: { title: card().title, language: 'en', withdrawnAt: day('2026-11-01'), reason: 'A better one is on its way.', takedown: false, restoreUrl: '/resources/101/restore', searchUrl: '/search', next: shelf } },
    takedown: { status: 410, props: { title: null, language: 'es', withdrawnAt: day('2026-11-01'), reason: null, takedown: true, restoreUrl: null, searchUrl: '/search', next: [] } },
  },
  'resources/voice': {
    new: { status: 422, props: { what: 'new', resource: { title: long.title, url: '/resources/101', language: 'en' }, about: null, actionUrl: '/resources/101/voices', deleteUrl: null, hidden: [{ name: 'key', value: 'k' }], ratings: null, field: 'body', value: '', longest: 4000, errors: [{ field: 'body', message: 'Write something.' }] } },
    edit: { props: { what: 'edit', resource: { title: 'Which is more?', url: '/resources/101', language: 'es' }, about: null, actionUrl: '/voices/1/edit', deleteUrl: '/voices/1/delete', hidden: [], ratings: [{ value: '', label: 'No rating', chosen: true }, { value: '5', label: 'Works', chosen: false }], field: 'body', value: long.word, longest: 2000, errors: [] } },
    remove: { props: { what: 'remove', resource: { title: 'Which is more?', url: '/resources/101', language: 'en' }, about: { person: long.name, html: null }, actionUrl: '/voices/1/remove', deleteUrl: null, hidden: [], ratings: null, field: 'reason', value: '', longest: 500, errors: [] } },
  },
  'resources/flag': {
    public: { status: 422, props: { resource: { title: long.title, url: '/resources/101', language: 'en' }, voice: null, before: [], actionUrl: '/resources/101/flag', kinds: [{ value: 'broken', label: 'Something is broken', chosen: false }, { value: 'safety', label: 'Safety', chosen: true }], values: { note: '', mail: 'x' }, asksMail: true, errors: [{ field: 'note', message: 'Say what is wrong.' }, { field: 'mail', message: 'This is no address.' }] } },
    voice: { props: { resource: { title: 'Which is more?', url: '/resources/101', language: 'en' }, voice: { person: long.name, text: long.word }, before: [{ kind: 'safety', note: long.word, on: day('2026-11-03') }], actionUrl: '/voices/1/flag', kinds: [{ value: 'safety', label: 'Safety', chosen: false }], values: { note: '', mail: '' }, asksMail: false, errors: [] } },
  },
  'resources/flagged': {
    hidden: { props: { hidden: true, told: false, back: null } },
    shown: { props: { hidden: false, told: true, back: { label: long.title, url: '/resources/101' } } },
  },
  'shelf/index': {
    full: {
      props: {
        notices: { items: [{ text: 'Carla Duval checked “Which is more?”.', url: '/notices/n1', at: day('2026-11-03'), seen: false }, { text: `Somebody commented on “${long.title}”.`, url: '/notices/n2', at: day('2026-11-02'), seen: true }], unseen: 12 },
        drafts: [mine({ draftUrl: '/resources/1/edit', discardUrl: '/resources/1/discard', version: 1, title: '' }), mine({ draftUrl: '/resources/2/edit', discardUrl: '/resources/2/discard' })],
        published: [mine({ withdrawUrl: '/resources/3/withdraw', reuse: { opened: 1, taken: 41, used: null, adapted: 2 } }), mine({ title: long.title, type: null, thumb: null, check: claimed, reuse: { opened: 12345, taken: 1, used: 7, adapted: 1 } })],
        withdrawn: [mine({ restoreUrl: '/resources/4/restore', editUrl: null })],
        searches: [{ name: 'tug of war', url: '/search?q=tug', mail: 'weekly' }, { name: long.word, url: '/search?q=long', mail: 'never' }],
        saved: [{ ...shelfItem(), saveUrl: '/resources/5/save' }, { ...bareShelfItem(), saveUrl: '/resources/6/save' }],
        reuse: { opened: 12346, taken: 42, used: 11, adapted: 3 },
        byDistrict: [{ district: 'Port Haven City Schools', url: '/districts/port-haven', opened: 40, taken: 12, used: 6 }, { district: long.name, url: '/districts/long', opened: 1, taken: 0, used: null }],
        notes: [{ person: 'Joe Begay', organization: 'Sandstone', on: day('2026-11-02'), text: 'It worked.', title: 'Which is more?', url: '/resources/3' }],
        adaptations: [{ title: '¿Cuál es más?', language: 'es', url: '/resources/102', authors: 'Ana Belén Ríos', organization: 'Port Haven', on: day('2026-10-30'), note: 'In Spanish.', of: 'Which is more?' }],
      },
    },
    empty: { props: { notices: { items: [], unseen: 0 }, drafts: [], published: [], withdrawn: [], saved: [], searches: [], reuse: null, byDistrict: [], notes: [], adaptations: [] } },
    quiet: { props: { notices: { items: [], unseen: 0 }, drafts: [], published: [mine()], withdrawn: [], saved: [], searches: [], reuse: { opened: 0, taken: 0, used: null, adapted: 0 }, byDistrict: [], notes: [], adaptations: [] } },
  },
  'notices/index': {
    full: { props: { items: [{ text: `Somebody commented on “${long.title}”.`, url: '/notices/n1', at: day('2026-11-03'), seen: false }, { text: long.word, url: '/notices/n2', at: day('2026-11-02'), seen: true }], unseen: 1, seenUrl: '/notices/seen' } },
    empty: { props: { items: [], unseen: 0, seenUrl: '/notices/seen' } },
  },
  'searches/index': {
    full: { props: { email: 'teacher@north.example', errors: [], searches: [{ id: 's1', name: 'tug of war', url: '/search?q=tug', feedUrl: '/search.atom?q=tug', mail: 'weekly', since: day('2026-11-01') }, { id: 's2', name: long.name, url: '/search?q=long', feedUrl: '/search.atom?q=long', mail: 'never', since: day('2026-11-02') }] } },
    empty: { props: { email: 'teacher@north.example', errors: [], searches: [] } },
  },
  'calls/index': {
    out: { props: { calls: [callItem(), callItem({ url: '/calls/c2', tab: nf2, level: null, words: '', closesOn: null, state: 'answered', answers: 1 })], total: 2, which: 'out', tabs: [{ label: 'Wanted', url: '/calls', current: true }, { label: 'Over', url: '/calls?show=over', current: false }], grades: [{ value: '', label: 'All grades', chosen: true }], pager: pager(1, 3, (page) => `/calls?page=${page}`), coverageUrl: '/curate/coverage' } },
    none: { props: { calls: [], total: 0, which: 'over', tabs: [{ label: 'Wanted', url: '/calls', current: false }, { label: 'Over', url: '/calls?show=over', current: true }], grades: [{ value: '', label: 'All grades', chosen: true }], pager: null, coverageUrl: null } },
  },
  'calls/show': {
    answered: { props: { call: callItem({ state: 'answered', answers: 2 }), framework: { label: 'Mathematics', url: '/standards/math' }, note: '', endedAt: null, answers: [{ item: shelfItem(), by: long.name, on: day('2026-11-04'), refused: false, refuseUrl: '/calls/c1/answers/r1/refuse' }, { item: bareShelfItem(), by: null, on: day('2026-11-05'), refused: true, refuseUrl: null }], there: { count: 3, url: '/search?standard=x' }, staff: { revision: 2, moveUrl: '/calls/c1/move', moves: ['accept', 'close'], changeUrl: '/curate/calls/c1' } } },
    over: { props: { call: callOver, framework: { label: 'Mathematics', url: '/standards/math' }, note: long.word, endedAt: day('2026-11-20'), answers: [], there: { count: 0, url: '/search?standard=x' }, staff: { revision: 3, moveUrl: '/calls/c1/move', moves: ['reopen'], changeUrl: null } } },
    reader: { props: { call: callItem(), framework: { label: 'Mathematics', url: '/standards/math' }, note: '', endedAt: null, answers: [], there: { count: 1, url: '/search?standard=x' }, staff: null } },
  },
  'curate/call': {
    ask: { props: { ...callForm, standard: nf1, values: { standard: nf1.code, words: long.word, closesOn: '2027-01-31' }, organizations: [{ value: 'o1', label: long.name, chosen: true }, { value: 'o2', label: 'North', chosen: false }], hidden: [{ name: 'ask', value: 'a1' }], ask: { person: long.name, words: '', note: 'For May.', url: '/search?standard=x' } } },
    faults: { status: 422, props: { ...callForm, errors: [{ field: 'standard', message: 'No standard has that code.' }, { field: 'closesOn', message: 'That day has gone.' }] } },
    change: { props: { ...callForm, actionUrl: '/curate/calls/c1', existing: { tab: nf1, level: null, by: long.name, url: '/calls/c1' }, hidden: [{ name: 'revision', value: '2' }] } },
  },
  'curate/tags': {
    full: { props: tags() },
    many: { status: 422, props: tags({ form: { ...tags().form, field: 'grade', many: true, options: [{ value: '4', label: 'Grade 4', chosen: true }, { value: '5', label: 'Grade 5', chosen: false }], errors: [{ field: 'to', message: 'Choose at least one grade.' }, { field: 'which', message: 'Tick one.' }] }, tooMany: 20_000 }) },
    standard: { props: tags({ form: { ...tags().form, field: 'standard', options: [], typed: long.word, levels: [{ value: '', label: 'No level', chosen: true }], modes: [{ value: 'add', label: 'besides', chosen: true }] } }) },
    none: { props: tags({ rows: [], total: 0, gaps: [], changes: [], pager: null }) },
  },
  'curate/change': {
    preview: { props: change() },
    nothing: { props: change({ planned: { change: 0, same: 3, refuse: 0 }, items: [], reasons: [], moves: ['start', 'drop'] }) },
    running: { props: change({ state: 'running', percent: 40, outcome: { changed: 4, same: 0, refused: 1 }, moves: ['stop'], tabs: [{ kind: 'changed', label: 'Changed', count: 4, url: '/curate/tags/changes/c1?show=changed', current: true }] }) },
    undone: { props: change({ state: 'undone', by: null, undone: { done: 8, left: 2 }, moves: [], pager: pager(2, 3, (page) => `/curate/tags/changes/c1?page=${page}`) }) },
  },
  'curate/coverage': {
    full: { props: coverage() },
    district: { props: coverage({ district: long.name, districts: [{ value: '', label: 'The whole state’s', chosen: false }, { value: 'long', label: long.name, chosen: true }], checked: true, axis: 'district', columns: [{ label: long.name, level: null, language: null }], rows: [], elsewhere: [{ tab: nf1, column: { label: long.name, level: level(2), language: null }, count: 4, url: '/search?standard=x' }], wanted: [] }) },
    nothing: { props: coverage({ total: 0, rows: [], columns: [], tally: { rungs: 0, enough: 0, thin: 0, gaps: 0 }, wanted: [] }) },
    noColumns: { props: coverage({ columns: [], axis: 'license' }) },
  },
  ...curateFixtures,
  ...vocabularyFixtures,
  ...adminFixtures,
  'curate/flags': {
    open: { props: { show: 'open', tabs: [{ label: 'Open', url: '/curate/flags', current: true }, { label: 'Decided', url: '/curate/flags?show=decided', current: false }], kinds: [{ value: '', label: 'Anything', chosen: true }], total: 61, flags: [{ url: '/curate/flags/1', kind: 'student_data', about: 'resource', title: long.title, language: 'es', organization: long.name, note: long.word.repeat(4), person: null, on: day('2026-11-03'), hides: true, state: 'open', decided: null }, { url: '/curate/flags/2', kind: 'unsuitable', about: 'voice', title: '', language: 'en', organization: 'Sandstone', note: 'Rude.', person: 'Joe Begay', on: day('2026-11-03'), hides: true, state: 'open', decided: null }], pager: pager(1, 2, (page) => `/curate/flags?page=${page}`), takedownsUrl: '/curate/takedowns' } },
    decided: { props: { show: 'decided', tabs: [], kinds: [], total: 1, flags: [{ url: '/curate/flags/1', kind: 'broken', about: 'resource', title: null, language: 'en', organization: 'Sandstone', note: '', person: 'Joe Begay', on: day('2026-11-03'), hides: false, state: 'purged', decided: { on: day('2026-11-04'), by: null } }], pager: null, takedownsUrl: '/curate/takedowns' } },
    none: { props: { show: 'open', tabs: [], kinds: [], total: 0, flags: [], pager: null, takedownsUrl: '/curate/takedowns' } },
  },
  'curate/flag': {
    open: { status: 422, props: { kind: 'wrong_key', about: 'resource', state: 'open', note: 'Page 3.', hides: false, on: day('2026-11-03'), person: null, mail: true, version: 1, decided: null, resource: { title: long.title, url: '/resources/101', language: 'es', organization: long.name, owner: 'Joe Begay', link: 'https://example.org/a', number: 2, state: 'shown', files: [{ label: `${long.word}.pdf`, url: '/files/1/a.pdf' }] }, voice: null, others: [{ url: '/curate/flags/2', kind: 'broken', state: 'open', on: day('2026-11-01') }, { url: '/curate/flags/3', kind: 'broken', state: 'mended', on: day('2026-11-01') }], actionUrl: '/curate/flags/1', moves: [{ value: 'dismiss', label: 'Nothing is wrong', chosen: false }, { value: 'take_down', label: 'Take it down', chosen: true }], why: null, value: '', purgeUrl: '/curate/purges/101', stale: null, nextUrl: null, errors: [{ field: 'note', message: 'Say why.' }] } },
    stale: { status: 409, props: { kind: 'unsuitable', about: 'voice', state: 'nothing_wrong', note: '', hides: true, on: day('2026-11-03'), person: { name: 'Joe Begay', organization: 'Sandstone' }, mail: false, version: null, decided: { on: day('2026-11-04'), by: 'Carla', note: 'Fine.' }, resource: { title: null, url: null, language: 'en', organization: 'Sandstone', owner: null, link: null, number: 0, state: 'purged', files: [] }, voice: { kind: 'comment', person: 'Dana', text: long.word }, others: [], actionUrl: '/curate/flags/1', moves: [{ value: 'reopen', label: 'Open it again', chosen: false }], why: 'You wrote this.', value: 'Kept', purgeUrl: null, stale: 'Carla decided it meanwhile.', nextUrl: '/curate/flags/2', errors: [] } },
  },
  'curate/purge': {
    faults: { status: 422, props: { title: long.title, language: 'es', organization: long.name, byWord: false, versions: 3, files: 2, voices: 4, lists: 1, others: [{ title: long.title, language: 'es', why: 'adaptation', purgeUrl: '/curate/purges/2' }, { title: '', language: 'en', why: 'file', purgeUrl: '/curate/purges/3' }], actionUrl: '/curate/purges/1', backUrl: '/resources/1', whys: [{ value: 'law', label: 'Law', chosen: true }], values: { reason: '', confirm: long.word }, errors: [{ field: 'reason', message: 'Say why.' }, { field: 'confirm', message: 'Type its title.' }] } },
    plain: { props: { title: '漢字', language: 'zh', organization: 'Sandstone', byWord: true, versions: 1, files: 0, voices: 0, lists: 0, others: [], actionUrl: '/curate/purges/1', backUrl: '/resources/1', whys: [{ value: 'law', label: 'Law', chosen: false }], values: { reason: '', confirm: '' }, errors: [] } },
  },
  'curate/purges': {
    full: { props: { rows: [{ id: '0190c1f0-0000-7000-8000-000000000701', organization: long.name, why: 'student_data', reason: long.word, by: 'Adam', on: day('2026-11-03'), finished: null }, { id: '0190c1f0-0000-7000-8000-000000000702', organization: 'Sandstone', why: 'copyright', reason: 'Asked by the publisher.', by: 'Adam', on: day('2026-11-03'), finished: day('2026-11-03') }] } },
    none: { props: { rows: [] } },
  },
  'curate/takedowns': {
    full: { props: { total: 3, csvUrl: '/curate/takedowns.csv', pager: null, errors: [{ field: 'log', message: 'Say why.' }], rows: [{ title: long.title, language: 'es', url: '/resources/1', organization: long.name, kind: 'not_mine', reason: 'Copied from a book.', asked: day('2026-11-01'), taken: day('2026-11-02'), by: 'Carla', state: 'down', ended: null, liftUrl: '/curate/takedowns/0190c1f0-0000-7000-8000-000000000701/lift' }, { title: null, language: 'en', url: null, organization: 'Sandstone', kind: 'student_data', reason: long.word, asked: day('2026-11-01'), taken: day('2026-11-02'), by: 'Carla', state: 'purged', ended: { on: day('2026-11-03'), by: 'Adam', reason: '' }, liftUrl: null }, { title: '', language: 'en', url: '/resources/3', organization: 'Sandstone', kind: 'broken', reason: 'x', asked: day('2026-11-01'), taken: day('2026-11-02'), by: 'Carla', state: 'lifted', ended: { on: day('2026-11-03'), by: 'Adam', reason: 'Allowed now.' }, liftUrl: null }] } },
    empty: { props: { total: 0, csvUrl: '/curate/takedowns.csv', pager: null, errors: [], rows: [] } },
  },
  'curate/numbers': {
    full: { props: { refreshed: day('2026-11-03'), periods: [{ label: 'The last 3 months', url: '/curate/numbers?months=3&whose=state', current: true }], months: 3, whose: [{ value: 'state', label: 'The whole state', chosen: true }, { value: 'long', label: long.name, chosen: false }], place: long.name, tally: { opened: 12_345, taken: 12, used: 'hidden', adapted: 0, published: 4, checked: 3 }, tables: [{ of: 'districts', csvUrl: '/curate/numbers.csv?of=districts', more: 0, rows: [{ label: long.name, tab: null, language: null, total: false, opened: 12_000, taken: 0, used: 'few', adapted: 1 }, { label: 'The whole state', tab: null, language: null, total: true, opened: 12_345, taken: 12, used: 'hidden', adapted: 1 }] }, { of: 'subjects', csvUrl: '/curate/numbers.csv?of=subjects', more: 0, rows: [] }, { of: 'standards', csvUrl: '/curate/numbers.csv?of=standards', more: 3, rows: [{ label: long.word, tab: nf1, language: 'es', total: false, opened: 0, taken: 0, used: 7, adapted: 0 }] }], work: [{ label: 'Sep 2026', published: 4, checked: 3, median: 1.5, slow: 12 }, { label: 'Oct 2026', published: 0, checked: 0, median: null, slow: null }, { label: 'Nov 2026', published: 0, checked: 9, median: 1, slow: 2 }], workCsvUrl: '/curate/numbers.csv?of=months' } },
    untimed: { props: { refreshed: day('2026-11-03'), periods: [], months: 3, whose: [], place: 'North', tally: { opened: 0, taken: 0, used: 0, adapted: 0, published: 0, checked: 0 }, tables: [], work: [{ label: 'Nov 2026', published: 0, checked: 0, median: null, slow: null }], workCsvUrl: '/curate/numbers.csv?of=months' } },
    none: { props: { refreshed: null, periods: [], months: 12, whose: [], place: 'North', tally: { opened: 0, taken: 0, used: 0, adapted: 0, published: 0, checked: 0 }, tables: [], work: [], workCsvUrl: '/curate/numbers.csv?of=months' } },
  },
  'curate/search': {
    full: { props: { periods: [{ value: '4', label: 'The last 4 weeks', chosen: true }], districts: [{ value: '', label: 'All districts', chosen: true }, { value: 'long', label: long.name, chosen: false }], total: { searches: 12_345, empty: 12, opened: 4000 }, weeks: [{ monday: day('2026-11-02'), searches: 40, empty: 3 }, { monday: day('2026-11-09'), searches: 0, empty: 0 }], top: [{ words: 'volcano', filters: [], url: '/search?q=volcano', searches: 14, empty: 0, opened: 5, found: 12, callUrl: null }, { words: long.word, filters: ['Grade 4', long.name], url: '/search?q=long', searches: 1, empty: 1, opened: 0, found: 0, callUrl: null }], empty: [{ words: long.word, filters: [], url: '/search?standard=1', searches: 4, empty: 4, opened: 0, found: 0, callUrl: '/curate/calls/new?standard=1' }], unopened: [{ words: '', filters: ['Developing'], url: '/search?level=developing', searches: 3, empty: 0, opened: 0, found: 9, callUrl: null }], asks: [{ id: 'a1', words: 'airship', filters: ['Grade 4'], url: '/search?q=airship', note: 'For May.', person: 'Joe Begay', organization: long.name, on: day('2026-11-03'), closeUrl: '/curate/search/asks/a1/close', callUrl: '/curate/calls/new?ask=a1' }], synonymsUrl: '/curate/search/synonyms', csvUrl: '/curate/search.csv?weeks=4' } },
    empty: { props: { periods: [], districts: [], total: { searches: 0, empty: 0, opened: 0 }, weeks: [], top: [], empty: [], unopened: [], asks: [], synonymsUrl: null, csvUrl: '/curate/search.csv?weeks=4' } },
  },
  'curate/level-words': {
    tried: { props: { levels: [{ id: 'l1', sign: { slug: 'emerging', label: 'Emerging', position: 1, of: 2 }, words: 'beginners' }, { id: 'l2', sign: { slug: 'extending', label: long.name, position: 2, of: 2 }, words: '' }], own: true, seen: 'abc', actionUrl: '/curate/search/levels', q: 'for beginners', errors: [], preview: { q: 'for beginners', before: ['Emerging'], after: [] } } },
    faults: { status: 422, props: { levels: [{ id: 'l1', sign: { slug: 'emerging', label: 'Emerging', position: 1, of: 1 }, words: 'a' }], own: false, seen: 'abc', actionUrl: '/curate/search/levels', q: '', errors: [{ field: 'words-l1', message: 'Take at most 80 phrases for a level.' }], preview: null } },
    none: { props: { levels: [], own: false, seen: 'abc', actionUrl: '/curate/search/levels', q: '', errors: [], preview: null } },
  },
  'curate/synonyms': {
    full: { props: { find: 'te', total: 2, actionUrl: '/curate/search/synonyms', values: { language: 'en', term: '', words: '', q: '' }, errors: [], groups: [{ id: 'g1', language: 'en', term: null, words: ['test', 'quiz'], changedBy: null, changedAt: day('2026-11-01') }, { id: 'g2', language: 'es', term: long.word, words: [long.word, 'prueba'], changedBy: long.name, changedAt: day('2026-11-02') }] } },
    none: { props: { find: 'zz', total: 2, actionUrl: '/curate/search/synonyms', values: { language: 'es', term: 'a', words: 'b\nc', q: '' }, errors: [], groups: [] } },
  },
  'curate/synonym': {
    tried: { props: { id: 'g1', actionUrl: '/curate/search/synonyms/g1', removeUrl: '/curate/search/synonyms/g1/remove', values: { language: 'en', term: '', words: 'test\nquiz', q: 'quiz' }, errors: [], preview: { q: 'quiz', before: 3, after: 1200, gained: [shelfItem()], lost: [bareShelfItem()] } } },
    faults: { status: 422, props: { id: null, actionUrl: '/curate/search/synonyms', removeUrl: null, values: { language: 'en', term: '', words: '', q: '' }, errors: [{ field: 'words', message: 'Give at least two words.' }], preview: null } },
  },
  'accounts/mails-off': {
    asked: { props: { mails: 'searches', actionUrl: '/searches/off?person=1&token=2' } },
    done: { props: { mails: 'notices', actionUrl: null } },
  },
  'accounts/sign-in': {
    demo: { props: { register: true, actionUrl: '/sign-in', next: '/shelf', values: { email: '' }, errors: [], why: 'needed', demo: { password: 'commonshelf-demo', people: [{ email: 'teacher@north.example', role: 'teacher', organization: 'North Elementary School' }, { email: 'admin@state.example', role: 'admin', organization: 'Demo State' }] } } },
    faults: { status: 422, props: { register: false, actionUrl: '/sign-in', next: '/', values: { email: `${long.word}@example.org` }, errors: [{ field: 'email', message: 'Enter your e-mail address.' }, { field: 'password', message: 'Enter your password.' }], why: 'ended', demo: null } },
  },
  'accounts/forgot': {
    form: { props: { actionUrl: '/forgot-password', values: { email: '' }, errors: [], sentTo: null, minutes: 30 } },
    sent: { props: { actionUrl: '/forgot-password', values: { email: '' }, errors: [], sentTo: `${long.word}@example.org`, minutes: 30 } },
    faults: { status: 422, props: { actionUrl: '/forgot-password', values: { email: '<b>' }, errors: [{ field: 'email', message: 'Enter your e-mail address.' }], sentTo: null, minutes: 30 } },
  },
  'accounts/set-password': {
    form: { props: { actionUrl: '/set-password', link: { token: 'abc', email: 'dana@sandstone.example' }, damaged: false, minLength: 12, errors: [] } },
    faults: { status: 422, props: { actionUrl: '/set-password', link: { token: 'abc', email: `${long.word}@example.org` }, damaged: false, minLength: 12, errors: [{ field: 'password', message: 'A password needs at least 12 characters.' }, { field: 'again', message: 'This is not the same.' }] } },
    over: { status: 410, props: { actionUrl: '/set-password', link: null, damaged: false, minLength: 12, errors: [] } },
    damaged: { status: 410, props: { actionUrl: '/set-password', link: null, damaged: true, minLength: 12, errors: [] } },
  },
  'accounts/account': {
    full: { props: { name: 'Dana Whitcomb', email: 'dana@sandstone.example', memberships: [{ role: 'teacher', organization: 'Sandstone Middle School', kind: 'school' }, { role: 'curator', organization: 'Sandstone County', kind: 'district' }], passwordUrl: '/account/password', profile: { name: long.name, schools: [{ value: '1', label: long.name, chosen: true }], subjects: [{ value: 'math', label: 'Mathematics', chosen: true }], grades: [{ value: '4', label: 'Grade 4', chosen: false }] }, sessions: [{ device: 'Firefox on Windows', place: '10.0.0.1', beganAt: day('2026-11-20'), lastUsedAt: day('2026-11-20'), here: true, endUrl: null }, { device: long.word, place: null, beganAt: day('2026-11-20'), lastUsedAt: day('2026-11-20'), here: false, endUrl: '/account/sessions/a/end' }], minLength: 12, mails: [{ value: 'daily', label: 'once a day', chosen: true }, { value: 'never', label: 'never', chosen: false }], errors: [], tokens: { makeUrl: '/account/tokens', items: [{ name: 'Nightly <catalog>', scopes: ['read', 'import'], madeOn: new Date('2026-10-01T12:00:00Z'), expiresOn: new Date('2026-12-30T12:00:00Z'), expired: false, lastUsedOn: new Date('2026-11-24T12:00:00Z'), revokeUrl: '/account/tokens/1/revoke' }, { name: long.word.slice(0, 80), scopes: ['read'], madeOn: new Date('2026-01-01T12:00:00Z'), expiresOn: new Date('2026-02-01T12:00:00Z'), expired: true, lastUsedOn: null, revokeUrl: '/account/tokens/2/revoke' }], made: { name: 'Nightly <catalog>', secret: 'cshelf_0123456789012345678901234567890123456789012' }, values: { name: '' }, scopes: [{ value: 'read', label: 'Read', chosen: true }, { value: 'import', label: 'Import', chosen: false }], days: [{ value: '30', label: '30 days', chosen: true }] } } },
    faults: { status: 422, props: { name: long.name, email: `${long.word}@example.org`, memberships: [], passwordUrl: '/account/password', profile: { name: '', schools: [], subjects: [], grades: [] }, sessions: [{ device: 'Firefox on Windows', place: '10.0.0.1', beganAt: day('2026-11-20'), lastUsedAt: day('2026-11-20'), here: true, endUrl: null }, { device: long.word, place: null, beganAt: day('2026-11-20'), lastUsedAt: day('2026-11-20'), here: false, endUrl: '/account/sessions/a/end' }], minLength: 12, mails: [{ value: 'daily', label: 'once a day', chosen: true }, { value: 'never', label: 'never', chosen: false }], errors: [{ field: 'current', message: 'This is not your current password.' }, { field: 'again', message: 'This is not the same.' }, { field: 'scope', message: 'Choose what it may do.' }], tokens: { makeUrl: '/account/tokens', items: [], made: null, values: { name: 'x' }, scopes: [{ value: 'read', label: 'Read', chosen: false }], days: [{ value: '30', label: '30 days', chosen: true }] } } },
  },
  'imports/index': {
    full: { props: { actionUrl: '/imports', districts: [], sources: ['main', 'library'], values: { source: 'main', missing: 'keep', strict: false }, hidden: [{ name: 'key', value: 'k' }], errors: [], maxBytes: 1_000_000_000, runs: importRuns, waiting: [{ url: '/imports/files/f1', removeUrl: '/imports/files/f1/remove', fileName: `${long.word}.csv`, source: 'library', district: null, at: day('2026-11-20') }], first: true, olderUrl: '/imports?before=r2' } },
    empty: { props: { actionUrl: '/imports', districts: [], sources: [], values: { source: 'main', missing: 'keep', strict: false }, hidden: [], errors: [], maxBytes: 1_000_000, runs: [], waiting: [], first: true, olderUrl: null } },
    faults: { status: 422, props: { actionUrl: '/imports', districts: [{ value: 'd1', label: long.name, chosen: false }, { value: 'd2', label: 'South', chosen: true }], sources: [], values: { source: 'A b', missing: 'withdraw', strict: true }, hidden: [], errors: [{ field: 'files', message: 'Choose a file.' }, { field: 'source', message: 'Use lower-case letters.' }, { field: 'district', message: 'Choose the district.' }], maxBytes: 1_000_000, runs: [], waiting: [], first: false, olderUrl: null } },
  },
  'imports/guide': {
    all: { props: { fields: ['external_id', 'title', 'standards', 'adapted_from'] } },
    few: { props: { fields: ['title'] } },
  },
  'imports/columns': {
    guessed: { props: importColumns },
    faults: { status: 422, props: { ...importColumns, from: 'typed', conflict: true, hiddenColumns: 12, more: true, read: 200, written: [{ field: 'url', text: `url:\n  template: https://x.example/{${long.word}}` }], words: [], preview: [], rejectedCount: 3, rejected: [{ line: 7, reasons: ['There is no title.', 'There is no id.'] }], errors: [{ field: 'id', message: 'Choose the column.' }, { field: 'column-0', message: 'Say which column is the title.' }], yamlErrors: [{ field: 'yaml', message: 'It can’t be read, line 3.' }] } },
  },
  'imports/run': {
    done: { props: importRun },
    tried: { props: { ...importRun, dryRun: true, state: 'done', actions: { ...importRun.actions, run: '/imports/r1/run', undo: null } } },
    working: { props: { ...importRun, state: 'running', progress: { percent: 40, rows: 12_000, undoing: false, waits: false }, actions: { ...importRun.actions, cancel: '/imports/r1/cancel', undo: null }, causes: [], took: null } },
    asks: { props: { ...importRun, state: 'paused', asks: true, likely: [], likelyUrl: null, reason: '12 of 40 resources are no longer in the file.', withdraws: true, strict: true, by: null, door: 'command', causes: [], words: [], gaps: [], actions: { ...importRun.actions, cancel: '/imports/r1/cancel', resume: '/imports/r1/resume' } } },
    failed: { props: { ...importRun, state: 'failed', total: 0, arrived: 0, reason: `Something went wrong: ${long.word}`, tally: [], causes: [], words: [], gaps: [], changes: [], earlier: [], actions: { ...importRun.actions, resume: '/imports/r1/resume', undo: null } } },
    alone: { props: { ...importRun, alone: true, arrived: 1, total: 1 } },
    undone: { props: { ...importRun, state: 'undone', takenBackAt: day('2026-11-21'), took: null, takenBack: 40, leftAsIs: 2, words: [], gaps: [], causes: [], actions: { ...importRun.actions, undo: null } } },
  },
  'imports/rows': {
    rejected: { props: { runUrl: '/imports/r1', fileName: 'catalog.csv', dryRun: false, filter: 'rejected', cause: 'The title is missing', filters: [{ filter: 'new', url: '/imports/r1/rows?outcome=new', count: 1206 }, { filter: 'rejected', url: '/imports/r1/rows?outcome=rejected', count: 173 }], total: 173, rows: [{ position: 7, url: '/imports/r1/rows/7', line: 8, externalId: null, resource: null, says: ['There is no title.', 'There is nothing to open.'] }, { position: 9, url: null, line: null, externalId: long.word, resource: { url: '/resources/a', title: long.name, language: 'es' }, says: [] }], pager: pager(2, 4, (to) => `/imports/r1/rows?page=${to}`) } },
    none: { props: { runUrl: '/imports/r1', fileName: long.word, dryRun: true, filter: 'left', cause: null, filters: [], total: 0, rows: [], pager: null } },
  },
  'imports/row': {
    mend: { status: 422, props: { ...importRow, mend: { actionUrl: '/imports/r1/rows/7', key: 'k', others: 3, faults: ['There is no title.'], fields: [{ index: 0, name: 'Item No.', field: 'external_id', value: 'K-1', wrong: false }, { index: 3, name: long.word, field: 'title', value: '', wrong: true }, { index: 4, name: 'Text', field: null, value: `${'a '.repeat(60)}\nb`, wrong: false }] } } },
    changed: { props: { ...importRow, outcome: 'changed', reasons: [], gaps: ['Subjects: “Sci” is not known here.'], resource: { url: '/resources/a', title: 'Half', language: 'en' }, changes: [{ field: 'title', before: 'Half', after: long.name, kept: false }, { field: 'claims', before: '', after: 'DS.MATH.3.NF.1', kept: true }] } },
    unreadable: { props: { ...importRow, externalId: null, dryRun: true, raw: `"broken ${long.word}` } },
  },
  'imports/undo': {
    full: { props: { runUrl: '/imports/r1', actionUrl: '/imports/r1/undo', fileName: 'catalog.csv', at: day('2026-11-20'), total: 5000, looked: 2000, gone: 1200, putBack: 700, returned: 14, withdrawn: 9, stays: [{ why: 'adapted', count: 3 }, { why: 'edited', count: 1 }], left: [{ externalId: 'K-1', url: '/resources/a', title: long.name, language: 'es', why: 'adapted' }, { externalId: long.word, url: null, title: null, language: 'en', why: 'gone' }], errors: [] } },
    sure: { status: 422, props: { runUrl: '/imports/r1', actionUrl: '/imports/r1/undo', fileName: long.word, at: day('2026-11-20'), total: 3, looked: 3, gone: 0, putBack: 0, returned: 0, withdrawn: 0, stays: [], left: [], errors: [{ field: 'sure', message: 'Say that you are sure.' }] } },
    nothing: { props: { runUrl: '/imports/r1', actionUrl: '/imports/r1/undo', fileName: 'a.csv', at: day('2026-11-20'), total: 0, looked: 0, gone: 0, putBack: 0, returned: 0, withdrawn: 0, stays: [], left: [], errors: [] } },
  },
  'errors/error': Object.fromEntries(
    [400, 401, 403, 404, 410, 413, 418, 422, 429, 500, 503, 507].map((status) => [
      String(status),
      { status, props: { status, requestId: '0190c1f0-77aa', message: status === 500 ? null : `What happened: ${long.word}`, retryAfterSeconds: status === 429 || status === 503 ? 90 : null, signInUrl: status === 403 ? '/sign-in?next=/' : null, backUrl: status === 422 ? '/resources/new' : null, keepsTyped: [401, 503, 507].includes(status), typed: status === 401 || status === 507 ? [long.word, `${long.title}\n\nSecond.`] : [] } },
    ]),
  ),
  'topics/index': {
    full: { props: { trees: [{ label: 'Mathematics', url: '/topics/mathematics', count: 90, children: [{ label: 'Fractions', url: '/topics/fractions', count: 40, children: [{ label: 'Equal fractions', url: '/topics/equal', count: 9, children: [] }] }, { label: long.word, url: '/topics/long', count: 1234567, children: [], language: 'de' }] }, { label: 'Science', url: '/topics/science', count: 0, children: [] }] } },
    empty: { props: { trees: [] } },
  },
  'topics/show': {
    full: { props: { label: 'Fractions', description: 'Parts of a whole.', crumbs: [{ label: 'Topics', url: '/topics' }], total: 40, checked: 12, children: [{ label: 'Equal fractions', url: '/topics/equal', count: 9 }], levels: levelCounts([9, 14, 3, 0]), grades: [{ grade: 'K', count: 2, url: '/search?a' }, { grade: '4', count: 20, url: '/search?b' }], shelf, searchUrl: '/search?topic=fractions' } },
    empty: { props: { label: long.word, description: null, crumbs: [], total: 0, checked: 0, children: [], levels: levelCounts([0, 0, 0, 0]), grades: [], shelf: [], searchUrl: '/search?topic=x' } },
  },
  'districts/index': {
    full: { props: { districts: [{ label: 'Port Haven City Schools', url: '/districts/port-haven', count: 41, schools: 3 }, { label: long.name, url: '/districts/long', count: 0, schools: 0 }] } },
    empty: { props: { districts: [] } },
  },
  'districts/show': {
    full: { props: { closed: false, name: 'Port Haven City Schools', total: 41, checked: 5, schools: [{ label: 'Harbor Elementary', url: '/schools/harbor', count: 20 }], subjects: [{ label: 'Mathematics', url: '/search?a', count: 9 }], shelf, searchUrl: '/search?district=port-haven' } },
    empty: { props: { closed: true, name: long.name, total: 0, checked: 0, schools: [], subjects: [], shelf: [], searchUrl: '/search?district=long' } },
  },
  'schools/show': {
    full: { props: { closed: false, name: 'Harbor Elementary', district: { label: 'Port Haven City Schools', url: '/districts/port-haven' }, total: 20, checked: 2, subjects: [{ label: 'Mathematics', url: '/search?a', count: 9 }], shelf, searchUrl: '/search?school=harbor' } },
    empty: { props: { closed: true, name: long.name, district: { label: long.name, url: '/districts/long' }, total: 0, checked: 0, subjects: [], shelf: [], searchUrl: '/search?school=long' } },
  },
  'admin/index': {
    full: { props: { counts: { frameworks: 6, standards: 1300, districts: 3, schools: 8, people: 21, resources: 164 }, health: [{ name: 'database', ok: true, note: 'PostgreSQL 18' }, { name: 'search', ok: false, note: 'Meilisearch does not answer; PostgreSQL does.' }, { name: 'jobs', ok: true, note: '' }, { name: 'scanner', ok: false, note: 'None is set up.' }, { name: 'mail', ok: true, note: 'Mails go out.' }, { name: 'files', ok: true, note: '12 GB free' }], steps: [] } },
    empty: { props: { counts: { frameworks: 0, standards: 0, districts: 0, schools: 0, people: 1, resources: 0 }, health: [], steps: (['lists', 'district', 'standards', 'mail', 'people'] as const).map((name) => ({ name, done: name === 'lists', url: name === 'mail' ? null : `/admin/${name}` })) } },
  },
  'collections/index': {
    full: { props: { mine: [collectionCard({ kind: 'saved', title: '', visibility: 'private', cover: null, count: 0, summary: '' }), collectionCard(), collectionCard({ title: long.title, kind: 'rule', count: null, summary: long.title })], shared: [collectionCard({ mine: false, owner: long.name })], featured: [collectionCard({ mine: false, featured: true, visibility: 'public' })], others: [], deleted: [{ title: long.title, deletedAt: day('2026-11-02'), restoreUrl: '/collections/1/restore' }], newUrl: '/collections/new' } },
    empty: { props: { mine: [], shared: [], featured: [], others: [], deleted: [], newUrl: '/collections/new' } },
    public: { props: { mine: null, shared: [], featured: [], others: [], deleted: [], newUrl: null } },
  },
  'collections/show': { full: { props: collection() }, rule: { props: ruledCollection() }, empty: { props: emptyCollection() } },
  'collections/print': { full: { props: collection() }, rule: { props: ruledCollection() } },
  'collections/edit': {
    full: { props: editedCollection() },
    rule: { props: editedCollection({ kind: 'rule', sections: editedCollection().sections.slice(0, 1), sectionOptions: [{ value: '', label: 'No section' }], count: 0, gone: 0, link: null, mayInvite: false, mayShare: false, feature: null, rule: { words: '', chips: search().filters, searchUrl: '/search?grade=4', editUrl: '/collections/701/rule', hits: [edited('h1'), edited('h2', { title: long.title })], total: 44, out: [edited('o1')] } }) },
    saved: { props: editedCollection({ kind: 'saved', title: 'Saved', mayDescribe: false, mayShare: false, mayInvite: false, count: 0, gone: 0, sections: [{ id: null, title: null, revision: 0, actionUrl: null, first: false, last: true, items: [] }], link: null, editors: [], deleteUrl: null, feature: null }) },
    faults: { status: 422, props: editedCollection({ editors: [], covers: [], errors: ['title', 'resource', 'section', 'email', 'visibility', 'items'].map((field) => ({ field, message: `Something about ${field}.` })) }) },
  },
  'collections/new': {
    list: { props: { values: { title: '', description: '', visibility: 'private' }, visibilities: editedCollection().visibilities, errors: [], rule: null } },
    rule: { props: { values: { title: 'Tug', description: '', visibility: 'private' }, visibilities: editedCollection().visibilities, errors: [], rule: ruleForm() } },
    everything: { status: 422, props: { values: { title: '', description: long.title, visibility: 'private' }, visibilities: editedCollection().visibilities, errors: [{ field: 'title', message: 'Give it a title.' }], rule: ruleForm({ words: '', preview: { total: 300, all: 300, warning: 'everything', chips: [], words: '', first: [], unknown: [], address: '/search' } }) } },
  },
  'collections/rule': {
    full: { props: { title: long.title, url: '/collections/701/edit', actionUrl: '/collections/701/rule', revision: 2, form: ruleForm(), theirsUrl: null, errors: [] } },
    changed: { status: 409, props: { title: long.title, url: '/collections/701/edit', actionUrl: '/collections/701/rule', revision: 2, form: ruleForm({ preview: null }), theirsUrl: '/search?grade=4', errors: [{ field: 'words', message: 'Changed.' }] } },
  },
  'collections/conflict': {
    texts: { status: 409, props: { title: long.title, fields: [{ name: 'title', label: 'Title', mine: long.title, theirs: 'Theirs <i>', rows: 1, maxlength: 150 }, { name: 'description', label: 'Description', mine: '', theirs: '', rows: 8, maxlength: 5000 }], actionUrl: '/collections/701', hidden: [{ name: 'revision', value: '4' }], backUrl: '/collections/701/edit' } },
    note: { status: 409, props: { title: 'Note', fields: [{ name: 'note', label: 'Note', mine: 'a', theirs: 'b', rows: 5, maxlength: 1000 }], actionUrl: '/collections/701/items/1', hidden: [], backUrl: '/collections/701/edit' } },
  },
  'collections/add': {
    some: { props: { resource: { title: long.title, url: '/resources/1', language: 'es' }, actionUrl: '/resources/1/add', collections: [{ id: '1', title: long.title, count: 500, has: false, full: true, visibility: 'school' }, { id: '2', title: 'Halves', count: 3, has: true, full: false, visibility: 'private' }], values: { collection: '', title: '', note: '' }, errors: [] } },
    none: { status: 422, props: { resource: { title: 'A', url: '/resources/1', language: 'en' }, actionUrl: '/resources/1/add', collections: [], values: { collection: 'new', title: '', note: long.title }, errors: [{ field: 'title', message: 'Give it a title.' }, { field: 'collection', message: 'Choose.' }] } },
  },
  'admin/standards': {
    full: { props: { errors: [], maxBytes: 209715200 } },
    faults: { status: 422, props: { errors: [{ field: 'file', message: 'This is not a CASE package.' }], maxBytes: 209715200 } },
  },
  'admin/audit': {
    full: { props: { values: { who: 'dana', object: '', from: '2026-11-01', to: '' }, actions: [{ value: '', label: 'Anything', chosen: false }, { value: 'resource.published', label: 'resource published', chosen: true }], outcomes: [{ value: '', label: 'Any way', chosen: true }], narrowed: true, events: [{ at: day('2026-11-20'), actor: { name: long.name, email: 'dana@sandstone.example', url: '/admin/audit?who=dana' }, action: 'resource published', outcome: 'done', object: { type: 'resource', name: long.word, id: '1', url: '/admin/audit?object=1' }, version: 2, organization: long.name, ip: '10.0.0.1', requestId: 'r1', detail: [{ name: 'before', value: long.word }, { name: 'after', value: '' }] }, { at: day('2026-11-19'), actor: null, action: 'person signed in', outcome: 'refused', object: null, version: null, organization: null, ip: null, requestId: null, detail: [] }], olderUrl: '/admin/audit?before=1', newestUrl: '/admin/audit', csvUrl: '/admin/audit.csv' } },
    none: { props: { values: { who: '', object: '', from: '', to: '' }, actions: [], outcomes: [], narrowed: true, events: [], olderUrl: null, newestUrl: null, csvUrl: '/admin/audit.csv' } },
    empty: { props: { values: { who: '', object: '', from: '', to: '' }, actions: [], outcomes: [], narrowed: false, events: [], olderUrl: null, newestUrl: null, csvUrl: '/admin/audit.csv' } },
  },
  'admin/operation': {
    full: { props: { version: '1.0.0', node: '22.0.0', upSeconds: 4000, processes: [{ host: long.word, pid: 4242, kind: 'web', version: '0.9.0', startedAt: day('2026-11-20'), silentSeconds: 4000, silent: true, other: true }, { host: 'shelf-1', pid: 17, kind: 'both', version: '1.0.0', startedAt: day('2026-11-20'), silentSeconds: 3, silent: false, other: false }], failed: [{ id: '12', task: 'read-file', attempts: 25, maxAttempts: 25, error: long.word, again: null, madeAt: day('2026-11-20'), retryUrl: '/admin/operation/jobs/12/retry', dropUrl: '/admin/operation/jobs/12/drop' }, { id: '13', task: 'send-mail', attempts: 1, maxAttempts: 25, error: 'connect ECONNREFUSED', again: day('2026-11-21'), madeAt: day('2026-11-20'), retryUrl: '/admin/operation/jobs/13/retry', dropUrl: null }], failedTotal: 120, retryAllUrl: '/admin/operation/jobs/retry', queues: [{ task: 'read-file', waiting: 12_345, running: 4, later: 1, oldestSeconds: 30 }, { task: 'x', waiting: 0, running: 0, later: 2, oldestSeconds: 0 }], tables: [{ name: 'resource', bytes: 12_345_678, indexBytes: 1234, rows: 100_000 }], connections: { open: 12, most: 100 }, longestSeconds: 0, serverVersion: '18.4', databaseBytes: 987_654_321, engines: [{ name: 'meilisearch', answers: false, facts: null, state: 'away', rebuild: { done: 0, total: 0 }, waiting: 1234, oldestSeconds: 4000, failing: 3, lastError: long.word }, { name: 'postgres', answers: true, facts: { resources: 100_000, bytes: 12_345_678, version: null }, state: 'building', rebuild: { done: 10, total: 100 }, waiting: 0, oldestSeconds: 0, failing: 0, lastError: null }], disk: { free: 1e9, total: 1e11, full: 0.99, kept: 1e10, open: false, stopPercent: 90 }, stored: { count: 12, bytes: 1e9, oldestCheck: day('2026-10-01') }, damaged: [{ sha256: 'a'.repeat(64), damage: 'changed', since: day('2026-11-20'), bytes: 12_345, resources: [{ title: long.word, url: '/resources/1' }, { title: 'Tides', url: '/resources/2' }] }], damagedTotal: 70, slow: [{ text: `SELECT ${long.word} FROM x `.repeat(20), calls: 1234, totalMs: 123_456, mostMs: 2345, lastAt: day('2026-11-20') }, { text: 'SELECT 1', calls: 1, totalMs: 600, mostMs: 600, lastAt: day('2026-11-20') }], slowMs: 500 } },
    idle: { props: { version: '1.0.0', node: '22.0.0', upSeconds: 4, processes: [], failed: [], failedTotal: 0, retryAllUrl: null, queues: [], tables: [], connections: { open: 1, most: 100 }, longestSeconds: 1, serverVersion: '15.10', databaseBytes: 9e6, engines: [{ name: 'postgres', answers: true, facts: { resources: 0, bytes: 0, version: null }, state: 'unbuilt', rebuild: { done: 0, total: 0 }, waiting: 0, oldestSeconds: 0, failing: 0, lastError: null }], disk: { free: 9e10, total: 1e11, full: 0.1, kept: 1e10, open: true, stopPercent: 90 }, stored: { count: 0, bytes: 0, oldestCheck: null }, damaged: [], damagedTotal: 0, slow: [], slowMs: 500 } },
  },
  'admin/invitations': {
    full: { props: { actionUrl: '/admin/people/invitations', query: '', total: 120, invitations: (['waiting', 'open', 'written', 'over', 'closed'] as const).map((state) => ({ email: state === 'open' ? `${long.word}@example.org` : 'sam@example.org', name: state === 'over' ? long.name : '', roles: ['teacher', 'curator'], organization: long.name, by: state === 'open' ? 'Imani Brooks' : null, state, endsAt: day('2026-12-14'), sendUrl: state === 'closed' ? null : `/i/${state}/send`, withdrawUrl: `/i/${state}/withdraw` })), pager: pager(1, 3, (page) => `/i?page=${page}`), values: { emails: '' }, roles: [{ value: 'teacher', label: 'Teacher', chosen: true }, { value: 'admin', label: 'Administrator', chosen: false }], organizations: [{ value: '1', label: long.name, chosen: false }], errors: [], days: 14 } },
    faults: { status: 422, props: { actionUrl: '/i', query: 'zzz', total: 0, invitations: [], pager: null, values: { emails: long.word }, roles: [{ value: 'teacher', label: 'Teacher', chosen: false }], organizations: [], errors: ['emails', 'emails', 'organization', 'role'].map((field) => ({ field, message: `Something about ${field}.` })), days: 14 } },
    empty: { props: { actionUrl: '/i', query: '', total: 0, invitations: [], pager: null, values: { emails: '' }, roles: [{ value: 'teacher', label: 'Teacher', chosen: true }], organizations: [], errors: [], days: 14 } },
  },
  'admin/staff': {
    full: { props: { actionUrl: '/admin/people/import', organizations: [{ value: '1', label: long.name, chosen: false }], values: { pasted: '' }, errors: [], maxBytes: 16_777_216, files: (['tried', 'done'] as const).map((state) => ({ url: `/f/${state}`, fileName: long.word, organization: long.name, by: state === 'done' ? 'Imani Brooks' : null, at: day('2026-11-20'), state, counts: staffCounts })) } },
    faults: { status: 422, props: { actionUrl: '/f', organizations: [{ value: '1', label: long.name, chosen: false }], values: { pasted: `email\n${long.word}` }, errors: ['organization', 'files', 'pasted'].map((field) => ({ field, message: `Something about ${field}.` })), maxBytes: 1000, files: [] } },
  },
  'admin/staff-file': {
    refused: { props: staffFilePage() },
    changed: { status: 409, props: staffFilePage({ show: 'changed', changed: true, unread: ['Phone'], entries: [{ line: 2, email: 'sam@example.org', name: long.name, place: long.name, roles: 'Teacher', changes: [{ what: 'Role', before: 'Teacher', after: 'Teacher, Curator' }, { what: 'Name', before: long.word, after: long.name }], fault: null }], pager: pager(1, 3, (page) => `/f?page=${page}`), nameless: 2 }) },
    done: { props: staffFilePage({ state: 'done', show: 'created', mails: { sent: 3, total: 12 }, applyUrl: null, dropUrl: null, entries: [{ line: 2, email: 'sam@example.org', name: '', place: long.name, roles: 'Teacher', changes: [], fault: null }] }) },
    same: { props: staffFilePage({ show: 'same', counts: { ...staffCounts, created: 0, changed: 0, refused: 0, gone: 0 }, applyUrl: null, rejectedUrl: null, gone: [], entries: [] }) },
    closed: { props: staffFilePage({ closed: true, applyUrl: null, gone: [] }) },
    onlyGone: { props: staffFilePage({ show: 'same', counts: { ...staffCounts, created: 0, changed: 0, refused: 0, gone: 600 }, rejectedUrl: null, entries: [] }) },
  },
  'admin/registration': {
    several: { props: { districts: [registrationOf(), registrationOf({ id: '2', name: 'Port Haven', open: false, domains: [], people: 0, updatedAt: null, by: null, actionUrl: '/r/2' })], edited: null, errors: [] } },
    one: { props: { districts: [registrationOf()], edited: { id: '1', open: true, domains: 'a.example' }, errors: [] } },
    faults: { status: 422, props: { districts: [registrationOf(), registrationOf({ id: '2', actionUrl: '/r/2' })], edited: { id: '1', open: true, domains: long.word }, errors: ['open', 'domains', 'domains'].map((field) => ({ field, message: `Something about ${field}.` })) } },
    empty: { props: { districts: [], edited: null, errors: [] } },
  },
  'accounts/register': {
    full: { props: { actionUrl: '/register', values: { email: '' }, errors: [], sentTo: null, minutes: 60, districts: [{ district: long.name, domains: ['a.example', `${long.word}.example`] }] } },
    faults: { status: 422, props: { actionUrl: '/register', values: { email: long.word }, errors: [{ field: 'email', message: 'Enter your e-mail address.' }], sentTo: null, minutes: 60, districts: [{ district: 'North', domains: ['a.example'] }] } },
    sent: { props: { actionUrl: '/register', values: { email: '' }, errors: [], sentTo: `${long.word}@a.example`, minutes: 60, districts: [{ district: 'North', domains: ['a.example'] }] } },
    none: { props: { actionUrl: '/register', values: { email: '' }, errors: [], sentTo: null, minutes: 60, districts: [] } },
  },
  'accounts/register-confirm': {
    full: { props: { actionUrl: '/register/confirm', link: { token: 'abc', email: 'sam@a.example', district: long.name }, damaged: false, values: { name: '' }, schools: [{ value: '1', label: long.name, chosen: false }], minLength: 12, errors: [] } },
    faults: { status: 422, props: { actionUrl: '/register/confirm', link: { token: 'abc', email: 'sam@a.example', district: long.name }, damaged: false, values: { name: long.name }, schools: [], minLength: 12, errors: ['name', 'school', 'password', 'again'].map((field) => ({ field, message: `Something about ${field}.` })) } },
    over: { status: 410, props: { actionUrl: '/register/confirm', link: null, damaged: true, values: { name: '' }, schools: [], minLength: 12, errors: [] } },
  },
  'accounts/invitation': {
    new: { props: invitation() },
    faults: { status: 422, props: invitation({ values: { name: long.name }, errors: ['name', 'password', 'again'].map((field) => ({ field, message: `Something about ${field}.` })) }) },
    signIn: { props: invitation({ step: 'signIn' }) },
    accept: { props: invitation({ step: 'accept' }) },
    other: { props: invitation({ step: 'other' }) },
    merged: { props: invitation({ invitation: { email: 'sam@example.org', organization: long.name, mergedFrom: long.name, roles: ['teacher'], by: null } }) },
    closed: { status: 410, props: invitation({ step: 'closed' }) },
    over: { status: 410, props: invitation({ step: 'over', invitation: null }) },
    damaged: { status: 410, props: invitation({ step: 'damaged', invitation: null }) },
  },
  'api/docs': {
    full: { props: { title: 'Commonshelf API', version: '1.0.0', description: 'Read what everyone may read.', baseUrl: 'http://localhost:3000', openapiUrl: '/api/openapi.json', operations: [{ id: 'searchResources', method: 'GET', path: '/api/v1/resources', summary: 'Search', description: 'As on /search.', parameters: [{ name: 'q', in: 'query', required: false, type: 'string', description: 'Words or a code.' }, { name: 'id', in: 'path', required: true, type: 'string (uuid)', description: null }], responses: [{ status: '200', description: 'The hits.' }], example: `curl 'http://localhost:3000/api/v1/resources?q=${long.word}${long.word}'` }, { id: 'bare', method: 'GET', path: `/api/v1/${long.word}`, summary: 'Bare', description: null, parameters: [], responses: [], example: null }] } },
    empty: { props: { title: 'Commonshelf API', version: '1.0.0', description: null, baseUrl: 'http://localhost:3000', openapiUrl: '/api/openapi.json', operations: [] } },
  },
  'about/index': about,
  'about/help': about,
  'about/accessibility': about,
  'about/privacy': about,
};
