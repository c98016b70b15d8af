import type { OrganizationChangePage, AdminOrganizationPage } from '../../server/administration/organization-view.ts';
import type { AdminHandOverPage, AdminPersonPage } from '../../server/administration/people/person-view.ts';
import type { AdminTransferPage } from '../../server/administration/transfers/transfer-view.ts';
import type { Views } from '../../server/web/views.ts';
import { pager } from '../../server/web/pager.ts';
import type { Fixture } from './fixtures.ts';
import { day, long } from './parts.ts';

const amounts = (people = 3, resources = 20, collections = 1) => ({ people, resources, collections });
const none = { people: 0, helpers: 0, closedAccounts: 0, resources: 0, others: 0, waiting: 0, collections: 0, sources: 0, calls: 0, schools: 0 };
const transferLine = { words: `Merge ${long.name} into Port Haven`, url: '/admin/transfers/t1', state: 'done' as const, by: long.name, at: day('2026-11-20') };
const organization = (more: Partial<AdminOrganizationPage> = {}): AdminOrganizationPage => ({
  kind: 'district',
  name: 'Port Haven City Schools',
  crumbs: [{ label: 'Organizations', url: '/admin/organizations' }],
  publicUrl: '/districts/port-haven',
  address: 'port-haven',
  closed: false,
  mergedInto: null,
  counts: { people: 21, helpers: 2, closedAccounts: 1, resources: 12_345, others: 9, waiting: 3, collections: 4, sources: 2, calls: 1, schools: 2 },
  logUrl: '/admin/audit?object=o1', peopleUrl: '/admin/people?organization=o1',
  publishing: { mode: 'check_first', inheritedFrom: long.name },
  changes: (['rename', 'merge', 'hand-over', 'publishing', 'close'] as const).map((name) => ({ name, url: `/admin/organizations/o1/${name}` })),
  runningUrl: '/admin/transfers/t1',
  staff: [{ name: long.name, url: '/admin/people/p1', role: 'admin' }, { name: 'Joe', url: '/admin/people/p2', role: 'curator' }],
  schools: [{ name: long.word, url: '/admin/organizations/o2', closed: true, ...amounts() }, { name: 'Harbor', url: '/admin/organizations/o3', closed: false, ...amounts(0, 0, 0) }],
  former: [{ name: 'Haven Schools', address: 'haven', until: day('2026-10-01') }, { name: long.name, address: null, until: day('2026-09-01') }],
  transfers: [transferLine, { ...transferLine, state: 'running', by: null }],
  ...more,
});

const change = (more: Partial<OrganizationChangePage> = {}): OrganizationChangePage => ({
  title: `Rename ${long.name}`,
  crumbs: [{ label: 'Organizations', url: '/admin/organizations' }, { label: long.name, url: '/admin/organizations/o1' }],
  touches: [{ label: 'people', count: 21 }, { label: 'resources on the shelf', count: 12_345 }],
  says: ['Every page that names it uses the new name.'],
  refused: null,
  form: { actionUrl: '/admin/organizations/o1/rename', stamp: 'abc', submit: 'Rename it', fields: [{ kind: 'text', id: 'name', label: 'Name', value: long.name, maxlength: 200 }, { kind: 'text', id: 'slug', label: 'Web address', hint: 'Small letters.', value: 'x', maxlength: 80 }] },
  cancelUrl: '/admin/organizations/o1',
  errors: [],
  ...more,
});

const transfer = (more: Partial<AdminTransferPage> = {}): AdminTransferPage => ({
  url: '/admin/transfers/t1',
  title: `Hand over from ${long.name} to Joe`,
  crumbs: [{ label: 'People', url: '/admin/people' }, { label: long.name, url: '/admin/people/p1' }],
  state: 'planned',
  from: { label: long.name, url: '/admin/people/p1' },
  to: { label: 'Joe', url: '/admin/people/p2' },
  by: long.name,
  at: day('2026-11-20'),
  says: ['This becomes the work of Joe.', 'You can have it handed back.'],
  counts: [{ label: 'Resources', count: 12_345 }],
  sources: [],
  percent: null,
  items: [{ title: long.title, url: '/resources/r1', language: 'en', kind: 'resource', state: 'on the shelf', left: false }, { title: 'El agua', url: null, language: 'es', kind: 'collection', state: 'private', left: true }],
  itemsTotal: 12_345,
  moveUrl: '/admin/transfers/t1/move',
  submit: 'Hand it over',
  mayMove: true,
  backUrl: null,
  takenBackUrl: null,
  cancelUrl: '/admin/people/p1',
  ...more,
});

