import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import { peopleScope } from '../accounts/people-policy.ts';
import { organizationUrl } from './addresses.ts';
import { organizationFacts, type OrganizationFacts } from './organization-queries.ts';
import type { AdminChangedPage } from './organization-view.ts';

/** An organization as it is now, for whoever was late, beside what wasn't done. @throws 404 when it is out of reach now */
export async function changedOrganization(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { id, wanted }: { id: string; wanted: AdminChangedPage['wanted'] },
  t: Translate,
): Promise<AdminChangedPage> {
  const now = await organizationFacts(pool, peopleScope(viewer), id);
  if (!now) throw notFound();
  return { name: now.name, now: organizationNow(now, t), wanted, url: organizationUrl(id) };
}

function organizationNow(now: OrganizationFacts, t: Translate): AdminChangedPage['now'] {
  const state = now.mergedInto
    ? t('organization.mergedInto', { name: now.mergedInto.name })
    : t(now.closed ? 'organization.closed' : 'organization.open');
  return [
    { label: t('admin.name'), value: now.name },
    { label: t('organization.address'), value: now.slug },
    ...(now.parent && now.kind === 'school'
      ? [{ label: t('admin.kind.district'), value: now.parent.name }]
      : []),
    { label: t('admin.state'), value: state },
    { label: t('organization.publishing'), value: t(`organization.mode.${now.publishMode}`) },
  ];
}
