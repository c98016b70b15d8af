import type { AdminPreviewPage } from '../../server/vocabularies/admin-view.ts';
import type { Views } from '../../server/web/views.ts';
import type { Fixture } from './fixtures.ts';
import { renderMarkdown } from '../../server/lib/markdown.ts';
import { day, level, long, nf1, nf2 } from './parts.ts';

const option = (value: string, chosen = false) => ({ value, label: value === '' ? 'None' : value, chosen });
const touched = { shelf: 12_345, drafts: 3, all: 20_000 };
const untouched = { shelf: 0, drafts: 0, all: 0 };
const moves = (id: string, first = false, last = false) => ({ moveUrl: `/admin/x/${id}/place`, first, last });
const fault = (field: string) => ({ field, message: `Something about ${field}.` });
const preview: AdminPreviewPage = { place: '/admin/topics', back: [{ label: 'Topics', url: '/admin/topics' }], title: `Move “${long.word}”?`, touched, lines: ['It will stand at “Science”.', long.title], waits: true, changed: false, fields: [{ name: 'what', value: 'move' }, { name: 'under', value: '' }], actionUrl: '/admin/topics/1', confirm: 'Move it', cancelUrl: '/admin/topics/1' };

type VocabularyViews = 'admin/topics' | 'admin/topic' | 'admin/terms' | 'admin/term' | 'admin/licenses' | 'admin/license' | 'admin/preview' | 'admin/framework-upload' | 'admin/site' | 'about/terms' | 'admin/levels' | 'admin/frameworks' | 'admin/framework' | 'admin/descriptors-find' | 'admin/descriptors' | 'admin/rubrics' | 'admin/rubrics-look' | 'admin/vocabulary-change';

