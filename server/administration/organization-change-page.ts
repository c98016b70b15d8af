import { placeOptions, type PlaceRow } from '../accounts/place-options.ts';
import type { Translate } from '../locale/locale.ts';
import type { FieldError } from '../web/page-parts.ts';
import { closingFaults } from './organization-change-service.ts';
import { organizationUrl, peopleAtUrl, transferUrl } from './addresses.ts';
import { crumbsTo } from './organization-page.ts';
import { goesToAnother, type OrganizationChange } from './organization-policy.ts';
import type { OrganizationFacts } from './organization-queries.ts';
import type { OrganizationChangePage, ChangeField } from './organization-view.ts';

type Shown = {
  facts: OrganizationFacts;
  /** What may be chosen as the other end. */
  choices: readonly PlaceRow[];
  /** What was typed; undefined: nothing yet. */
  typed: (field: string) => string | undefined;
  errors: FieldError[];
  t: Translate;
};

/** The page of one change before it is made. */
export function changePage(change: OrganizationChange, shown: Shown): OrganizationChangePage {
  const { facts, t, errors } = shown;
  const here = organizationUrl(facts.id);
  const refused = refusalOf(change, shown);
  return {
    title: t(`organization.${change}.title`, { name: facts.name }),
    crumbs: [...crumbsTo(facts, t), { label: facts.name, url: here }],
    touches: touchesOf(change, shown),
    says: saysOf(change, shown),
    refused,
    form: refused
      ? null
      : {
          actionUrl: `${here}/${change}`,
          stamp: facts.stamp,
          fields: fieldsOf(change, shown),
          submit: t(`organization.${change}.submit`),
        },
    cancelUrl: here,
    errors: refused ? [] : errors,
  };
}

function touchesOf(
  change: OrganizationChange,
  { facts: { counts, kind }, t }: Shown,
): OrganizationChangePage['touches'] {
  const count = (name: keyof OrganizationFacts['counts']) => ({
    label: t(`organization.count.${name}`),
    count: counts[name],
  });
  const schools = kind === 'district' ? [count('schools')] : [];
  if (change === 'publishing') return [count('people'), count('waiting'), ...schools];
  if (change === 'rename') return [count('people'), count('resources'), count('collections'), ...schools];
  const sources = counts.sources > 0 ? [count('sources')] : [];
  const calls = counts.calls > 0 ? [count('calls')] : [];
  return [
    count('people'),
    count('resources'),
    count('others'),
    count('collections'),
    ...schools,
    ...sources,
    ...calls,
  ];
}

function saysOf(change: OrganizationChange, { facts, t }: Shown): string[] {
  const { name, kind, counts } = facts;
  switch (change) {
    case 'rename':
      return [
        t('organization.rename.says'),
        ...(counts.sources > 0 ? [t('organization.rename.sources')] : []),
      ];
    case 'move':
      return [t('organization.move.says'), t('organization.move.next')];
    case 'merge':
      return [
        t('organization.merge.says', { name }),
        t(`organization.merge.says.${kind === 'district' ? 'district' : 'school'}`),
        t('organization.merge.forGood'),
      ];
    case 'hand-over':
      return [t('organization.hand-over.says')];
    case 'close':
      return [t('organization.close.says')];
    case 'reopen':
      return [t('organization.reopen.says')];
    case 'publishing':
      return [
        t('organization.publishing.says'),
        ...(counts.waiting > 0 ? [t('organization.publishing.waiting', { count: counts.waiting })] : []),
      ];
  }
}

function refusalOf(
  change: OrganizationChange,
  { facts, choices, t }: Shown,
): OrganizationChangePage['refused'] {
  const here = organizationUrl(facts.id);
  if (facts.running)
    return {
      reasons: [t('organization.busy', { name: facts.name })],
      links: [{ label: t('transfer.look'), url: transferUrl(facts.running) }],
    };
  if (change === 'close') {
    const faults = closingFaults(facts);
    if (faults.length === 0) return null;
    const people = facts.counts.people + facts.counts.helpers > 0;
    return {
      reasons: faults.map(({ key, params }) => t(key, params)),
      links: [
        ...(people ? [{ label: t('organization.peopleHere'), url: peopleAtUrl(facts.id) }] : []),
        ...(facts.kind === 'district' && facts.counts.schools > 0
          ? [{ label: t('organization.schoolsHere'), url: `${here}#schools` }]
          : []),
        { label: t('organization.merge.instead'), url: `${here}/merge` },
      ],
    };
  }
  if (goesToAnother(change) && choices.length === 0)
    return { reasons: [t(`organization.${change}.nowhere`)], links: [] };
  return null;
}

function fieldsOf(change: OrganizationChange, { facts, choices, typed, t }: Shown): ChangeField[] {
  switch (change) {
    case 'rename':
      return [
        {
          kind: 'text',
          id: 'name',
          label: t('admin.name'),
          value: typed('name') ?? facts.name,
          maxlength: 200,
        },
        {
          kind: 'text',
          id: 'slug',
          label: t('organization.address'),
          hint: t('organization.address.hint', { path: `/${facts.kind}s/${facts.slug}` }),
          value: typed('slug') ?? facts.slug,
          maxlength: 80,
        },
      ];
    case 'move':
    case 'merge':
    case 'hand-over':
      return [
        {
          kind: 'select',
          id: 'to',
          label: t(`organization.${change}.to`),
          choose: t('share.choose'),
          options: placeOptions(choices, typed('to') ?? ''),
        },
      ];
    case 'publishing':
      return [
        {
          kind: 'radio',
          id: 'mode',
          legend: t('organization.publishing.legend'),
          options: (facts.parent
            ? (['inherit', 'at_once', 'check_first'] as const)
            : (['at_once', 'check_first'] as const)
          ).map((mode) => ({
            value: mode,
            label:
              mode === 'inherit'
                ? t('organization.mode.inherit', {
                    name: facts.parent?.name ?? '',
                    mode: t(`organization.mode.${facts.parent?.publishMode ?? 'at_once'}`),
                  })
                : t(`organization.mode.${mode}`),
            hint: mode === 'inherit' ? '' : t(`organization.mode.${mode}.hint`),
            chosen: mode === (typed('mode') ?? facts.publishChoice ?? (facts.parent ? 'inherit' : 'at_once')),
          })),
        },
      ];
    default:
      return [];
  }
}
