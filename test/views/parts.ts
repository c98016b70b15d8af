import { renderMarkdown } from '../../server/lib/markdown.ts';
import type { Voice, VoiceSection } from '../../server/resources/voices/voice-view.ts';
import { markSafe } from '../../server/lib/safe-html.ts';
import type {
  CheckSign,
  FileItem,
  PageImage,
  ResourceCard,
  ResourcePage,
  ShelfItem,
} from '../../server/resources/resource-view.ts';
import type { DraftFile } from '../../server/resources/share-view.ts';
import type { StandardTab } from '../../server/standards/standard-view.ts';
import type { LevelWords, LicenseWords } from '../../server/vocabularies/vocabulary-view.ts';

/** Pieces that several fixtures are put together from. */

export const day = (text: string): Date => new Date(`${text}T15:00:00Z`);

/** Long words, long names and markup that must come out as text. */
export const long = {
  word: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  title: 'Interdisciplinary-counterrevolutionary-electroencephalographically <b>“quoted”</b> & a title that goes on for two hundred characters because nobody stopped its author from writing all of it into one line of text',
  name: 'Wolfeschlegelsteinhausenbergerdorff-Papadimitrakopoulou III',
};

export const levels: LevelWords[] = [
  ['emerging', 'Emerging', 'Meets the idea with pictures, objects or help.'],
  ['developing', 'Developing', 'Does it in familiar cases, with a model near.'],
  ['proficient', 'Proficient', 'Does what the standard says, alone.'],
  ['extending', 'Extending', 'Takes it somewhere new and argues for it.'],
].map(([slug = '', label = '', description = ''], index) => ({
  slug,
  label,
  description,
  position: index + 1,
  of: 4,
}));

export const level = (position: number): LevelWords => {
  const found = levels[position - 1];
  if (!found) throw new RangeError(`No level ${position}`);
  return found;
};

export const tab = (code: string, statement: string, more: Partial<StandardTab> = {}): StandardTab => ({
  guid: '0190c1f0-0000-7000-8000-000000000001',
  code,
  url: `/standards/${code.toLowerCase()}`,
  statement,
  retired: false,
  ...more,
});

export const nf1 = tab('DS.MATH.4.NF.1', 'Explain why two fractions are equal');
export const nf2 = tab('DS.MATH.4.NF.2', 'Compare two fractions and say why the comparison holds');
export const nf3 = tab('DS.MATH.5.NF.1', 'Add fractions with unlike denominators');

export const ccBy: LicenseWords = {
  code: 'CC-BY-4.0',
  name: 'CC BY 4.0',
  url: 'https://creativecommons.org/licenses/by/4.0/',
  adaptable: true,
  credit: true,
  shareAlike: false,
  nonCommercial: false,
  open: true,
  may: ['Print it, hand it out, put it in your course', 'Change it and share your version'],
  must: ['Name the author and say what you changed'],
  mayNot: [],
};
export const unknownLicense: LicenseWords = {
  code: 'unknown',
  name: 'License not known',
  url: null,
  adaptable: false,
  credit: true,
  shareAlike: false,
  nonCommercial: false,
  open: false,
  may: [],
  must: ['Ask its owner before you reuse it'],
  mayNot: ['Change it and share your version'],
};

export const claimed: CheckSign = { status: 'claimed', by: null, checker: null, on: null };
export const checked: CheckSign = {
  status: 'checked',
  by: 'state',
  checker: 'Grace Oyelaran, state curator',
  on: day('2026-10-20'),
};

export const image = (name: string, width = 340, height = 440): PageImage => ({
  url: `/files/preview/${name}.svg`,
  width,
  height,
});

export const card = (more: Partial<ResourceCard> = {}): ResourceCard => ({
  id: '0190c1f0-0000-7000-8000-000000000101',
  url: '/resources/0190c1f0-0000-7000-8000-000000000101/which-is-more',
  title: 'Which is more? Comparing fractions with strips and stories',
  language: 'en',
  summary:
    'Students fold, shade and argue their way to one habit: put both fractions on the same line before you say which is more.',
  type: { slug: 'lesson', label: 'Lesson' },
  subjects: [{ slug: 'mathematics', label: 'Mathematics' }],
  grades: ['4'],
  levels: [level(2)],
  standards: [nf2, nf1],
  moreStandards: 1,
  minutes: 50,
  license: ccBy,
  authors: 'Mai Lin Tran',
  organization: { label: 'Port Haven City Schools', url: '/districts/port-haven' },
  check: checked,
  used: { people: 302, districts: 47 },
  thumb: image('frac1'),
  kind: 'document',
  format: 'PDF',
  pages: 6,
  files: 3,
  adaptedFrom: null,
  visibility: 'public',
  saved: false,
  saveUrl: '/resources/0190c1f0-0000-7000-8000-000000000101/save',
  ...more,
});

