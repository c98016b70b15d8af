import type { Facet, FacetOption, SearchPage } from '../../server/search/search-view.ts';
import type { FrameworkCard, LevelCount, StandardListItem, StandardPage } from '../../server/standards/standard-view.ts';
import type { ShelfItem } from '../../server/resources/resource-view.ts';
import { pager } from '../../server/web/pager.ts';
import type { Views } from '../../server/web/views.ts';
import { bareCard, bareResourcePage, bareShelfItem, card, file, image, level, levels, long, longCard, nf1, nf2, nf3, resourcePage, shelf, shelfItem, spanishCard, tab } from './parts.ts';

/** One rendering of a view: its props, and the status where it isn't 200. */
export interface Fixture<Props> {
  props: Props;
  status?: number;
}

/** At least two renderings of every view: full and empty, with long words and Spanish among them. */
export type Fixtures = { [Name in keyof Views]: Record<string, Fixture<Views[Name]>> };

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

const search = (more: Partial<SearchPage> = {}): SearchPage => ({
  query: 'tug of war 4.NF.2',
  total: 190,
  from: 1,
  to: 3,
  hits: [
    { ...card(), found: null },
    { ...spanishCard(), found: null },
    { ...card({ title: 'Forces and motion, the whole packet', thumb: image('packet12'), files: 1, pages: 38 }), found: { fileName: 'forces.pdf', page: 12, url: '/files/301/pages#page-12', language: 'en', snippet: [{ text: '… both teams pull the rope with five newtons. In this ', mark: false }, { text: 'tug of war', mark: true }, { text: ' the flag does not move …', mark: false }] } },
    { ...longCard(), found: null },
    { ...bareCard(), found: null },
  ],
  understood: [{ as: 'standard', text: '4.NF.2', tab: nf2, removeUrl: '/search?q=tug+of+war', wordsUrl: '/search?q=tug+of+war+4.NF.2&code=no' }],
  relaxed: false,
  didYouMean: null,
  filters: [
    { facet: 'grade', value: '4', label: 'Grade 4', level: null, tab: null, language: null, removeUrl: '/search?q=tug' },
    { facet: 'level', value: 'developing', label: 'Developing', level: level(2), tab: null, language: null, removeUrl: '/search?q=tug' },
    { facet: 'standard', value: 'g4', label: 'Compare', level: null, tab: nf2, language: null, removeUrl: '/search?q=tug' },
    { facet: 'language', value: 'es', label: 'español', level: null, tab: null, language: 'es', removeUrl: '/search?q=tug' },
  ],
  clearUrl: '/search?q=tug',
  facets,
  filterHidden: [{ name: 'q', value: 'tug of war 4.NF.2' }, { name: 'sort', value: 'used' }],
  sortHidden: [{ name: 'q', value: 'tug of war 4.NF.2' }, { name: 'grade', value: '4' }],
  sort: 'best',
  sorts: ['best', 'newest', 'used', 'title', 'shortest'],
  pager: pager(5, 10, (page) => `/search?q=tug&page=${page}`),
  nothing: null,
  errors: [],
  engineNotice: false,
  apiUrl: '/api/v1/resources?q=tug',
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
  })),
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

export const fixtures: Fixtures = {
  'home/index': {
    full: {
      props: {
        resources: 41260,
        districts: 212,
        checked: 312,
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
        shelf: { kind: 'checked', items: shelf, allUrl: '/search?checked=state' },
        bySubject: [
          { label: 'Arts', url: '/search?subject=arts', count: 2914 },
          { label: 'Career and technical', url: '/search?subject=cte', count: 3108 },
          { label: 'English language arts', url: '/search?subject=ela', count: 9870 },
          { label: 'Mathematics', url: '/search?subject=mathematics', count: 10246 },
        ],
        gaps: [
          { tab: nf2, level: { ...level(4), description: 'Argues which strategy is best for a pair of fractions.' }, shareUrl: '/resources/new?standard=1&level=extending' },
          { tab: nf3, level: { ...level(1), description: null }, shareUrl: '/resources/new?standard=2&level=emerging' },
        ],
      },
    },
    empty: {
      props: { resources: 0, districts: 0, checked: 0, tries: [], subjects: [], grades: [], levels: [], shelf: { kind: 'newest', items: [], allUrl: '/search' }, bySubject: [], gaps: [] },
    },
    long: {
      props: { resources: 1, districts: 1, checked: 0, tries: [{ label: long.word, url: '/search' }], subjects: [{ slug: 'long', label: long.word }], grades: ['4'], levels, shelf: { kind: 'newest', items: [bareShelfItem(), ...shelf], allUrl: '/search' }, bySubject: [{ label: long.word, url: '/search', count: 10246000 }], gaps: [{ tab: tab(long.word, long.title), level: level(1), shareUrl: '/resources/new' }] },
    },
  },
  'search/index': {
    full: { props: search() },
    plain: { props: search({ query: '', understood: [], filters: [], pager: null, engineNotice: true, total: 1, from: 1, to: 1, hits: [{ ...card(), found: null }] }) },
    unknown: {
      props: search({ query: long.word, understood: [{ as: 'unknown', facet: 'standard', text: '4.NQ.2', removeUrl: '/search', near: [{ label: '4.NF.2', url: '/search?standard=4.NF.2' }] }, { as: 'unknown', facet: 'topic', text: 'fractoins', removeUrl: '/search', near: [] }], didYouMean: { text: 'fractions', url: '/search?q=fractions', count: null } }),
    },
    nothing: {
      props: search({
        query: 'balancing forcs', total: 0, from: 0, to: 0, hits: [], pager: null,
        didYouMean: { text: 'balancing forces', url: '/search?q=balancing+forces', count: 12 },
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
        },
      }),
    },
    'nothing at all': { props: search({ query: 'x', total: 0, from: 0, to: 0, hits: [], pager: null, understood: [], filters: [], nothing: { looser: [], near: [], gap: null } }) },
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
    mine: { props: resourcePage({ card: { ...spanishCard() }, draftUrl: '/resources/101/edit', publisher: long.name, actions: { ...resourcePage().actions, take: { url: '/files/301/a.pdf', label: 'file', format: 'PDF', bytes: 900 }, adaptUrl: null, adaptRefused: 'no-derivatives', save: { url: '/resources/101/save', saved: true }, use: { url: '/resources/101/use', used: true }, editUrl: '/resources/101/edit', withdrawUrl: '/resources/101/withdraw', restoreUrl: '/resources/101/restore' } }) },
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
} as Partial<Fixtures> as Fixtures;
void shelfItem;
