import { placesIn } from '../accounts/place-options.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { groupBy } from '../lib/group-by.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import { pager } from '../web/pager.ts';
import type { FieldError, Link, Option } from '../web/page-parts.ts';
import { peopleScope, administersState } from '../accounts/people-policy.ts';
import {
  logOfUrl,
  organizationsUrl,
  organizationUrl,
  peopleAtUrl,
  personUrl,
  transferUrl,
} from './addresses.ts';
import { mayChange, ORGANIZATION_CHANGES } from './organization-policy.ts';
import {
  organizationFacts,
  organizationTree,
  type OrganizationFacts,
  type TreeRow,
} from './organization-queries.ts';
import { transferLine } from './transfers/transfer-page.ts';
import { mayMoveTransfer } from './transfers/transfer-policy.ts';
import { transfersOf } from './transfers/transfer-queries.ts';
import type { AdminOrganizationPage, AdminOrganizationsPage } from './organization-view.ts';

const DISTRICTS_ON_PAGE = 25;
const LAST_TRANSFERS = 8;

/** The tree of what somebody administers, with the form for more. */
export async function organizationsPage(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  asked: { q: string; page: number },
  { typed, errors }: { typed: (field: string) => string; errors: FieldError[] },
): Promise<AdminOrganizationsPage> {
  const scope = peopleScope(viewer);
  const [{ total, rows }, choices] = await Promise.all([
    organizationTree(pool, scope, { ...asked, size: DISTRICTS_ON_PAGE }),
    placesIn(pool, scope),
  ]);
  const state = choices.find(({ kind }) => kind === 'state');
  const kinds: AdminOrganizationsPage['kinds'] = administersState(viewer)
    ? ['district', 'school']
    : ['school'];
  const districts = choices.filter(({ kind }) => kind === 'district');
  const url = (number: number) =>
    `${organizationsUrl}?${new URLSearchParams({ ...(asked.q ? { q: asked.q } : {}), page: String(number) }).toString()}`;
  return {
    actionUrl: organizationsUrl,
    query: asked.q,
    total,
    state: state ? { name: state.name, url: organizationUrl(state.id) } : null,
    districts: districtsOf(rows),
    pager: pager(asked.page, Math.ceil(total / DISTRICTS_ON_PAGE), url),
    values: { kind: typed('kind') === 'school' ? 'school' : (kinds[0] ?? 'school'), name: typed('name') },
    kinds,
    districtOptions: districts.map(({ id, name }): Option => ({
      value: id,
      label: name,
      chosen: id === typed('district') || districts.length === 1,
    })),
    errors,
  };
}

function districtsOf(rows: readonly TreeRow[]): AdminOrganizationsPage['districts'] {
  const schools = groupBy(
    rows.filter(({ kind }) => kind === 'school'),
    ({ districtId }) => districtId,
  );
  const line = ({ id, name, closed, people, resources, collections }: TreeRow) => ({
    name,
    url: organizationUrl(id),
    closed,
    people,
    resources,
    collections,
  });
  return rows
    .filter(({ kind }) => kind === 'district')
    .map((district) => ({ ...line(district), schools: (schools.get(district.id) ?? []).map(line) }));
}

/** One organization, as its page shows it. @throws 404 outside of what the viewer administers */
export async function organizationPage(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  id: string,
  t: Translate,
): Promise<AdminOrganizationPage> {
  const [facts, last] = await Promise.all([
    organizationFacts(pool, peopleScope(viewer), id),
    transfersOf(pool, id, LAST_TRANSFERS),
  ]);
  if (!facts) throw notFound();
  const transfers = last.filter((transfer) => mayMoveTransfer(viewer, transfer));
  return {
    kind: facts.kind,
    name: facts.name,
    crumbs: crumbsTo(facts, t),
    publicUrl: facts.kind === 'state' ? null : `/${facts.kind}s/${facts.slug}`,
    address: facts.slug,
    closed: facts.closed,
    mergedInto: facts.mergedInto && {
      label: facts.mergedInto.name,
      url: organizationUrl(facts.mergedInto.id),
    },
    counts: facts.counts,
    peopleUrl: peopleAtUrl(facts.id),
    logUrl: logOfUrl(facts.id),
    publishing: {
      mode: facts.publishMode,
      inheritedFrom: facts.publishChoice === null ? (facts.parent?.name ?? null) : null,
    },
    changes: ORGANIZATION_CHANGES.filter((change) => mayChange(viewer, facts, change)).map((change) => ({
      name: change,
      url: `${organizationUrl(facts.id)}/${change}`,
    })),
    runningUrl: facts.running && transferUrl(facts.running),
    staff: facts.staff.map(({ id: person, name, role }) => ({ name, role, url: personUrl(person) })),
    schools: facts.schools.map(({ id: school, ...row }) => ({ ...row, url: organizationUrl(school) })),
    former: facts.former.map(({ name, slug, until }) => ({ name, address: slug, until: new Date(until) })),
    transfers: transfers.map((transfer) => transferLine(transfer, t)),
  };
}

/** Where an organization stands, for the pages about it: the list, and a school's district. */
export function crumbsTo({ kind, parent }: OrganizationFacts, t: Translate): Link[] {
  return [
    { label: t('admin.organizations'), url: organizationsUrl },
    ...(kind === 'school' && parent ? [{ label: parent.name, url: organizationUrl(parent.id) }] : []),
  ];
}
