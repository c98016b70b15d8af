import type { ClaimField, CurateCheckPage, QueueItem, QueuePage, ThreadEvent } from '../../server/curation/check-view.ts';
import { renderMarkdown } from '../../server/lib/markdown.ts';
import type { Views } from '../../server/web/views.ts';
import { pager } from '../../server/web/pager.ts';
import type { Fixture } from './fixtures.ts';
import { bareCard, card, checked, claimed, day, file, image, level, levels, long, nf1, nf2 } from './parts.ts';

const option = (value: string, chosen = false) => ({ value, label: value === '' ? 'Any' : value, chosen });
const filters: QueuePage['filters'] = { shows: [option('open', true), option('all')], whys: [option('', true), option('new')], subjects: [option('', true)], grades: [option('', true), option('K')], districts: [option('', true), { value: 'long', label: long.name, chosen: false }], frameworks: [option('', true)], sorts: [option('oldest', true), option('used')] };

const item = (more: Partial<QueueItem> = {}): QueueItem => ({ id: 'r1', url: '/curate/checks/r1?show=all', title: 'Slope stories', language: 'en', author: 'Priya Raman', organization: 'Harborview', submitted: false, standards: [{ tab: nf1, level: level(2) }, { tab: nf2, level: null }], moreStandards: 2, whys: ['new_version'], since: day('2026-11-12'), days: 12, late: true, with: { name: 'Grace Oyelaran', me: false, open: true }, worst: null, barred: null, takeUrl: null, backUrl: null, ...more });

const queue: QueuePage = { counts: { all: 41, late: 1 }, oldestDays: 12, promiseDays: 10, settingsUrl: '/curate/settings', filters, filtered: true, total: 41, elsewhere: 0, allUrl: '/curate?show=all', items: [item(), item({ id: 'r2', title: long.name, language: 'es', author: '', submitted: true, standards: [], moreStandards: 0, whys: ['students', 'disputed', 'new'], days: 1, late: false, with: { name: 'Me', me: true, open: false }, worst: 'stop', takeUrl: '/curate/checks/r2/take', backUrl: '/curate/checks/r2/back' }), item({ id: 'r3', title: '', with: null, worst: 'warn', takeUrl: '/curate/checks/r3/take' }), item({ id: 'r4', barred: 'lead' }), item({ id: 'r5', barred: 'own' })], pager: pager(1, 2, (to) => `/curate?page=${to}`), back: '?show=all', startUrl: '/curate/next' };

const claim = (more: Partial<ClaimField> = {}): ClaimField => ({ id: 'a1', tab: nf1, framework: 'Demo State Mathematics', relation: 'teaches', level: level(3), descriptor: 'Explains why.', claimedAs: 'author', check: claimed, locked: false, fit: null, why: '', levels: levels.slice(0, 2).map(({ slug, label }) => ({ value: slug, label, chosen: false })), ...more });

const events: ThreadEvent[] = [
  { kind: 'check', id: 'c1', person: 'Grace Oyelaran', for: 'Demo State', on: day('2026-11-03'), text: renderMarkdown('Mend **two** things:\n\n- this'), outcome: 'returned', settles: false, version: 1, alignments: [{ tab: nf1, fit: 'other_level', level: level(2), note: 'No reason is asked for.' }, { tab: nf2, fit: 'full', level: null, note: '' }], rubric: 'Five plain questions', ratings: [{ criterion: 'What it says is right', rating: 4, label: 'A model for others' }] },
  { kind: 'answer', id: 'm1', person: long.name, staff: false, on: day('2026-11-04'), text: renderMarkdown(long.word) },
  { kind: 'dispute', id: 'm2', person: 'Ruth', staff: true, on: day('2026-11-05'), text: null },
  { kind: 'check', id: 'c2', person: 'Sam', for: 'Demo State', on: day('2026-11-06'), text: null, outcome: 'withdrawn', settles: true, version: null, alignments: [], rubric: null, ratings: [] },
];