type AdminViews = 'admin/people' | 'admin/person' | 'admin/hand-over' | 'admin/organizations' | 'admin/organization' | 'admin/change' | 'admin/changed' | 'admin/transfer';

const options = (words: string) => [{ value: '', label: words, chosen: true }, { value: 'x', label: long.name, chosen: false }];
const person = (more: Partial<AdminPersonPage> = {}): AdminPersonPage => ({
  name: long.name,
  email: `${long.word}@example.org`,
  active: true,
  crumbs: [{ label: 'People', url: '/admin/people' }],
  organization: { label: long.name, url: '/admin/organizations/o1' },
  createdAt: day('2025-09-01'),
  lastSeen: day('2026-11-20'),
  counts: { resources: 12_345, drafts: 2, withdrawn: 1, collections: 3, checks: 4, tokens: 1 },
  stamp: 'abc',
  untouchable: null,
  details: { actionUrl: '/admin/people/p1/details', values: { name: long.name, email: 'x@example.org' }, organizations: options('Alder') },
  roles: { items: [{ role: 'curator', organization: long.name, url: '/admin/organizations/o1', closed: false, take: { organizationId: 'o1' } }, { role: 'admin', organization: 'Demo State', url: null, closed: true, take: null }], takeUrl: '/admin/people/p1/roles/take', give: { actionUrl: '/admin/people/p1/roles/give', roles: options('Teacher'), organizations: options('Alder') } },
  closeUrl: '/admin/people/p1/close',
  openUrl: null,
  passwordUrl: '/admin/people/p1/password',
  handOverUrl: '/admin/people/p1/hand-over',
  logUrl: '/admin/audit?who=x',
  transfers: [transferLine],
  errors: [],
  ...more,
});
const handOver = (more: Partial<AdminHandOverPage> = {}): AdminHandOverPage => ({
  name: long.name,
  crumbs: [{ label: 'People', url: '/admin/people' }, { label: long.name, url: '/admin/people/p1' }],
  actionUrl: '/admin/people/p1/hand-over',
  stamp: 'abc',
  values: { to: '', which: 'all' },
  colleagues: [{ name: long.name, email: 'joe@example.org' }],
  total: 900,
  items: [{ id: 'r1', title: long.title, language: 'en', kind: 'resource', state: 'on the shelf', organization: long.name, ticked: true }, { id: 'c1', title: 'El agua', language: 'es', kind: 'collection', state: 'private', organization: 'Alder', ticked: false }],
  cancelUrl: '/admin/people/p1',
  errors: [],
  ...more,
});