/** A card of which nothing is known that may be unknown. */
export const bareCard = (): ResourceCard =>
  card({
    title: 'A link',
    summary: null,
    type: null,
    subjects: [],
    grades: [],
    levels: [],
    standards: [],
    moreStandards: 0,
    minutes: null,
    license: unknownLicense,
    authors: '',
    check: claimed,
    used: { people: 0, districts: null },
    thumb: null,
    kind: 'link',
    format: null,
    pages: null,
    files: 0,
    saved: null,
    saveUrl: null,
  });

export const spanishCard = (): ResourceCard =>
  card({
    title: 'Jalar la cuerda: fuerzas en equilibrio',
    language: 'es',
    summary:
      'Predice, jala, observa y explica. Adaptación de la lección de Ruth Okafor, con un banco de palabras.',
    grades: ['3', '4'],
    levels: [level(1), level(2)],
    authors: 'Noor Siddiqui y Ana Belén Ríos',
    check: { ...checked, by: 'district' },
    used: { people: 41, districts: 9 },
    thumb: image('cuerda'),
    adaptedFrom: { label: 'Tug of war: when do forces balance?', url: '/resources/tug', language: 'en' },
    visibility: 'state',
    saved: true,
  });

export const longCard = (): ResourceCard =>
  card({
    title: long.title,
    summary: `${long.word} ${long.word}`,
    type: { slug: 'unit', label: long.word },
    grades: ['PK', 'K', '1', '3', '5', '6', '7', '12'],
    levels,
    standards: [
      tab('CCSS.MATH.CONTENT.HSA.REI.B.4.A-EXTENDED.LONGER', long.title, { retired: true }),
      nf1,
      nf2,
      nf3,
    ],
    moreStandards: 12,
    minutes: 4800,
    license: { ...ccBy, shareAlike: true, nonCommercial: true },
    authors: `${long.name}, ${long.name} and ${long.name}`,
    organization: { label: `${long.name} Consolidated Independent School District`, url: '/districts/long' },
    check: { status: 'disputed', by: null, checker: null, on: null },
    used: { people: 1234567, districts: 212 },
    thumb: null,
    kind: 'slides',
    pages: 1200,
  });

export const shelfItem = (more: Partial<ShelfItem> = {}): ShelfItem => ({
  id: '0190c1f0-0000-7000-8000-000000000201',
  url: '/resources/0190c1f0-0000-7000-8000-000000000201/halfway-is-a-landmark',
  title: 'Halfway is a landmark',
  language: 'en',
  type: { slug: 'slides', label: 'Slides' },
  grades: ['4'],
  level: level(3),
  minutes: 25,
  authors: 'Tomasz Zielinski',
  organization: { label: 'Prairie Union', url: '/districts/prairie-union' },
  check: checked,
  used: { people: 264, districts: 31 },
  thumb: image('slide', 440, 248),
  kind: 'slides',
  why: null,
  ...more,
});

export const shelf: ShelfItem[] = [
  shelfItem({ title: 'Which is more? Comparing fractions with strips and stories', thumb: image('frac1') }),
  shelfItem({
    title: 'Where does our rain go? A watershed walk',
    thumb: image('shed', 440, 320),
    check: claimed,
  }),
  shelfItem({ title: 'Rhythm ladder', thumb: image('rhythm'), grades: ['2', '3', '4', '5'], minutes: 15 }),
  shelfItem(),
  shelfItem({ title: 'El río que se movió', language: 'es', thumb: image('passage'), level: level(1) }),
  shelfItem({ title: 'Slope stories', thumb: null, kind: 'video', used: { people: 0, districts: null } }),
];

export const bareShelfItem = (): ShelfItem =>
  shelfItem({
    title: long.title,
    type: null,
    grades: [],
    level: null,
    minutes: null,
    authors: '',
    check: claimed,
    used: { people: 0, districts: null },
    thumb: null,
    kind: 'package',
    organization: { label: long.name, url: '/schools/long' },
  });