const check: CurateCheckPage = {
  id: 'r1', card: card({ saved: null, saveUrl: null }), submitted: false, version: 2, publishedOn: day('2026-11-08'), changeNote: 'Units', changedUrl: '/resources/r1/versions/1', description: renderMarkdown('Say **it**'), link: { url: 'https://maps.example/a', host: 'maps.example' }, files: [file()],
  look: { fileName: 'a.pdf', totalPages: 1, pages: [{ number: 1, image: image('frac1'), text: 'Which is more', url: '/files/1/pages#page-1' }], pagesUrl: '/files/1/pages', textUrl: null, media: null },
  adaptedFrom: { label: 'Half', url: '/resources/h', language: 'es' }, check: checked, wait: { whys: ['new_version', 'disputed'], since: day('2026-11-08'), days: 12, late: true }, with: { name: 'Grace', me: true, open: true },
  findings: [{ kind: 'students', severity: 'stop', says: 'Names beside scores on page 2.', links: [] }, { kind: 'duplicates', severity: 'warn', says: 'Nearly the same as:', links: [{ label: 'Uno', url: '/resources/u', language: 'es' }, { label: long.name, url: '/resources/v', language: 'en' }] }, { kind: 'text', severity: 'hint', says: 'Little text.', links: [] }, { kind: 'link', severity: 'good', says: 'The link answers.', links: [] }], findingsWait: false,
  events, threadUrl: '/resources/r1/checks', notice: null,
  form: { actionUrl: '/curate/checks/r1', seen: 'v1', seenCheck: 'c2', back: '?show=mine', author: 'Priya Raman', claims: [claim(), claim({ id: 'a2', tab: nf2, relation: 'assesses', level: null, descriptor: null, claimedAs: 'curator', check: checked, fit: 'other_level', why: 'Because', locked: false }), claim({ id: 'a3', check: checked, fit: 'full', locked: true })], rubric: { name: 'Five plain questions', scale: ['Not yet', 'Partly', 'Yes'].map((hint, index) => ({ value: String(index + 1), label: String(index + 1), hint, chosen: false })), criteria: [{ id: 'k1', name: 'Right', hint: 'Facts hold.', rating: 2 }, { id: 'k2', name: long.word, hint: '', rating: null }] }, note: 'Good', errors: [], settles: false, mayWithdraw: true },
  takeUrl: '/curate/checks/r1/take', backUrl: '/curate/checks/r1/back', skipUrl: '/curate/checks/r1/skip', assign: { url: '/curate/checks/r1/assign', options: [{ value: 'p1', label: long.name, chosen: true }] }, queueUrl: '/curate?show=mine',
};

type CurateViews = 'curate/queue' | 'curate/check' | 'curate/stopped' | 'curate/settings' | 'curate/thread';

/** The room of those who check. */
export const curateFixtures: { [Name in CurateViews]: Record<string, Fixture<Views[Name]>> } = {
  'curate/queue': {
    full: { props: queue },
    none: { props: { ...queue, counts: { all: 0, late: 0 }, oldestDays: null, settingsUrl: null, filters: { ...filters, districts: [] }, filtered: false, total: 0, items: [], pager: null, back: '', startUrl: null } },
    filtered: { props: { ...queue, counts: { all: 3, late: 0 }, total: 0, elsewhere: 3, items: [], pager: null } },
  },
  'curate/check': {
    full: { props: check },
    faults: { status: 422, props: { ...check, form: { ...check.form!, settles: true, errors: [{ field: 'fit-a1', message: 'Say whether it fits.' }, { field: 'level-a2', message: 'Which?' }, { field: 'why-a2', message: 'Why?' }, { field: 'note', message: 'Say what.' }, { field: 'outcome', message: 'Nothing fits.' }] } } },
    bare: { props: { ...check, card: { ...bareCard(), title: '' }, submitted: true, publishedOn: null, changeNote: null, changedUrl: null, description: null, link: null, files: [], look: null, adaptedFrom: null, check: claimed, wait: null, with: { name: 'Ruth', me: false, open: false }, findings: [], findingsWait: true, events: [], form: { ...check.form!, claims: [], rubric: null, author: '', mayWithdraw: false }, takeUrl: null, backUrl: null, skipUrl: null, assign: null } },
    refused: { status: 409, props: { ...check, notice: 'A lead settles that.', form: null } },
  },
  'curate/stopped': {
    withdrawn: { status: 409, props: { message: 'It was taken off the shelf.', reason: 'Old', resourceUrl: '/resources/r1', note: `Mend\n${long.word}`, queueUrl: '/curate' } },
    role: { status: 403, props: { message: 'Only curators.', reason: null, resourceUrl: null, note: '', queueUrl: '/curate' } },
  },
  'curate/thread': {
    author: { status: 422, props: { title: long.name, language: 'es', resourceUrl: '/resources/r1', version: 2, check: { ...claimed, status: 'returned' }, waits: { since: day('2026-11-04'), days: 1, promiseDays: 10 }, events, author: true, editUrl: '/resources/r1/edit', checkUrl: null, answer: { url: '/resources/r1/checks', text: 'Why', errors: [{ field: 'text', message: 'Say why.' }] }, mayAsk: true, mayDispute: true } },
    curator: { props: { title: 'Slope', language: 'en', resourceUrl: null, version: null, check: claimed, waits: null, events: [], author: false, editUrl: null, checkUrl: '/curate/checks/r1', answer: { url: '/resources/r1/checks', text: '', errors: [] }, mayAsk: false, mayDispute: false } },
  },
  'curate/settings': {
    full: { props: { actionUrl: '/curate/settings', promise: '10', lease: '45', rubrics: [{ value: 'state', label: 'Five plain questions', chosen: true }, { value: '', label: 'None', chosen: false }], own: { text: `Right – Facts hold.\n${long.word}`, labels: ['Not yet', 'Yes'] }, others: [{ name: 'Achieve OER Rubrics', source: 'https://www.achieve.org/oer-rubrics', labels: ['Limited', 'Strong'], criteria: ['Degree of alignment', long.name] }], errors: [] } },
    faults: { status: 422, props: { actionUrl: '/curate/settings', promise: 'x', lease: '1', rubrics: [{ value: '', label: 'None', chosen: true }], own: { text: '', labels: [] }, others: [{ name: 'Other', source: null, labels: [], criteria: [] }], errors: [{ field: 'promise', message: 'Give a number.' }, { field: 'criteria', message: 'Give one.' }] } },
  },
};
