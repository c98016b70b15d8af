import { peopleScope, ROLES } from '../../accounts/people-policy.ts';
import { placeOptions, placeOptionsWith, placesIn } from '../../accounts/place-options.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { isMessageKey, type Translate } from '../../locale/locale.ts';
import type { FieldError } from '../../web/page-parts.ts';
import { organizationUrl, peopleUrl, personUrl } from '../addresses.ts';
import type { AdminChangedPage, OrganizationChangePage } from '../organization-view.ts';
import { mayMoveTransfer } from '../transfers/transfer-policy.ts';
import { transferLine } from '../transfers/transfer-page.ts';
import { MOST_TICKED } from '../transfers/transfer-limits.ts';
import { transfersOf } from '../transfers/transfer-queries.ts';
import { mayTake, personPower, rolesToGive } from './person-policy.ts';
import { colleaguesOf, ownedItems, personFacts, type PersonFacts } from './person-queries.ts';
import type { AdminHandOverPage, AdminPersonPage } from './person-view.ts';

const LAST_TRANSFERS = 8;
const COLLEAGUES = 200;

/** What was sent; undefined for a field that wasn't. */
type Typed = (field: string) => string | undefined;
type Shown = { viewer: Viewer; id: string; typed: Typed | null; errors: FieldError[]; t: Translate };
type PageDeps = Pick<Deps, 'pool'>;

async function factsOf({ pool }: PageDeps, viewer: Viewer, id: string): Promise<PersonFacts> {
  const facts = await personFacts(pool, peopleScope(viewer), id);
  if (!facts) throw notFound();
  return facts;
}

/** One person, as their page shows them to whoever administers them. @throws 404 for others */
export async function personPage(deps: PageDeps, shown: Shown): Promise<AdminPersonPage> {
  const { viewer, id, typed, errors, t } = shown;
  const scope = peopleScope(viewer);
  const [facts, places, last] = await Promise.all([
    factsOf(deps, viewer, id),
    placesIn(deps.pool, scope),
    transfersOf(deps.pool, id, LAST_TRANSFERS),
  ]);
  const power = personPower(viewer, facts);
  const base = personUrl(id);
  const changeable = power.account === 'yes';
  const rolesThere = new Set(places.flatMap((place) => rolesToGive(viewer, place)));
  return {
    name: facts.name,
    email: facts.email,
    active: facts.active,
    crumbs: [{ label: t('admin.people'), url: peopleUrl }],
    organization: { label: facts.organization.name, url: organizationUrl(facts.organization.id) },
    createdAt: new Date(facts.createdAt),
    lastSeen: facts.lastSeen === null ? null : new Date(facts.lastSeen),
    counts: facts.counts,
    stamp: facts.stamp,
    untouchable: power.account === 'yes' ? null : t(`person.untouchable.${power.account}`),
    details: changeable
      ? {
          actionUrl: `${base}/details`,
          values: { name: typed?.('name') ?? facts.name, email: typed?.('email') ?? facts.email },
          organizations: placeOptionsWith(
            places,
            {
              id: facts.organization.id,
              label: t('person.worksAt.closed', { name: facts.organization.name }),
            },
            typed?.('organization') ?? facts.organization.id,
          ),
        }
      : null,
    roles: {
      items: facts.grants.map((grant) => ({
        role: grant.role,
        organization: grant.organization,
        closed: grant.closed,
        url: mayTake(viewer, grant) ? organizationUrl(grant.organizationId) : null,
        take: mayTake(viewer, grant) ? { organizationId: grant.organizationId } : null,
      })),
      takeUrl: `${base}/roles/take`,
      give: facts.active
        ? {
            actionUrl: `${base}/roles/give`,
            roles: ROLES.filter((role) => rolesThere.has(role)).map((role) => ({
              value: role,
              label: t(`role.${role}`),
              chosen: role === typed?.('role'),
            })),
            organizations: placeOptions(places, typed?.('place') ?? ''),
          }
        : null,
    },
    closeUrl: changeable && facts.active ? `${base}/close` : null,
    openUrl: changeable && !facts.active ? `${base}/open` : null,
    passwordUrl: changeable && facts.active ? `${base}/password` : null,
    handOverUrl:
      power.handOver &&
      facts.counts.resources + facts.counts.drafts + facts.counts.withdrawn + facts.counts.collections > 0
        ? `${base}/hand-over`
        : null,
    logUrl: `/admin/audit?who=${encodeURIComponent(facts.email)}`,
    transfers: last
      .filter((transfer) => mayMoveTransfer(viewer, transfer))
      .map((transfer) => transferLine(transfer, t)),
    errors,
  };
}