export const file = (more: Partial<FileItem> = {}): FileItem => ({
  id: '0190c1f0-0000-7000-8000-000000000301',
  name: 'which-is-more.pdf',
  kind: 'document',
  format: 'PDF',
  bytes: 2202009,
  pages: 6,
  educatorsOnly: false,
  state: 'ready',
  unscanned: false,
  url: '/files/0190c1f0-0000-7000-8000-000000000301/which-is-more.pdf',
  openUrl: '/files/0190c1f0-0000-7000-8000-000000000301/which-is-more.pdf?open',
  pagesUrl: '/files/0190c1f0-0000-7000-8000-000000000301/pages',
  textUrl: '/files/0190c1f0-0000-7000-8000-000000000301/text',
  preview: image('frac1'),
  ...more,
});

export const draftFile = (more: Partial<DraftFile> = {}): DraftFile => ({
  id: '0190c1f0-0000-7000-8000-000000000301',
  name: 'measuring-cups.pdf',
  kind: 'document',
  format: 'PDF',
  bytes: 1363148,
  pages: 4,
  educatorsOnly: false,
  main: true,
  state: 'ready',
  unscanned: false,
  ...more,
});

const voice = (more: Partial<Voice> = {}): Voice => ({
  id: '0190c1f0-0000-7000-8000-000000000701',
  kind: 'comment',
  person: 'Dana Whitcomb',
  organization: 'Sandstone Middle School',
  byAuthor: false,
  mine: false,
  on: day('2026-11-02'),
  edited: false,
  rating: null,
  version: null,
  html: renderMarkdown('Two lessons, **not one**. See https://example.org/strips'),
  state: 'shown',
  reason: null,
  editUrl: null,
  flagUrl: '/voices/701/flag',
  removeUrl: '/voices/701/remove',
  answerUrl: null,
  answers: [],
  ...more,
});

const voiceSection = (): VoiceSection => ({
  rating: { mean: 4.2, people: 7 },
  uses: [voice({ kind: 'use', rating: 4 }), voice({ id: 'u2', kind: 'use', rating: 1, mine: true, edited: true, editUrl: '/voices/u2/edit', flagUrl: null, removeUrl: null })],
  questions: [
    voice({ id: 'q1', kind: 'question', version: 1, answerUrl: '/voices/q1/answers', answers: [voice({ id: 'a1', kind: 'answer', byAuthor: true }), voice({ id: 'a2', kind: 'answer', html: renderMarkdown(long.word) })] }),
    voice({ id: 'q2', kind: 'question', state: 'deleted', html: null, flagUrl: null, removeUrl: null, answers: [voice({ id: 'a3', kind: 'answer', state: 'hidden' })] }),
  ],
  comments: [voice({ id: 'c1', state: 'hidden', mine: true }), voice({ id: 'c2', state: 'removed', reason: 'A student’s name.', html: null, mine: true, flagUrl: null, removeUrl: null })],
  form: { url: '/resources/101/voices', key: 'k1' },
});