/** What the state’s administrators set up: topics, lists, licenses. */
export const vocabularyFixtures: { [Name in VocabularyViews]: Record<string, Fixture<Views[Name]>> } = {
  'admin/topics': {
    full: { props: { total: 2, query: '', found: [], branches: [{ top: { id: '1', name: 'Mathematics', url: '/admin/topics/1', depth: 0, subject: 'Mathematics', resources: 12_345, shelfUrl: '/topics/mathematics', ...moves('1', true, true) }, below: [{ id: '2', name: long.word, url: '/admin/topics/2', depth: 6, subject: 'Arts', resources: 0, shelfUrl: '/topics/long', ...moves('2') }] }], values: { name: '' }, under: [option('1')], subjects: [option('math')], starter: false, errors: [] } },
    empty: { status: 422, props: { total: 0, query: long.word, found: [], branches: [], values: { name: long.word }, under: [], subjects: [], starter: true, errors: [fault('name'), fault('under'), fault('subject')] } },
  },
  'admin/topic': {
    used: { props: { name: long.word, path: `Science > ${long.word}`, actionUrl: '/admin/topics/1', shelfUrl: '/topics/a', touched, below: 2, values: { name: long.word }, subjects: [option('math', true)], under: [option('2')], into: [option('2')], removable: false, errors: [] } },
    unused: { status: 422, props: { name: 'A', path: 'A', actionUrl: '/admin/topics/1', shelfUrl: '/topics/a', touched: untouched, below: 0, values: { name: '' }, subjects: [], under: [], into: [], removable: true, errors: ['name', 'under', 'into', 'what'].map(fault) } },
  },
  'admin/terms': {
    full: { props: { list: 'types', terms: [{ name: 'Lesson', url: '/admin/types/lesson', resources: 12, shelfUrl: '/search?type=lesson', retired: false, ...moves('1', true) }, { name: long.word, url: '/admin/types/long', resources: 0, shelfUrl: '/search?type=long', retired: true, ...moves('2', false, true) }], values: { name: '' }, actionUrl: '/admin/types', starter: false, errors: [] } },
    empty: { status: 422, props: { list: 'settings', terms: [], values: { name: 'x' }, actionUrl: '/admin/settings', starter: true, errors: [fault('name')] } },
  },
  'admin/term': {
    used: { props: { list: 'subjects', name: long.word, retired: false, actionUrl: '/admin/subjects/a', shelfUrl: '/search?subject=a', touched, values: { name: 'A' }, into: [option('b')], removable: false, errors: [] } },
    retired: { status: 422, props: { list: 'types', name: 'A', retired: true, actionUrl: '/admin/types/a', shelfUrl: '/search?type=a', touched: untouched, values: { name: '' }, into: [], removable: true, errors: ['name', 'into', 'what'].map(fault) } },
  },
  'admin/licenses': {
    full: { props: { licenses: [{ code: 'CC-BY-4.0', name: 'CC BY 4.0', url: '/admin/licenses/CC-BY-4.0', offered: true, may: ['Print it', long.title], must: ['Name the author'], mayNot: [], resources: 12, shelfUrl: '/search?license=CC-BY-4.0', ...moves('1', true) }, { code: 'unknown', name: long.word, url: '/admin/licenses/unknown', offered: false, may: [], must: [], mayNot: [], resources: 0, shelfUrl: '/search?license=unknown', ...moves('2', false, true) }], newUrl: '/admin/licenses/new', starter: false } },
    empty: { props: { licenses: [], newUrl: '/admin/licenses/new', starter: true } },
  },
  'admin/license': {
    used: { props: { code: 'CC-BY-4.0', name: 'CC BY 4.0', actionUrl: '/admin/licenses/CC-BY-4.0', touched, seen: 'x', values: { code: '', name: 'CC BY 4.0', url: 'https://example.org', may: 'Print it', must: '', mayNot: '' }, offered: true, mayBeOffered: true, facts: [{ name: 'adaptable', label: 'It may be changed', chosen: true }, { name: 'open', label: 'Open', chosen: false }], removable: false, errors: [] } },
    unused: { props: { code: 'X-1', name: 'X', actionUrl: '/admin/licenses/X-1', touched: untouched, seen: 'x', values: { code: '', name: 'X', url: '', may: '', must: '', mayNot: '' }, offered: false, mayBeOffered: false, facts: [{ name: 'open', label: 'Open', chosen: false }], removable: true, errors: [] } },
    fresh: { status: 422, props: { code: null, name: '', actionUrl: '/admin/licenses/new', touched: null, seen: '', values: { code: long.word, name: '', url: 'x', may: '', must: '', mayNot: '' }, offered: true, mayBeOffered: true, facts: [{ name: 'open', label: 'Open', chosen: true }], removable: false, errors: ['code', 'name', 'url', 'may', 'must', 'mayNot', 'offered'].map(fault) } },
  },
  'admin/preview': {
    large: { props: preview },
    changed: { status: 409, props: { ...preview, changed: true, waits: false, touched: null, back: [] } },
  },
  'admin/vocabulary-change': {
    waiting: { props: { place: '/admin/topics', back: [{ label: 'Topics', url: '/admin/topics' }], title: `Merging “${long.word}”`, state: 'waiting', resources: 12_345, unindexed: 0, percent: 0, by: long.name, at: day('2026-11-20'), url: '/admin/changes/1' } },
    indexing: { props: { place: '/admin/topics', back: [], title: 'Merging “A”', state: 'done', resources: 12_345, unindexed: 345, percent: 97, by: null, at: day('2026-11-20'), url: '/admin/changes/1' } },
    done: { props: { place: '/admin/topics', back: [], title: 'Merging “A”', state: 'done', resources: 1, unindexed: 0, percent: 100, by: null, at: day('2026-11-20'), url: '/admin/changes/1' } },
    refused: { props: { place: '/admin/topics', back: [], title: 'Merging “A”', state: 'refused', resources: 1, unindexed: 0, percent: 0, by: null, at: day('2026-11-20'), url: '/admin/changes/1' } },
  },
  'admin/levels': {
    full: { props: { scale: long.name, seen: 'x', levels: [1, 2].map((place) => ({ id: `l${place}`, sign: level(place), name: long.word, wording: place === 1 ? '' : 'Shows it.', place: String(place), resources: 12_345, described: place, removable: place === 2 })), values: { name: '', wording: '' }, actionUrl: '/admin/levels', starter: false, errors: [] } },
    faults: { status: 422, props: { scale: '', seen: '', levels: [{ id: 'l1', sign: level(1), name: '', wording: '', place: '1', resources: 0, described: 0, removable: false }], values: { name: 'x', wording: 'y' }, actionUrl: '/admin/levels', starter: true, errors: ['scale', 'name-l1', 'place-l1', 'wording-l1', 'name', 'wording'].map(fault) } },
    empty: { props: { scale: '', seen: '', levels: [], values: { name: '', wording: '' }, actionUrl: '/admin/levels', starter: true, errors: [] } },
  },
  'admin/descriptors-find': {
    found: { props: { q: 'fractions', found: [{ tab: nf1, framework: long.name, language: 'en' }, { tab: nf2, framework: 'M', language: 'es' }] } },
    nothing: { props: { q: long.word, found: [] } },
    fresh: { props: { q: '', found: [] } },
  },
  'admin/descriptors': {
    full: { props: { tab: nf1, statement: long.title, framework: 'M', language: 'en', seen: 'x', levels: [{ id: 'l1', sign: level(1), general: 'Begins.', words: long.word, now: null }, { id: 'l2', sign: level(2), general: '', words: '', now: null }], actionUrl: '/admin/levels/standards/1', errors: [] } },
    changed: { status: 409, props: { tab: nf1, statement: 'S', framework: 'M', language: 'es', seen: 'x', levels: [{ id: 'l1', sign: level(1), general: '', words: 'mine', now: 'theirs' }, { id: 'l2', sign: level(2), general: '', words: 'mine', now: '' }], actionUrl: '/admin/levels/standards/1', errors: [fault('words-l1')] } },
  },
  'admin/rubrics': {
    fresh: { props: { actionUrl: '/admin/levels/rubrics', maxBytes: 64_000_000, errors: [] } },
    fault: { status: 422, props: { actionUrl: '/admin/levels/rubrics', maxBytes: 64_000_000, errors: [fault('file')] } },
  },
  'admin/rubrics-look': {
    full: { props: { fileName: `${long.word}.json`, counts: { fresh: 12_345, changed: 1, same: 2, unknown: 3, leftOut: 4 }, standards: 12, meanings: [{ field: 'level-0', name: long.word, options: [option('l1', true), option('l2')] }, { field: 'level-1', name: 'B', options: [option('l1'), option('l2')] }], examples: [{ code: 'A.1', url: '/standards/1', level: 'Emerging', before: '', after: long.title }], warnings: ['CFRubrics[0]: odd.'], actionUrl: '/admin/levels/rubrics/1' } },
    nothing: { props: { fileName: 'a.json', counts: { fresh: 0, changed: 0, same: 2, unknown: 0, leftOut: 0 }, standards: 1, meanings: [], examples: [], warnings: [], actionUrl: '/admin/levels/rubrics/1' } },
  },
  'admin/frameworks': {
    full: { props: { frameworks: [{ title: long.title, url: '/admin/frameworks/1', facts: [long.name, '2024'], status: 'adopted', own: true, visible: true, standards: 12_345, retired: 2, resources: 12, loadedAt: day('2026-11-20'), ...moves('1', true, true) }, { title: long.word, url: '/admin/frameworks/2', facts: [], status: 'draft', own: false, visible: false, standards: 0, retired: 0, resources: 0, loadedAt: day('2026-11-20'), ...moves('2', true) }], loadUrl: '/admin/standards' } },
    empty: { props: { frameworks: [], loadUrl: '/admin/standards' } },
  },
  'admin/framework': {
    full: { props: { title: long.word, shelfUrl: '/standards/a', publisher: long.name, version: '2024', format: 'CASE 1.1', sourceUrl: `https://example.org/${long.word}`, loadedAt: day('2026-11-20'), changedAt: day('2026-11-01'), standards: 12_345, retired: 3, own: true, visible: true, seen: 'x', touched, actionUrl: '/admin/frameworks/1' } },
    bare: { props: { title: 'A', shelfUrl: '/standards/a', publisher: null, version: null, format: null, sourceUrl: null, loadedAt: day('2026-11-20'), changedAt: null, standards: 0, retired: 0, own: false, visible: false, seen: 'x', touched: untouched, actionUrl: '/admin/frameworks/1' } },
  },
  'admin/site': {
    plain: { props: { trying: false, beforeUrl: '/admin/site?show=before', revision: 1, defaultName: long.name, values: { name: '', contact: '', accent: '', accentDark: '', banner: '', bannerFrom: '', bannerUntil: '', privacy: '', terms: '', accessibility: '' }, bannerCloses: true, colours: [], logo: null, logoBytes: 262_144, actionUrl: '/admin/site', logoUrl: '/admin/site/logo', errors: [] } },
    tried: { props: { trying: true, beforeUrl: null, revision: 2, defaultName: 'Demo State', values: { name: long.name, contact: 'a@example.org', accent: '#7a1f5c', accentDark: '', banner: long.word, bannerFrom: '2026-11-30', bannerUntil: '2026-12-01', privacy: long.word, terms: 'T', accessibility: 'A' }, bannerCloses: false, colours: [{ scheme: 'light', colour: '#7a1f5c', contrast: 8.4321 }, { scheme: 'dark', colour: '#d08cb9', contrast: 5.1 }], logo: { url: '/site/a.png', width: 200, height: 80 }, logoBytes: 262_144, actionUrl: '/admin/site', logoUrl: '/admin/site/logo', errors: [] } },
    faults: { status: 422, props: { trying: false, beforeUrl: null, revision: 1, defaultName: 'Demo State', values: { name: '', contact: 'x', accent: 'red', accentDark: '', banner: '', bannerFrom: '', bannerUntil: '', privacy: '', terms: '', accessibility: '' }, bannerCloses: true, colours: [], logo: null, logoBytes: 262_144, actionUrl: '/admin/site', logoUrl: '/admin/site/logo', errors: ['name', 'contact', 'accent', 'accentDark', 'banner', 'bannerFrom', 'bannerUntil', 'privacy', 'terms', 'accessibility', 'file'].map(fault) } },
  },
  'about/terms': {
    full: { props: { text: renderMarkdown('## A heading\n\nSomething.') } },
    empty: { props: { text: null } },
  },
  'admin/framework-upload': {
    looking: { props: { state: 'looking', title: long.title, fileName: `${long.word}.json`, by: long.name, at: day('2026-11-20'), url: '/admin/standards/uploads/1', fault: null, report: null, resources: null, csvUrl: null, lists: [], buttons: [] } },
    looked: { props: { state: 'looked', title: 'M', fileName: 'ds-math.json', by: null, at: day('2026-11-20'), url: '/admin/standards/uploads/1', fault: null, report: { fileName: 'ds-math.json', title: 'M', url: '/standards/m', added: 300, changed: 2, unchanged: 130, retired: 1, removed: 1, warnings: ['An item has no statement.'] }, resources: 12, csvUrl: '/admin/standards/uploads/u1/standards.csv', lists: [{ name: 'retired', total: 1, items: [{ code: long.word, words: '' }] }, { name: 'created', total: 300, items: [{ code: 'A.1', words: long.title }, { code: 'A.2', words: long.word }] }], buttons: ['load', 'drop'] } },
    loaded: { props: { state: 'loaded', title: 'M', fileName: 'a.json', by: null, at: day('2026-11-20'), url: '/admin/standards/uploads/1', fault: null, report: { fileName: long.word, title: long.title, url: '/standards/401', added: 0, changed: 0, unchanged: 0, retired: 0, removed: 0, warnings: [] }, resources: null, csvUrl: null, lists: [], buttons: [] } },
    failed: { props: { state: 'failed', title: '', fileName: 'a.json', by: null, at: day('2026-11-20'), url: '/admin/standards/uploads/1', fault: long.title, report: null, resources: null, csvUrl: null, lists: [], buttons: ['drop'] } },
  },
};