/** What closing an account means, before it is done. @throws 404 */
export async function closingPage(
  deps: PageDeps,
  { viewer, id, t }: Omit<Shown, 'typed' | 'errors'>,
): Promise<OrganizationChangePage> {
  const facts = await factsOf(deps, viewer, id);
  const { account } = personPower(viewer, facts);
  const { counts } = facts;
  const here = personUrl(id);
  const works = counts.resources + counts.drafts + counts.collections > 0;
  return {
    title: t('person.close.title', { name: facts.name }),
    crumbs: [
      { label: t('admin.people'), url: peopleUrl },
      { label: facts.name, url: here },
    ],
    touches: (['resources', 'drafts', 'collections', 'checks', 'tokens'] as const).map((name) => ({
      label: t(`person.count.${name}`),
      count: counts[name],
    })),
    says: [
      t('person.close.says'),
      t('person.close.resources'),
      ...(counts.checks > 0 ? [t('person.close.checks', { count: counts.checks })] : []),
      ...(works ? [t('person.close.handOver')] : []),
    ],
    refused: account === 'yes' ? null : { reasons: [t(`person.untouchable.${account}`)], links: [] },
    form:
      account === 'yes'
        ? { actionUrl: `${here}/close`, stamp: facts.stamp, fields: [], submit: t('admin.people.close') }
        : null,
    cancelUrl: here,
    errors: [],
  };
}

/** What somebody could hand over, to be chosen from. @throws 404 */
export async function handOverPage(
  deps: PageDeps,
  shown: Shown & { ticked: readonly string[] },
): Promise<AdminHandOverPage> {
  const { viewer, id, typed, errors, ticked, t } = shown;
  const facts = await factsOf(deps, viewer, id);
  if (!personPower(viewer, facts).handOver) throw notFound();
  const [colleagues, { total, items }] = await Promise.all([
    colleaguesOf(deps.pool, facts, COLLEAGUES),
    ownedItems(deps.pool, viewer, id, MOST_TICKED),
  ]);
  const chosen = new Set(ticked);
  return {
    name: facts.name,
    crumbs: [
      { label: t('admin.people'), url: peopleUrl },
      { label: facts.name, url: personUrl(id) },
    ],
    actionUrl: `${personUrl(id)}/hand-over`,
    stamp: facts.stamp,
    values: { to: typed?.('to') ?? '', which: typed?.('which') === 'ticked' ? 'ticked' : 'all' },
    colleagues,
    total,
    items: items.map((item) => {
      const key = `transfer.${item.kind}.${item.state}`;
      return {
        id: item.id,
        kind: item.kind,
        title: item.title === null ? t(`handOver.hidden.${item.kind}`) : item.title || t('share.untitled'),
        language: item.language,
        organization: item.organization,
        state: isMessageKey(key) ? t(key) : '',
        ticked: chosen.has(item.id),
      };
    }),
    cancelUrl: personUrl(id),
    errors,
  };
}

/** A person as they are now, beside what wasn't done. @throws 404 when they are out of reach now */
export async function changedPerson(
  deps: PageDeps,
  viewer: Viewer,
  { id, wanted }: { id: string; wanted: AdminChangedPage['wanted'] },
  t: Translate,
): Promise<AdminChangedPage> {
  const now = await factsOf(deps, viewer, id);
  return {
    name: now.name,
    now: [
      { label: t('admin.name'), value: now.name },
      { label: t('signIn.email'), value: now.email },
      { label: t('person.worksAt'), value: now.organization.name },
      {
        label: t('admin.roles'),
        value: now.grants.map(({ role, organization }) => `${t(`role.${role}`)}, ${organization}`).join('; '),
      },
      { label: t('admin.state'), value: t(now.active ? 'organization.open' : 'admin.people.inactive') },
    ],
    wanted,
    url: personUrl(id),
  };
}
