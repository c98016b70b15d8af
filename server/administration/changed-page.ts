import type { Response } from 'express';
import type { Viewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import { notFound } from '../errors.ts';
import { contextOf, page } from '../web/page.ts';
import type { Deps } from '../deps.ts';
import { administeredDistricts } from './admin-scope.ts';
import { organizationFacts, type OrganizationFacts } from './organization-queries.ts';
import type { AdminChangedPage } from './organization-view.ts';

/** Answers 409 with what is there now and what wasn't done. */
function showChanged(res: Response, props: AdminChangedPage): void {
  const { t } = contextOf(res);
  page(res, 'admin/changed', props, {
    title: t('changed.title', { name: props.name }),
    status: 409,
    robots: 'none',
  });
}

/** The same for an organization. @throws 404 when it is out of reach now */
export async function showChangedOrganization(
  { pool }: Pick<Deps, 'pool'>,
  res: Response,
  { viewer, id, wanted }: { viewer: Viewer; id: string; wanted: AdminChangedPage['wanted'] },
): Promise<void> {
  const { t } = contextOf(res);
  const now = await organizationFacts(pool, administeredDistricts(viewer), id);
  if (!now) throw notFound();
  showChanged(res, {
    name: now.name,
    now: organizationNow(now, t),
    wanted,
    url: `/admin/organizations/${id}`,
  });
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