/** Pages of organizations and people: full and empty, refused, changed meanwhile. */
export const adminFixtures: { [Name in AdminViews]: Record<string, Fixture<Views[Name]>> } = {
  'admin/people': {
    full: { props: { query: 'da', organizations: options('Anywhere'), roles: options('Any role'), states: options('Any'), narrowed: true, total: 120, people: [{ name: 'Dana Whitcomb', url: '/admin/people/p1', email: 'dana@sandstone.example', organization: 'Sandstone', memberships: [{ role: 'teacher', organization: 'Sandstone Middle School', kind: 'school' }, { role: 'lead', organization: 'Demo State', kind: 'state' }], lastSeen: day('2026-11-20'), active: true }, { name: long.name, url: '/admin/people/p2', email: `${long.word}@example.org`, organization: long.name, memberships: [], lastSeen: null, active: false }], pager: pager(1, 5, (page) => `/admin/people?page=${page}`), invitations: 3, csvUrl: '/admin/people.csv?q=da' } },
    empty: { props: { query: '', organizations: options('Anywhere'), roles: options('Any role'), states: options('Any'), narrowed: false, total: 0, people: [], pager: null, invitations: 0, csvUrl: '/admin/people.csv?q=da' } },
  },
  'admin/person': {
    full: { props: person() },
    closed: { props: person({ active: false, lastSeen: null, closeUrl: null, passwordUrl: null, openUrl: '/admin/people/p1/open', handOverUrl: null, transfers: [], roles: { items: [], takeUrl: '/admin/people/p1/roles/take', give: null } }) },
    elsewhere: { props: person({ untouchable: 'They hold a role elsewhere.', details: null, closeUrl: null, passwordUrl: null }) },
    faults: { status: 422, props: person({ errors: ['name', 'email', 'organization', 'role', 'place'].map((field) => ({ field, message: `Something about ${field}.` })) }) },
  },
  'admin/hand-over': {
    full: { props: handOver() },
    faults: { status: 422, props: handOver({ values: { to: 'x', which: 'ticked' }, errors: [{ field: 'to', message: 'Nobody has this address.' }, { field: 'item', message: 'Tick one.' }] }) },
    empty: { props: handOver({ total: 0, items: [], colleagues: [] }) },
  },
  'admin/organizations': {
    full: { props: { actionUrl: '/admin/organizations', query: '', total: 30, state: { name: 'Demo State', url: '/admin/organizations/o0' }, districts: [{ name: 'Port Haven', url: '/admin/organizations/o1', closed: false, ...amounts(), schools: [{ name: long.name, url: '/admin/organizations/o2', closed: true, ...amounts(1, 1, 0) }] }, { name: long.word, url: '/admin/organizations/o3', closed: true, ...amounts(0, 0, 0), schools: [] }], pager: pager(1, 2, (page) => `/admin/organizations?page=${page}`), values: { kind: 'district', name: '' }, kinds: ['district', 'school'], districtOptions: [{ value: '1', label: 'Port Haven', chosen: false }], errors: [] } },
    district: { props: { actionUrl: '/admin/organizations', query: 'zzz', total: 0, state: null, districts: [], pager: null, values: { kind: 'school', name: '' }, kinds: ['school'], districtOptions: [{ value: '1', label: long.name, chosen: true }], errors: [] } },
    faults: { status: 422, props: { actionUrl: '/admin/organizations', query: '', total: 0, state: null, districts: [], pager: null, values: { kind: 'school', name: long.name }, kinds: ['district', 'school'], districtOptions: [], errors: [{ field: 'name', message: 'This is needed.' }, { field: 'district', message: 'Choose the district that the school belongs to.' }] } },
  },
  'admin/organization': {
    full: { props: organization() },
    school: { props: organization({ kind: 'school', name: long.word, crumbs: [{ label: 'Organizations', url: '/admin/organizations' }, { label: long.name, url: '/admin/organizations/o1' }], closed: true, counts: none, changes: [], runningUrl: null, staff: [], schools: [], former: [], transfers: [], publishing: { mode: 'at_once', inheritedFrom: null } }) },
    merged: { props: organization({ closed: true, mergedInto: { label: long.name, url: '/admin/organizations/o9' }, changes: [], schools: [] }) },
  },
  'admin/change': {
    form: { props: change() },
    choices: { props: change({ form: { actionUrl: '/admin/organizations/o1/publishing', stamp: 'abc', submit: 'Choose this', fields: [{ kind: 'radio', id: 'mode', legend: 'What happens?', options: [{ value: 'inherit', label: `As ${long.name}`, hint: '', chosen: true }, { value: 'check_first', label: 'Checked first', hint: 'A curator looks first.', chosen: false }] }, { kind: 'select', id: 'to', label: 'Into', choose: 'Choose', options: [{ value: '1', label: long.name, chosen: false }] }] } }) },
    refused: { props: change({ touches: [], form: null, refused: { reasons: ['12 people work here.', '2 schools are open.'], links: [{ label: 'The people here', url: '/admin/people?organization=o1' }] } }) },
    faults: { status: 422, props: change({ errors: [{ field: 'name', message: 'This is needed.' }, { field: 'slug', message: 'Use small letters.' }] }) },
  },
  'admin/changed': {
    full: { status: 409, props: { name: long.name, now: [{ label: 'Name', value: long.word }, { label: 'State', value: 'Closed' }], wanted: [{ label: 'Name', value: '' }], url: '/admin/organizations/o1' } },
    bare: { status: 409, props: { name: 'X', now: [], wanted: [], url: '/admin/people/p1' } },
  },
  'admin/transfer': {
    planned: { props: transfer() },
    running: { props: transfer({ state: 'running', percent: 40, mayMove: false, items: [], itemsTotal: 0, sources: [{ before: 'main', after: 'main-harbor' }] }) },
    done: { props: transfer({ state: 'done', mayMove: false, backUrl: '/admin/transfers/t1/back', counts: [], by: null }) },
    back: { props: transfer({ state: 'done', mayMove: false, takenBackUrl: '/admin/transfers/t2', items: [], itemsTotal: 0 }) },
  },
};
