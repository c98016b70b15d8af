import type { OrganizationChangePage, AdminOrganizationPage } from '../../server/administration/organization-view.ts';
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
  peopleUrl: '/admin/people?organization=o1',
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
  counts: [{ label: 'Resources', planned: 12_345, moved: null }],
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

type AdminViews = 'admin/organizations' | 'admin/organization' | 'admin/change' | 'admin/changed' | 'admin/transfer';

/** Pages of organizations and people: full and empty, refused, changed meanwhile. */
export const adminFixtures: { [Name in AdminViews]: Record<string, Fixture<Views[Name]>> } = {
  'admin/organizations': {
    full: { props: { actionUrl: '/admin/organizations', query: '', total: 30, state: { name: 'Demo State', url: '/admin/organizations/o0' }, districts: [{ name: 'Port Haven', url: '/admin/organizations/o1', closed: false, ...amounts(), schools: [{ name: long.name, url: '/admin/organizations/o2', closed: true, ...amounts(1, 1, 0) }] }, { name: long.word, url: '/admin/organizations/o3', closed: true, ...amounts(0, 0, 0), schools: [] }], pager: pager(1, 2, (page) => `/admin/organizations?page=${page}`), values: { kind: 'district', name: '' }, kinds: ['district', 'school'], districtOptions: [{ value: '1', label: 'Port Haven', chosen: false }], errors: [] } },
    district: { props: { actionUrl: '/admin/organizations', query: 'zzz', total: 0, state: null, districts: [], pager: null, values: { kind: 'school', name: '' }, kinds: ['school'], districtOptions: [{ value: '1', label: long.name, chosen: true }], errors: [] } },
    faults: { status: 422, props: { actionUrl: '/admin/organizations', query: '', total: 0, state: null, districts: [], pager: null, values: { kind: 'school', name: long.name }, kinds: ['district', 'school'], districtOptions: [], errors: [{ field: 'name', message: 'This is needed.' }, { field: 'district', message: 'Choose its district.' }] } },
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