export const resourcePage = (more: Partial<ResourcePage> = {}): ResourcePage => ({
  card: card(),
  crumbs: [
    { label: 'Mathematics', url: '/search?subject=mathematics' },
    { label: 'Grade 4', url: '/search?subject=mathematics&grade=4' },
    { label: 'DS.MATH.4.NF.2', url: nf2.url },
  ],
  version: {
    number: 3,
    publishedAt: day('2026-10-14'),
    note: null,
    current: true,
    currentUrl: '/resources/101',
  },
  draftUrl: null,
  description: markSafe(
    '<p>You need paper strips, two colors per pair, and a wall long enough for a number line.</p><ul><li>Leave page 2 for the second day.</li></ul>',
  ),
  link: null,
  look: {
    fileName: 'which-is-more.pdf',
    totalPages: 6,
    pages: [
      {
        number: 1,
        image: image('frac1', 680, 880),
        text: 'Which is more? Shade and compare',
        url: '/files/301/pages#page-1',
      },
      {
        number: 2,
        image: image('frac2'),
        text: 'Stories to settle. Who ate more?',
        url: '/files/301/pages#page-2',
      },
      { number: 3, image: image('frac3'), text: null, url: '/files/301/pages#page-3' },
    ],
    pagesUrl: '/files/301/pages',
    textUrl: '/files/301/text',
    media: null,
  },
  files: [
    file(),
    file({ name: 'which-is-more.docx', format: 'Word', bytes: 655360, openUrl: null, state: 'waiting', url: null }),
    file({ name: 'answers.pdf', educatorsOnly: true, bytes: 184320, pages: 1, unscanned: true }),
  ],
  zip: { url: '/resources/101/files.zip', bytes: 3042009 },
  alignments: [
    { tab: nf2, relation: 'teaches', level: level(2), check: checked, note: null },
    { tab: nf1, relation: 'assesses', level: level(1), check: checked, note: 'Page 4 is the part that fits.' },
    { tab: nf3, relation: 'related', level: null, check: claimed, note: null },
  ],
  topics: [
    { label: 'Fractions', url: '/topics/fractions' },
    { label: 'Number lines', url: '/topics/number-lines' },
  ],
  languageName: 'English',
  setting: { slug: 'whole-class', label: 'Whole class' },
  keywords: ['fraction strips', 'number line'],
  publisher: null,
  translations: [{ label: 'español', url: '/resources/102', language: 'es' }],
  license: ccBy,
  lineage: {
    from: [
      {
        title: 'Fraction strips, a first set',
        language: 'en',
        url: '/resources/90',
        authors: 'Wren Castellano',
        organization: 'Prairie Union',
        on: day('2023-09-01'),
        note: null,
      },
    ],
    children: [
      {
        title: '¿Cuál es más?',
        language: 'es',
        url: '/resources/102',
        authors: 'Ana Belén Ríos',
        organization: 'Port Haven',
        on: day('2026-10-30'),
        note: 'In Spanish, with a word bank.',
      },
      {
        title: 'Which is more? with measuring cups',
        language: 'en',
        url: null,
        authors: 'Joe Begay',
        organization: null,
        on: null,
        note: null,
      },
    ],
    moreChildren: 1,
  },
  versions: [
    {
      number: 3,
      url: '/resources/101/versions/3',
      note: 'Number line goes past one.',
      publishedAt: day('2026-10-14'),
      current: true,
      shown: true,
    },
    {
      number: 1,
      url: '/resources/101/versions/1',
      note: null,
      publishedAt: day('2025-09-09'),
      current: false,
      shown: false,
    },
  ],
  voices: voiceSection(),
  held: true,
  flags: [{ kind: 'broken', note: long.word, on: day('2026-11-02'), url: '/curate/flags/1' }],
  reported: [{ kind: 'broken', on: day('2026-11-02') }],
  flagUrl: '/resources/101/flag',
  collections: [{ label: 'Halves', url: '/collections/1', language: 'en' }, { label: long.title, url: '/collections/2', language: 'es' }],
  next: [
    shelfItem({ why: 'level-after' }),
    shelfItem({ why: 'level-before', level: level(1), title: 'Fold it twice: same-size pieces' }),
    shelfItem({ why: 'same-standard' }),
  ],
  actions: {
    take: { url: '/resources/101/files.zip', label: 'zip', format: 'ZIP', bytes: 3042009 },
    adaptUrl: '/resources/101/adapt',
    adaptRefused: null,
    save: { url: '/resources/101/save', saved: false },
    use: { url: '/resources/101/use', used: false, said: false },
    signInUrl: null,
    editUrl: null,
    withdrawUrl: null,
    restoreUrl: null, checksUrl: null, checkUrl: null,
  },
  permalink: 'https://shelf.state.example/resources/0190c1f0-0000-7000-8000-000000000101',
  credit: '“Which is more?” by Mai Lin Tran, Port Haven City Schools, CC BY 4.0',
  ...more,
});

export const bareResourcePage = (): ResourcePage =>
  resourcePage({
    card: bareCard(),
    crumbs: [],
    description: null,
    link: { url: 'https://example.org/page', host: 'example.org', deadSince: new Date('2026-11-20T08:00:00Z') },
    look: null,
    files: [],
    zip: null,
    alignments: [],
    topics: [],
    setting: null,
    keywords: [],
    translations: [],
    license: unknownLicense,
    lineage: { from: [], children: [], moreChildren: 0 },
    versions: [
      { number: 1, url: '#', note: null, publishedAt: day('2026-01-01'), current: true, shown: true },
    ],
    voices: { rating: null, uses: [], questions: [], comments: [], form: null },
    held: false,
    flags: [],
    flagUrl: null,
    collections: [],
    next: [],
    actions: {
      take: null,
      adaptUrl: null,
      adaptRefused: 'ask-first',
      save: null,
      use: null,
      signInUrl: '/sign-in?next=/resources/101',
      editUrl: null,
      withdrawUrl: null,
      restoreUrl: null, checksUrl: null, checkUrl: null,
    },
    credit: null,
  });
